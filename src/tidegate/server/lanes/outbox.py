"""The lane that tells the platform: many deliveries under way, few of any one endpoint, one thread writes down."""

import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from tidegate.server.lanes.config import LaneConfig, name_of, read
from tidegate.server.lanes.connection import Connection

if TYPE_CHECKING:
    from tidegate.server.enforcement.delivering import Leased
    from tidegate.server.enforcement.sending import Answer

MOST_AT_A_TIME = 64
MOST_EACH = 16
IDLE_S = 0.2
LINGER_S = 0.02
"""How long to wait for others once a delivery has ended, so that many are written down in one commit."""
ORPHANS_EVERY_S = 30.0
MOST_ORPHANS = 500


def make(config: str) -> "OutboxLane":
    """The factory that the engine calls."""
    return OutboxLane(read(config))


class OutboxLane:
    """Keeps deliveries under way in threads that touch no database; claims and ends are grouped into few commits."""

    def __init__(self, config: LaneConfig) -> None:
        self._resolved = config.resolved
        self._most = int(config.extra.get("most_at_a_time", MOST_AT_A_TIME))
        self._most_each = int(config.extra.get("most_each", MOST_EACH))
        self._who = name_of("outbox")
        self._running: dict[Future[Answer], Leased] = {}
        self._next_sweep_s = 0.0

    def open(self) -> None:
        """Connect, and read the rules. Raises SettingError, KeyRingError."""
        from tidegate.server.project.setup import prepare

        prepare(self._resolved)
        from tidegate.server.enforcement.targets import rules_of
        from tidegate.server.project.places import key_ring

        self._rules = rules_of(self._resolved.settings.server.webhook_networks)
        self._ring = key_ring()
        self._threads = ThreadPoolExecutor(self._most, thread_name_prefix="deliver")
        self._connection = Connection()

    def close(self) -> None:
        """Let what is under way come to its end, which takes 15 seconds at most, and write it down."""
        try:
            self._threads.shutdown(wait=True)
            self._write_down(list(self._running))
        finally:
            self._connection.__exit__(None, None, None)

    def step(self, wait_s: float) -> int:
        """Begin what is due, write down what has ended; how many that were."""
        return self._connection.surviving(self._step, wait_s)

    def _step(self, wait_s: float) -> int:
        self._sweep()
        self._begin()
        if not self._running:
            time.sleep(min(wait_s, IDLE_S))
            return 0
        wait(self._running, timeout=min(wait_s, IDLE_S), return_when=FIRST_COMPLETED)
        wait(self._running, timeout=min(wait_s, LINGER_S))
        return self._write_down([future for future in self._running if future.done()])

    def _sweep(self) -> None:
        from tidegate.server.enforcement.replaying import cancel_orphans

        if time.monotonic() < self._next_sweep_s:
            return
        with self._connection.fresh():
            count = cancel_orphans(MOST_ORPHANS, self._who, now_s=time.time())
        self._next_sweep_s = time.monotonic() + (0.0 if count == MOST_ORPHANS else ORPHANS_EVERY_S)

    def _begin(self) -> None:
        from tidegate.server.enforcement.delivering import claim_deliveries

        busy: dict[str, int] = {}
        for one in self._running.values():
            busy[one.endpoint_id] = busy.get(one.endpoint_id, 0) + 1
        free = self._most - len(self._running)
        with self._connection.fresh():
            claimed = claim_deliveries(free, busy, most_each=self._most_each, now_s=time.time())
        for delivery in claimed:
            self._running[self._threads.submit(self._send, delivery)] = delivery

    def _send(self, delivery: "Leased") -> "Answer":
        from tidegate.errors import TidegateError
        from tidegate.server.enforcement.endpoints import secret_purpose
        from tidegate.server.enforcement.sending import Answer, Post, send

        try:
            secret = self._ring.unseal(delivery.sealed_secret, secret_purpose(delivery.endpoint_id))
        except TidegateError as error:
            return Answer(why=f"{error.code} {error.what}")
        return send(Post(url=delivery.url, secret=secret, event_id=delivery.event_id, body=delivery.body), self._rules)

    def _write_down(self, ended: "list[Future[Answer]]") -> int:
        from tidegate.server.enforcement.delivering import Sent, finish_deliveries

        if not ended:
            return 0
        sent = [Sent(delivery=self._running.pop(future), answer=future.result()) for future in ended]
        with self._connection.fresh():
            finish_deliveries(sent, self._who, now_s=time.time())
        return len(sent)
