"""The lane that answers requests: uvicorn in a thread, on a socket that the whole process tree shares."""

import asyncio
import socket
import threading
import time
from typing import TYPE_CHECKING

from tidegate.errors import LaneLostError
from tidegate.server.lanes.config import LaneConfig, read

if TYPE_CHECKING:
    import uvicorn

DRAIN_S = 10.0


def make(config: str) -> "WebLane":
    """The factory that the engine calls."""
    return WebLane(read(config))


class WebLane:
    """Serves until it is closed. A step proves that the event loop still turns."""

    def __init__(self, config: LaneConfig) -> None:
        self._resolved = config.resolved
        self._fd = int(config.extra["listen_fd"])
        self._server: uvicorn.Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def open(self) -> None:
        """Start serving."""
        import uvicorn

        from tidegate.server.project.setup import prepare

        prepare(self._resolved, keeps_connections=False)
        from tidegate.server.lanes.guarded import GuardedProtocol
        from tidegate.server.project.asgi import Application

        proxies = self._resolved.settings.server.trusted_proxies
        config = uvicorn.Config(
            Application(self._resolved),
            lifespan="on",
            log_config=None,
            access_log=False,
            loop="uvloop",
            http=GuardedProtocol,
            ws="none",
            server_header=False,
            proxy_headers=bool(proxies),
            forwarded_allow_ips=list(proxies),
            timeout_keep_alive=20,
            limit_concurrency=2000,
            timeout_graceful_shutdown=int(DRAIN_S),
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise LaneLostError("the web server did not start", where="lane 'web'")
            time.sleep(0.02)

    def close(self) -> None:
        """Answer what is being answered, then stop."""
        if self._server is not None:
            self._server.should_exit = True
            self._thread.join(DRAIN_S + 5.0)

    def step(self, wait_s: float) -> int:
        """Wait, and see that the loop turns. Raises LaneLostError when it does not."""
        time.sleep(wait_s)
        if not self._thread.is_alive() or self._loop is None:
            raise LaneLostError("the web server stopped", where="lane 'web'")
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), self._loop).result(timeout=120.0)
        return 0

    def _run(self) -> None:
        assert self._server is not None  # noqa: S101 - set before the thread starts
        server = self._server
        listening = socket.socket(fileno=self._fd)

        async def serve() -> None:
            self._loop = asyncio.get_running_loop()
            # Signals are the engine's business, and this is not the main thread.
            await server._serve([listening])

        import uvloop

        uvloop.run(serve())
