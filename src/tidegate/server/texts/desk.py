"""The lane that scores texts: it takes a connection when it is free, answers its one request, and takes the next.

Any number of processes take from one listening socket. A process that is killed loses the one request it was at; what
waits at the socket is taken by another.
"""

import contextlib
import select
import selectors
import socket
import time

from tidegate.engine.pulse import beat
from tidegate.errors import DeskProtocolError, TextsUnavailableError, TidegateError
from tidegate.server.lanes.config import LaneConfig, read
from tidegate.server.texts.scorer import Scorer
from tidegate.server.texts.visit import Visit
from tidegate.server.texts.wire import answer_frame, error_frame, read_request

MAX_VISITS = 64
"""Connections that have not sent all, or not read all; the one that was silent longest leaves for a new one."""
PATIENCE_S = 2.0
"""Seconds in which a visitor has to send its request, and then to read its answer."""
GRACE_S = 0.005
"""How long a visitor that has just come is waited for: while it is being served, others go to other desks."""
TICK_S = 0.1


def make(config: str) -> "Desk":
    """The factory that the engine calls; `extra` of the configuration holds the listening socket as `fd`."""
    return Desk(read(config))


class Desk:
    """A lane that answers one request at a time; whoever sends slowly, too much or nonsense does not hold it up."""

    def __init__(self, config: LaneConfig, scorer: Scorer | None = None) -> None:
        self._config = config
        self._scorer = scorer
        self._listener: socket.socket | None = None
        self._selector = selectors.DefaultSelector()
        self._visits: dict[int, Visit] = {}

    def open(self) -> None:
        """Load the models, take the socket. Raises PolicyError, SettingError, ModelFileError, PluginError."""
        self._scorer = self._scorer or Scorer.of(self._config.resolved)
        self._scorer.load()
        self._listen()

    def _listen(self) -> None:
        self._listener = socket.socket(fileno=int(self._config.extra["fd"]))
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ)

    def step(self, wait_s: float) -> int:
        """Answer what is there, or wait at most `wait_s`; the number of texts scored."""
        self._see_off()
        for key, _ in self._selector.select(min(wait_s, TICK_S) if self._visits else wait_s):
            visit = self._arrived() if key.fileobj is self._listener else self._visits.get(key.fd)
            if visit is None:
                continue
            # One request, then back to the engine: another desk may be free for the next.
            if count := self._attend(visit):
                return count
        return 0

    def close(self) -> None:
        """Let every visitor go and forget the socket; others still listen on it."""
        for visit in list(self._visits.values()):
            self._leave(visit)
        if self._listener is not None:
            self._selector.unregister(self._listener)
            # The socket is shared with other desks: closing is ours alone, shutting down would end theirs.
            self._listener.close()
            self._listener = None
        self._selector.close()

    def _arrived(self) -> Visit | None:
        assert self._listener is not None  # noqa: S101
        try:
            peer, _ = self._listener.accept()
        except OSError:  # another desk was faster, or the visitor has gone again
            return None
        if len(self._visits) >= MAX_VISITS:
            self._leave(min(self._visits.values(), key=lambda visit: visit.until_s))
        visit = Visit(peer, until_s=time.monotonic() + PATIENCE_S)
        self._visits[visit.fd] = visit
        self._selector.register(peer, selectors.EVENT_READ)
        select.select([peer], [], [], GRACE_S)
        return visit

    def _attend(self, visit: Visit) -> int:
        """Go on with one visitor; the number of texts scored for it."""
        if visit.is_answered:
            self._go_on_sending(visit)
            return 0
        try:
            payload = visit.read_on()
        except DeskProtocolError as error:
            self._answer(visit, error_frame(error))
            return 0
        if payload is None:
            if visit.has_gone:
                self._leave(visit)
            return 0
        answer, count = self._answer_to(payload)
        self._answer(visit, answer)
        return count

    def _answer_to(self, payload: bytes) -> tuple[bytes, int]:
        assert self._scorer is not None  # noqa: S101
        try:
            results = []
            for request in read_request(payload):
                results += self._scorer.score([request])
                beat()
            return answer_frame(results), len(results)
        except TidegateError as error:
            return error_frame(error), 0
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything; the next text is to be scored all the same
            name = type(error).__name__
            return error_frame(TextsUnavailableError(f"scoring raised {name}", where="desk")), 0

    def _answer(self, visit: Visit, frame: bytes) -> None:
        visit.answer(frame, until_s=time.monotonic() + PATIENCE_S)
        self._go_on_sending(visit)

    def _go_on_sending(self, visit: Visit) -> None:
        if visit.send_on() or visit.has_gone:
            self._leave(visit)
        else:
            self._selector.modify(visit.peer, selectors.EVENT_WRITE)

    def _see_off(self) -> None:
        now_s = time.monotonic()
        for visit in [visit for visit in self._visits.values() if visit.until_s < now_s]:
            self._leave(visit)

    def _leave(self, visit: Visit) -> None:
        del self._visits[visit.fd]
        self._selector.unregister(visit.peer)
        with contextlib.suppress(OSError):
            visit.peer.close()
