"""`python -m video_site --home DIR --tidegate URL`: the site, with the API key in the variable TIDEGATE_KEY."""

import argparse
import os
import signal
import sys
import threading
from pathlib import Path
from socketserver import ThreadingMixIn
from types import FrameType
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from tidegate.client import Client, Retries
from tidegate.errors import TidegateError
from video_site.gate import Gate, webhook_secret
from video_site.store import Store
from video_site.web import Site


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    timeout = 30.0

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing: addresses of creators' pages are secrets."""


def _run(options: argparse.Namespace) -> int:
    stop, wake = threading.Event(), threading.Event()

    def end(_: int, __: FrameType | None) -> None:
        stop.set()
        wake.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    options.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = Store(options.home)
    with (
        Client(options.tidegate, os.environ["TIDEGATE_KEY"], retries=Retries(most_tries=3)) as client,
        make_server(options.host, options.port, _refusing, _Server, _Handler) as server,
    ):
        own = options.public_url.rstrip("/") or f"http://{options.host}:{server.server_port}"
        gate = Gate(store, client, webhook_secret(store, client, f"{own}/tidegate/events"))
        # Nothing is served before what was decided while the site was away is known.
        gate.catch_up()
        server.set_app(Site(store, gate, wake.set))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        print(f"the site is at {own}", flush=True)  # noqa: T201
        while not stop.is_set():
            _round(gate)
            wake.wait(options.every_s)
            wake.clear()
        server.shutdown()
        thread.join()
    return 0


def _refusing(_: object, start_response: object) -> list[bytes]:
    raise RuntimeError("the site is not ready")


def _round(gate: Gate) -> None:
    """Submit what waits, and look at the feed: a webhook that was given up is found there."""
    try:
        gate.submit_waiting()
        gate.catch_up()
    except TidegateError as error:
        print(f"Tidegate is not to be had, trying again: {error}", file=sys.stderr, flush=True)  # noqa: T201


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="video_site", description="A video site that publishes what is released.")
    parser.add_argument("--home", type=Path, required=True, help="folder of the site's database and files")
    parser.add_argument("--tidegate", required=True, metavar="URL", help="address of the Tidegate server")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8090, help="port to listen on; 0 takes a free one")
    parser.add_argument("--public-url", default="", help="address that Tidegate reaches the site under")
    parser.add_argument("--every-s", type=float, default=30.0, help="seconds between two looks at the feed")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        sys.exit(_run(_options()))
    except TidegateError as error:
        sys.exit(f"the site does not start without Tidegate: {error}")
