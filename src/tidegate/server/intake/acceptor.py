"""Group commit: uploads that arrive together are accepted in one transaction, and each caller hears of its own."""

import asyncio
import queue
import threading
import time
from dataclasses import dataclass

from tidegate.errors import BusyError, DatabaseDownError
from tidegate.server.intake.accepting import accept
from tidegate.server.intake.record import Accepted, NewUpload

MOST_WAITING = 5000
BATCH = 200


@dataclass(slots=True)
class _Waiting:
    new: NewUpload
    loop: asyncio.AbstractEventLoop
    future: "asyncio.Future[Accepted]"


class Acceptor:
    """One thread with one database connection that accepts whatever has gathered since its last commit."""

    def __init__(self, most_waiting: int = MOST_WAITING) -> None:
        self._queue: queue.Queue[_Waiting | None] = queue.Queue(most_waiting)
        self._thread = threading.Thread(target=self._run, name="acceptor", daemon=True)
        self._thread.start()

    async def accept(self, new: NewUpload) -> Accepted:
        """Durable when this returns. Raises BusyError when thousands wait already, DatabaseDownError."""
        loop = asyncio.get_running_loop()
        waiting = _Waiting(new, loop, loop.create_future())
        try:
            self._queue.put_nowait(waiting)
        except queue.Full:
            raise BusyError("too many uploads arrive at once", next_step="try again in a moment") from None
        return await waiting.future

    def close(self) -> None:
        """Accept what waits, then end."""
        self._queue.put(None)
        self._thread.join(timeout=30)

    def _run(self) -> None:
        from django.db import connections

        while (first := self._queue.get()) is not None:
            batch = [first]
            is_last = False
            while len(batch) < BATCH and not self._queue.empty():
                more = self._queue.get_nowait()
                if more is None:
                    is_last = True
                    break
                batch.append(more)
            self._accept(batch)
            if is_last:
                break
        connections.close_all()

    def _accept(self, batch: list[_Waiting]) -> None:
        from django.db import InterfaceError, OperationalError, close_old_connections, connection

        try:
            close_old_connections()
            answers = accept([one.new for one in batch], now_s=time.time())
        except (OperationalError, InterfaceError) as error:
            connection.close()
            down = DatabaseDownError(
                f"the database does not take uploads: {type(error).__name__}", next_step="try again with the same key"
            )
            _each(batch, down)
        except Exception as error:  # noqa: BLE001 - the thread must live on, and every caller must hear
            connection.close()
            if len(batch) == 1:
                _each(batch, error)
                return
            # One of them cannot be stored; the others must not suffer for it.
            for one in batch:
                self._accept([one])
        else:
            for one, answer in zip(batch, answers, strict=True):
                one.loop.call_soon_threadsafe(_tell, one.future, answer)


def _each(batch: list[_Waiting], error: Exception) -> None:
    for one in batch:
        one.loop.call_soon_threadsafe(_fail, one.future, error)


def _tell(future: "asyncio.Future[Accepted]", answer: Accepted) -> None:
    if not future.done():
        future.set_result(answer)


def _fail(future: "asyncio.Future[Accepted]", error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
