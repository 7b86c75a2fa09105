"""A PostgreSQL server of one's own for tests and measurements: in a private folder, on a Unix socket, ended with us."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

READY_WITHIN_S = 120.0
_NAME = "tidegate"
_FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
# When our end of the shell's standard input closes, however we ended, the server is stopped.
_WATCHED = (
    'exec 3<&0; "$@" </dev/null 3<&- & server=$!; '
    "(cat <&3 >/dev/null; kill -INT $server 2>/dev/null) & exec 3<&-; wait $server"
)


def programs() -> Path | None:
    """The folder with `initdb` and `postgres`, `None` where PostgreSQL is not installed."""
    if (found := shutil.which("initdb")) is not None:
        folder = Path(found).resolve().parent
        if (folder / "postgres").exists():
            return folder
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(folders, key=lambda path: int(path.parent.name) if path.parent.name.isdigit() else 0, default=None)


@contextmanager
def started(*, is_durable: bool = False) -> Iterator[str]:
    """Start a server with one empty database and give its URL; both are gone afterwards.

    A durable one writes through to the disk at every commit, for measurements; tests need not wait for that.
    Raises FileNotFoundError without PostgreSQL, RuntimeError with the server's own words when it does not start.
    """
    binaries = programs()
    if binaries is None:
        raise FileNotFoundError("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="tidegate-postgres-"))
    owner = _owner()
    try:
        if owner is not None:
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        options = ["-A", "trust", "-U", _NAME, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
        made = _as(owner, [str(binaries / "initdb"), "-D", str(folder / "data"), *options], folder)
        made.communicate()
        if made.returncode != 0:
            raise RuntimeError((folder / "log").read_text(encoding="utf-8", errors="replace"))
        settings = {"listen_addresses": "", "unix_socket_directories": str(folder), "max_connections": "80"}
        settings |= {} if is_durable else _FAST
        flags = [flag for name, value in settings.items() for flag in ("-c", f"{name}={value}")]
        server = _as(
            owner,
            ["sh", "-c", _WATCHED, "sh", str(binaries / "postgres"), "-D", str(folder / "data"), *flags],
            folder,
        )
        try:
            _await_ready(server, folder)
            yield f"postgresql://{_NAME}@/{_NAME}?host={folder}"
        finally:
            assert server.stdin is not None  # noqa: S101 - it was asked for
            server.stdin.close()
            server.wait(timeout=READY_WITHIN_S)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _owner() -> pwd.struct_passwd | None:
    """Who runs the server: it refuses to run as root, so an account without rights does then."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _as(owner: pwd.struct_passwd | None, command: list[str], folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - the programs of `programs`
            command,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "TZ": "UTC"},
            user=owner.pw_uid if owner else None,
            group=owner.pw_gid if owner else None,
            extra_groups=[] if owner else None,
            start_new_session=True,
        )


def _await_ready(server: subprocess.Popen[bytes], folder: Path) -> None:
    import psycopg

    until_s = time.monotonic() + READY_WITHIN_S
    while True:
        try:
            with psycopg.connect(host=str(folder), user=_NAME, dbname="postgres", autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {_NAME}")
                return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > until_s:
                raise RuntimeError((folder / "log").read_text(encoding="utf-8", errors="replace")) from None
            time.sleep(0.05)
