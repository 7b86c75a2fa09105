"""A real server for tests, examples and benchmarks: `tidegate serve` as a process of its own, on a port of its own."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tidegate.errors import ServeError

START_WITHIN_S = 180.0
STOP_WITHIN_S = 60.0


class RunningServer:
    """A server that runs. `url` has no slash at its end; `first_link` lets the first administrator in, once."""

    def __init__(self, process: "subprocess.Popen[str]", home: Path, flags: Sequence[str]) -> None:
        self.process, self.home, self._flags = process, home, tuple(flags)
        self.url = ""
        self.first_link: str | None = None
        self._events: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, args=(process.stdout,), daemon=True)
        self._reader.start()

    def wait_until(self, event: str, within_s: float = START_WITHIN_S) -> dict[str, Any]:
        """The next event of this name that the server prints. Raises ServeError when it ends or takes too long."""
        until_s = time.monotonic() + within_s
        while (left_s := until_s - time.monotonic()) > 0:
            try:
                told = self._events.get(timeout=left_s)
            except queue.Empty:
                break
            if told is None:
                raise ServeError("the server ended", where=self.log_tail())
            if told.get("event") == event:
                return told
            if "error" in told:
                raise ServeError(f"{told['error']['code']} {told['error']['what']}", where=told["error"]["where"])
        raise ServeError(f"no {event!r} within {within_s:.0f} s", where=self.log_tail())

    def key(self, *scopes: str) -> str:
        """The secret of a new API key, made by the command line as an administrator would."""
        wanted = [part for scope in scopes for part in ("--scope", scope)]
        told = self.command("keys", "make", "test", *wanted)
        secret: str = told["secret"]
        return secret

    def command(self, *arguments: str) -> dict[str, Any]:
        """Another command on this server's home, with `--json`; the first object it prints. Raises ServeError."""
        flags = [part for flag in (f"home={self.home}", *self._flags) for part in ("--set", flag)]
        command = [sys.executable, "-m", "tidegate", *arguments, *flags, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603 - our own command
        if not done.stdout.strip():
            raise ServeError(f"`tidegate {arguments[0]}` ended with {done.returncode}", where=done.stderr[-2000:])
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[0])
        return told

    def pids(self) -> dict[str, list[int]]:
        """Lane -> the process ids that it runs in now."""
        from tidegate.server.lanes.tree import pids_of

        return pids_of(self.home / "run" / "status.json")

    def stop(self, within_s: float = STOP_WITHIN_S) -> int:
        """Ask it to end; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.kill()
            return self.process.wait()

    def kill(self) -> None:
        """End the whole tree at once, as a power cut would; its lanes end with it."""
        self.process.kill()
        self.process.wait()

    def log_tail(self, chars: int = 3000) -> str:
        """The end of what the server wrote to its log."""
        path = self.home / "serve.log"
        return path.read_text(encoding="utf-8", errors="replace")[-chars:] if path.exists() else ""

    def _read(self, stream: IO[str] | None) -> None:
        for line in stream or ():
            try:
                self._events.put(json.loads(line))
            except ValueError:
                continue
        self._events.put(None)


@contextmanager
def running_server(home: Path, *flags: str, is_ready: bool = True) -> Iterator[RunningServer]:
    """`tidegate serve` on `home` with these settings, ended on leaving. Raises ServeError.

    Its log goes to `serve.log` at home. With `is_ready` it is handed over when every lane runs.
    """
    home.mkdir(parents=True, exist_ok=True)
    given = [part for flag in (f"home={home}", *flags) for part in ("--set", flag)]
    command = [sys.executable, "-m", "tidegate", "serve", "--json", "--port", "0", *given]
    with open(home / "serve.log", "a", encoding="utf-8") as log:  # noqa: PTH123 - appending is one call
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TIDEGATE_")}
        process = subprocess.Popen(  # noqa: S603 - our own command
            command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment
        )
        server = RunningServer(process, home, flags)
        try:
            begun = server.wait_until("listening")
            server.url, server.first_link = begun["url"], begun["first_admin_link"]
            if is_ready:
                server.wait_until("ready")
            yield server
        finally:
            server.stop()
            if process.stdout is not None:
                server._reader.join(10.0)
                process.stdout.close()
