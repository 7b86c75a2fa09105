"""One connection at a text desk: its request as it comes in, its answer as it goes out, without ever waiting."""

import socket

from tidegate.errors import DeskProtocolError
from tidegate.server.texts.wire import HEAD, MAX_REQUEST_BYTES, size_of

CHUNK_BYTES = 1 << 18


class Visit:
    """A connected client that sends one request and reads one answer. `until_s` is when patience with it ends."""

    def __init__(self, peer: socket.socket, *, until_s: float) -> None:
        peer.setblocking(False)
        self.peer = peer
        self.fd = peer.fileno()
        self.until_s = until_s
        self.has_gone = False
        self._got = bytearray()
        self._left: memoryview | None = None

    @property
    def is_answered(self) -> bool:
        """Whether it has an answer, sent or not."""
        return self._left is not None

    def read_on(self) -> bytes | None:
        """The whole request, or `None` while it is not here; sets `has_gone` when it will never be.

        Raises DeskProtocolError when it is too large or goes on behind its end. A client that hung up behind a whole
        request wants no answer and is gone too.
        """
        while not self.has_gone:
            try:
                chunk = self.peer.recv(CHUNK_BYTES)
            except BlockingIOError:
                break
            except OSError:
                self.has_gone = True
                break
            if not chunk:
                self.has_gone = True
            self._got += chunk
            self._check()
        return None if self.has_gone else self._whole()

    def answer(self, frame: bytes, *, until_s: float) -> None:
        """What is to be sent, and until when."""
        self._left = memoryview(frame)
        self.until_s = until_s

    def send_on(self) -> bool:
        """Send what the client takes now; whether all is sent. Sets `has_gone` when it takes nothing any more."""
        while self._left:
            try:
                self._left = self._left[self.peer.send(self._left) :]
            except BlockingIOError:
                return False
            except OSError:
                self.has_gone = True
                return False
        return True

    def _check(self) -> None:
        if len(self._got) >= HEAD.size:
            size_bytes = size_of(bytes(self._got[: HEAD.size]), MAX_REQUEST_BYTES)
            if len(self._got) > HEAD.size + size_bytes:
                raise DeskProtocolError("more than one message", where="desk")

    def _whole(self) -> bytes | None:
        if len(self._got) < HEAD.size:
            return None
        size_bytes = size_of(bytes(self._got[: HEAD.size]), MAX_REQUEST_BYTES)
        return bytes(self._got[HEAD.size :]) if len(self._got) == HEAD.size + size_bytes else None
