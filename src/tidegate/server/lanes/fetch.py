"""The lane that fetches media given by reference, several at a time, into the blob store."""

import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from tidegate.errors import FetchingFailedError, TidegateError
from tidegate.server.lanes.config import LaneConfig, name_of, read
from tidegate.server.lanes.connection import Connection

if TYPE_CHECKING:
    from tidegate.server.blobs.writer import BlobRef
    from tidegate.server.intake.record import Claimed, Failed

IDLE_S = 0.25


def make(config: str) -> "FetchLane":
    """The factory that the engine calls."""
    return FetchLane(read(config))


class FetchLane:
    """Keeps `server.fetch_threads` fetches under way. The database is spoken to by the lane's own thread alone."""

    def __init__(self, config: LaneConfig) -> None:
        self._resolved = config.resolved
        self._who = name_of("fetch")
        self._running: dict[Future[BlobRef], Claimed] = {}

    def open(self) -> None:
        """Connect, and read the rules. Raises SettingError."""
        from tidegate.server.project.setup import prepare

        prepare(self._resolved)
        from tidegate.server.intake.claiming import LeaseRules
        from tidegate.server.intake.fetch_rules import fetch_rules
        from tidegate.server.project.places import blob_store

        server = self._resolved.settings.server
        self._most = server.fetch_threads
        self._fetch_rules = fetch_rules(server)
        # A fetch may take its whole time; its lease must outlive it.
        self._rules = LeaseRules(
            lease_s=max(server.lease_s, self._fetch_rules.total_s + 60.0), max_tries=server.max_tries
        )
        self._blobs = blob_store()
        self._threads = ThreadPoolExecutor(self._most, thread_name_prefix="fetch")
        self._connection = Connection()

    def close(self) -> None:
        """Let go; what is under way is fetched again when its lease has run out."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._connection.__exit__(None, None, None)

    def step(self, wait_s: float) -> int:
        """Begin what is due, finish what has ended."""
        return self._connection.surviving(self._step, wait_s)

    def _step(self, wait_s: float) -> int:
        from tidegate.server.intake.claiming import claim
        from tidegate.server.intake.models import Stage

        free = self._most - len(self._running)
        if free:
            with self._connection.fresh():
                claimed = claim(Stage.FETCH, free, self._who, rules=self._rules, now_s=time.time())
            for one in claimed:
                self._running[self._threads.submit(self._fetch, one.reference)] = one
        if not self._running:
            time.sleep(min(wait_s, IDLE_S))
            return 0
        ended, _ = wait(self._running, timeout=min(wait_s, IDLE_S), return_when=FIRST_COMPLETED)
        for future in ended:
            self._finish(self._running.pop(future), future)
        return len(ended)

    def _fetch(self, reference: str) -> "BlobRef":
        from tidegate.server.intake.fetching import fetch

        with self._blobs.writer() as writer:
            fetch(reference, writer, self._fetch_rules)
            return writer.commit()

    def _finish(self, one: "Claimed", future: "Future[BlobRef]") -> None:
        from tidegate.server.intake.claiming import fail, fetched

        with self._connection.fresh():
            error = future.exception()
            if error is not None:
                fail([_failed(one, error)], self._who, rules=self._rules, now_s=time.time())
                return
            blob = future.result()
            fetched(
                one.upload.id,
                one.lease_token,
                self._who,
                media_sha256=blob.sha256,
                size_bytes=blob.size_bytes,
                now_s=time.time(),
            )


def _failed(one: "Claimed", error: BaseException) -> "Failed":
    from tidegate.server.intake.record import Failed

    is_coded = isinstance(error, TidegateError)
    return Failed(
        upload_id=one.upload.id,
        lease_token=one.lease_token,
        code=error.code if isinstance(error, TidegateError) else FetchingFailedError.code,
        why=error.what if isinstance(error, TidegateError) else f"fetching raised {type(error).__name__}",
        is_permanent=is_coded and not getattr(error, "is_transient", True),
    )
