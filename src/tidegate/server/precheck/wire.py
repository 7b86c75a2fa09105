"""The messages between web processes and precheck desks, in the frames of the text desks."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tidegate.errors import DeskProtocolError, RecordError, RecordJsonError, TidegateError
from tidegate.records import Context, Upload, from_json, to_json
from tidegate.server.texts.wire import MAX_ANSWER_BYTES, MAX_REQUEST_BYTES, framed

VERSION = 1
_NAME = re.compile(r"pc_[0-9a-z]{26}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One precheck: what is told, and the name of the plain file in the precheck folder; empty for words alone."""

    upload: Upload
    context: Context
    file_name: str = ""


def socket_path(home: Path) -> Path:
    """The socket of the precheck desks of this home folder."""
    return home / "work" / "precheck.sock"


def request_frame(asked: Asked) -> bytes:
    """What a web process sends. Raises DeskProtocolError above a MiB."""
    message = {"upload": to_json(asked.upload), "context": to_json(asked.context), "file_name": asked.file_name}
    return framed(_written(message), MAX_REQUEST_BYTES)


def read_request(payload: bytes) -> Asked:
    """What a desk reads; a file name is one that we give, so that it leads nowhere else. Raises DeskProtocolError."""
    message = _read(payload)
    name = message.get("file_name")
    if not isinstance(name, str) or (name and not _NAME.match(name)):
        raise DeskProtocolError("a precheck of another file", where="desk")
    try:
        upload = from_json(Upload, message.get("upload"))
        context = from_json(Context, message.get("context"))
    except (RecordError, RecordJsonError) as error:
        raise DeskProtocolError(error.what, where=error.where) from error
    return Asked(upload=upload, context=context, file_name=name)


def answer_frame(result: dict[str, Any]) -> bytes:
    """What a desk answers."""
    return framed(_written({"result": result}), MAX_ANSWER_BYTES)


def error_frame(error: TidegateError) -> bytes:
    """What a desk answers instead of a result."""
    return framed(_written({"error": error.to_json()}), MAX_ANSWER_BYTES)


def read_answer(payload: bytes) -> dict[str, Any]:
    """`result` or `error` of an answer. Raises DeskProtocolError on anything else."""
    message = _read(payload)
    if not isinstance(message.get("result", message.get("error")), dict):
        raise DeskProtocolError("neither a result nor an error", where="desk")
    return message


def _written(message: dict[str, Any]) -> bytes:
    # Lone surrogates are characters of a quote, and have to come through.
    return json.dumps({"v": VERSION, **message}, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )


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
