"""The messages between web processes and text desks: four bytes of length, then JSON in UTF-8, both bounded.

A connection carries one request and its answer. So a desk takes a connection only when it is free, and whoever waits,
waits at the listening socket, where any desk may pick it up.
"""

import json
import struct
from collections.abc import Sequence
from typing import Any

from tidegate.errors import DeskProtocolError, RecordError, RecordJsonError, TextRequestError, TidegateError
from tidegate.records import from_json, to_json
from tidegate.server.texts.record import TextRequest, TextResult
from tidegate.server.texts.rows import result_of, row_of

VERSION = 1
HEAD = struct.Struct(">I")
MAX_TEXTS_A_FRAME = 8
"""Texts of one request to a desk: few, so that a long request does not keep a short one waiting."""
MAX_REQUEST_BYTES = 1 << 20
"""Eight texts of 20,000 characters of four bytes each, and what stands beside them."""
MAX_ANSWER_BYTES = 16 << 20


def framed(payload: bytes, most_bytes: int) -> bytes:
    """A payload behind its length. Raises DeskProtocolError when it is too large."""
    if len(payload) > most_bytes:
        raise DeskProtocolError(f"a message of {len(payload)} bytes, {most_bytes} at most", where="desk")
    return HEAD.pack(len(payload)) + payload


def size_of(head: bytes, most_bytes: int) -> int:
    """The length that a head announces. Raises DeskProtocolError when it is too large or nothing."""
    (size_bytes,) = HEAD.unpack(head)
    if not 0 < size_bytes <= most_bytes:
        raise DeskProtocolError(f"a message of {size_bytes} bytes, 1 to {most_bytes} are taken", where="desk")
    return int(size_bytes)


def request_frame(requests: Sequence[TextRequest]) -> bytes:
    """What a web process sends. Raises DeskProtocolError above MAX_REQUEST_BYTES."""
    return framed(_written({"v": VERSION, "texts": [to_json(one) for one in requests]}), MAX_REQUEST_BYTES)


def read_request(payload: bytes) -> tuple[TextRequest, ...]:
    """What a desk reads. Raises DeskProtocolError on anything but a request of this version."""
    message = _read(payload)
    rows = message.get("texts")
    if not isinstance(rows, list) or not 1 <= len(rows) <= MAX_TEXTS_A_FRAME:
        raise DeskProtocolError(f"a request of 1 to {MAX_TEXTS_A_FRAME} texts is expected", where="desk")
    try:
        return tuple(from_json(TextRequest, row) for row in rows)
    except (RecordError, RecordJsonError, TextRequestError) as error:
        raise DeskProtocolError(error.what, where=error.where) from error


def answer_frame(results: Sequence[TextResult]) -> bytes:
    """What a desk answers. Raises DeskProtocolError above MAX_ANSWER_BYTES."""
    return framed(_written({"v": VERSION, "results": [row_of(one) for one in results]}), MAX_ANSWER_BYTES)


def error_frame(error: TidegateError) -> bytes:
    """What a desk answers instead of results."""
    return framed(_written({"v": VERSION, "error": error.to_json()}), MAX_ANSWER_BYTES)


def read_answer(payload: bytes, count: int) -> tuple[TextResult, ...] | dict[str, str]:
    """`count` results, or the desk's error as its JSON form. Raises DeskProtocolError on anything else."""
    message = _read(payload)
    error, rows = message.get("error"), message.get("results")
    if isinstance(error, dict) and all(isinstance(value, str) for value in error.values()):
        return error
    if not isinstance(rows, list) or len(rows) != count:
        raise DeskProtocolError(f"{count} results are expected", where="desk")
    try:
        return tuple(result_of(row) for row in rows)
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise DeskProtocolError("a result that does not read as one", where="desk") from problem


def _written(message: dict[str, Any]) -> bytes:
    # Lone surrogates are characters of a text as it came, and quotes have to hold them.
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def _read(payload: bytes) -> dict[str, Any]:
    try:
        message = json.loads(payload.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise DeskProtocolError("a message that is no JSON", where="desk") from error
    if not isinstance(message, dict) or message.get("v") != VERSION:
        raise DeskProtocolError(
            f"a message of another version than {VERSION}", where="desk", next_step="restart the server as a whole"
        )
    return message
