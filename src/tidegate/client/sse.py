"""Server-sent events as they arrive in pieces (WHATWG HTML, section 9.2.6)."""

import codecs
from dataclasses import dataclass

from tidegate.errors import UnexpectedAnswerError

MOST_CHARACTERS = 1 << 20
"""The longest line, and the longest data of one message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message: its type, its data, and the last id that the stream had named by then."""

    kind: str
    data: str
    last_id: str


class EventParser:
    """Turns pushed bytes into messages; a new connection needs a new parser."""

    def __init__(self, last_id: str = "") -> None:
        self.last_id = last_id
        self.retry_s: float | None = None
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._is_first = True
        self._after_return = False
        self._rest = ""
        self._kind = ""
        self._data: list[str] = []
        self._size = 0

    def push(self, chunk: bytes) -> list[Message]:
        """The messages that these bytes complete. Raises UnexpectedAnswerError when one grows too long."""
        text = self._decoder.decode(chunk)
        if self._is_first and text:
            self._is_first = False
            text = text.removeprefix("\ufeff")
        if self._after_return and text:
            # A line feed that follows a carriage return of the chunk before belongs to it.
            self._after_return = False
            text = text.removeprefix("\n")
        self._after_return = self._after_return or text.endswith("\r")
        lines = (self._rest + text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._rest = lines.pop()
        if len(self._rest) > MOST_CHARACTERS:
            raise _too_long()
        return [message for line in lines if (message := self._line(line)) is not None]

    def _line(self, line: str) -> Message | None:
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._size += len(value) + 1
            if self._size > MOST_CHARACTERS:
                raise _too_long()
            self._data.append(value)
        elif name == "event":
            self._kind = value
        elif name == "id" and "\0" not in value:
            self.last_id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self.retry_s = int(value[:9]) / 1000
        return None

    def _dispatch(self) -> Message | None:
        kind, data = self._kind or "message", self._data
        self._kind, self._data, self._size = "", [], 0
        return Message(kind=kind, data="\n".join(data), last_id=self.last_id) if data else None


def _too_long() -> UnexpectedAnswerError:
    return UnexpectedAnswerError(
        f"a message of the stream is longer than {MOST_CHARACTERS} characters",
        where="stream",
        next_step="check that the address is a Tidegate server",
    )
