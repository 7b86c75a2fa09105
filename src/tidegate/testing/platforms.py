"""A platform for tests: it uploads until it is heard, and receives webhooks as a careful receiver or a bad one does."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from tidegate.client.signatures import verify_webhook
from tidegate.errors import WebhookSignatureError


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How badly a receiver behaves: shares of its answers that are errors, come late, or close without a word."""

    failing: float = 0.0
    slow: float = 0.0
    closing: float = 0.0
    slow_s: float = 0.5


@dataclass
class Heard:
    """What a receiver was told. `applied` holds each upload's decisions in the order in which they were applied."""

    deliveries: Counter[str] = field(default_factory=Counter)
    applied: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    forged: int = 0


class Receiver:
    """Listens for webhooks on 127.0.0.1; a context manager. An event counts once, however often it is delivered."""

    def __init__(self, secret: str = "", *, manners: Manners = Manners(), seed: int = 0) -> None:
        self.secret, self.manners = secret, manners
        self.heard = Heard()
        self._chance = random.Random(seed)  # noqa: S311 - a test's misfortunes, not a secret
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}/tidegate"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait_until_applied(self, upload_ids: Sequence[str], *, kind: str, within_s: float) -> set[str]:
        """Wait for an event of a kind about each upload; those that nothing came about in time."""
        until_s = time.monotonic() + within_s
        missing = set(upload_ids)
        while missing and time.monotonic() < until_s:
            with self._lock:
                missing = {
                    one for one in missing if not any(e["type"] == kind for e in self.heard.applied.get(one, ()))
                }
            time.sleep(0.1)
        return missing

    def _take(self, body: bytes, headers: dict[str, str]) -> int:
        with self._lock:
            chance = self._chance.random()
            if chance < self.manners.failing:
                return 500
            try:
                verify_webhook(body, headers, self.secret)
            except WebhookSignatureError:
                self.heard.forged += 1
                return 401
            event_id = headers["webhook-id"]
            self.heard.deliveries[event_id] += 1
            if self.heard.deliveries[event_id] == 1:
                event = json.loads(body)
                self.heard.applied.setdefault(event["data"]["upload_id"], []).append(event)
            if chance < self.manners.failing + self.manners.slow:
                time.sleep(self.manners.slow_s)
            # Applied, and yet the sender never hears of it: it has to deliver again.
            return 0 if chance > 1.0 - self.manners.closing else 204

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers.get("content-length", 0))
                body = self.rfile.read(length)
                status = receiver._take(body, {name.lower(): value for name, value in self.headers.items()})
                if not status:
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
                """Say nothing."""

        return Handler
