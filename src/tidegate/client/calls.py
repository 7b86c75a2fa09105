"""One request as data: what to send, whether it may be sent twice, and how its answer is read."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from tidegate.client.bodies import Content
from tidegate.errors import UnexpectedAnswerError

T = TypeVar("T")
PREFIX = "/api/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What goes over the wire. `body` is a small body that is there, `content` one that streams; at most one of them.

    `is_repeatable`: sending it again is harmless even if the server has done it already. `extra_s` is how much longer
    than usual an answer may take.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    content: Content | None = None
    is_repeatable: bool = True
    extra_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back whole; header names in small letters."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> object:
        """The body's JSON, None for an empty one. Raises UnexpectedAnswerError."""
        if not self.body.strip():
            return None
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise UnexpectedAnswerError(
                f"the answer with status {self.status} is no JSON",
                where="answer",
                next_step="check that the address is a Tidegate server",
            ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """No answer came. `was_sent`: some of the request may have reached the server."""

    what: str
    was_sent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[T]):
    """A request and how its answer's JSON is read."""

    request: Request
    parse: Callable[[object], T]


def get_call(path: str, parse: Callable[[object], T], query: Mapping[str, object] | None = None) -> Call[T]:
    """A call that only reads; what is None in `query` is left out."""
    return Call(request=Request(method="GET", path=PREFIX + path, query=query_of(query or {})), parse=parse)


def post_call(
    path: str, body: Mapping[str, object], parse: Callable[[object], T], *, key: str = "", is_repeatable: bool = True
) -> Call[T]:
    """A call that sends JSON; `key` is its idempotency key, one is made when it is empty."""
    request = Request(
        method="POST",
        path=PREFIX + path,
        headers=(("content-type", "application/json"), ("idempotency-key", key or new_key())),
        body=json_bytes(body),
        is_repeatable=is_repeatable,
    )
    return Call(request=request, parse=parse)


def nothing(value: object) -> None:
    """Reads an answer whose content does not matter."""
    del value


def new_key() -> str:
    """An idempotency key that nobody else makes: 128 random bits."""
    return f"tgc-{secrets.token_hex(16)}"


def query_of(values: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """Query parameters as text, without those that are None or empty."""
    return tuple((name, str(value)) for name, value in values.items() if value is not None and value != "")


def segment(text: str) -> str:
    """An id as one segment of a path, whatever characters it has."""
    return quote(text, safe="")


def json_bytes(value: Mapping[str, Any]) -> bytes:
    """Compact JSON in ASCII. Raises ValueError for numbers that are not finite."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")
