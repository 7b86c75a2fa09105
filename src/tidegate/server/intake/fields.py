"""From the fields of a submission to an Upload and its Context. Pure: JSON values in, records out."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tidegate.errors import RecordError, RecordJsonError, UploadFieldError
from tidegate.records import Context, Upload, from_json

_OF_UPLOAD = ("caption", "hashtags", "sound", "creator_id", "surface", "region", "language", "declared", "facts")
_OTHER = ("external_id", "context", "lane", "media_url", "idempotency_key")
_LISTS = ("hashtags",)
_OBJECTS = ("sound", "declared", "facts", "context")
MOST_CAPTION_CHARS = 20_000
MOST_NAME_CHARS = 255
MOST_HASHTAGS = 200
MOST_FACTS = 100
MOST_REFERENCE_CHARS = 4096
MOST_LANE_CHARS = 32
MOST_DEPTH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedUpload:
    """What a submission says. `media_url` is empty where the media came with it; `lane` is one of the server's."""

    upload: Upload
    context: Context
    external_id: str
    lane: str
    media_url: str
    idempotency_key: str
    told: Mapping[str, Any]


def parse_fields(
    data: Mapping[str, Any], *, upload_id: str, lanes: Mapping[str, float], default_lane: str
) -> ParsedUpload:
    """Read the fields; those of a form may hold lists and objects as JSON texts.

    Raises UploadFieldError for an unknown field, a wrong type, or a value out of range; `where` is its JSON path.
    """
    if unknown := sorted(set(map(str, data)) - {*_OF_UPLOAD, *_OTHER}):
        raise UploadFieldError(
            f"there is no field {unknown[0][:60]!r}",
            where="$",
            next_step=f"the fields are {', '.join((*_OF_UPLOAD, *_OTHER))}",
        )
    told = {name: _unpacked(name, value) for name, value in data.items()}
    for name, value in told.items():
        _check_value(value, f"$.{name}")
    _check_sizes(told)
    lane = _text(told, "lane") or default_lane
    if lane not in lanes:
        raise UploadFieldError(
            f"there is no lane {lane[:40]!r}", where="$.lane", next_step=f"one of {', '.join(lanes)}"
        )
    try:
        upload = from_json(Upload, {"id": upload_id, **{name: told[name] for name in _OF_UPLOAD if name in told}})
        context = from_json(Context, told.get("context", {}), where="$.context")
    except (RecordError, RecordJsonError) as error:
        raise UploadFieldError(error.what, where=error.where, next_step=error.next_step) from error
    return ParsedUpload(
        upload=upload,
        context=context,
        external_id=_text(told, "external_id"),
        lane=lane,
        media_url=_text(told, "media_url"),
        idempotency_key=_text(told, "idempotency_key"),
        told=told,
    )


def _unpacked(name: str, value: object) -> object:
    """A form has texts only: what has to be a list or an object is JSON there, and hashtags may be apart by blanks."""
    if not isinstance(value, str) or name not in (*_LISTS, *_OBJECTS):
        return value
    if name in _LISTS and not value.lstrip().startswith("["):
        return [part for part in value.replace(",", " ").split() if part]
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise UploadFieldError("is not JSON", where=f"$.{name}", next_step="write it as a JSON text") from None


def _check_value(value: object, where: str, depth: int = 0) -> None:
    """Whatever is stored must be something that every database, JSON and UTF-8 can hold."""
    if depth > MOST_DEPTH:
        raise UploadFieldError("lists and objects are nested too deep", where=where)
    if isinstance(value, str):
        _check_text(value, where)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            _check_text(str(name), where)
            _check_value(inner, f"{where}.{name}", depth + 1)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            _check_value(inner, f"{where}[{index}]", depth + 1)
    elif isinstance(value, float) and not math.isfinite(value):
        raise UploadFieldError("wanted a finite number", where=where)


def _check_text(text: str, where: str) -> None:
    if "\0" in text:
        raise UploadFieldError(
            f"there is a NUL at character {text.index(chr(0))}", where=where, next_step="leave it out"
        )
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UploadFieldError(
            f"there is half of a surrogate pair at character {error.start}",
            where=where,
            next_step="cut texts between characters, not inside one",
        ) from None


def _check_sizes(told: Mapping[str, Any]) -> None:
    caption = told.get("caption", "")
    if isinstance(caption, str) and len(caption) > MOST_CAPTION_CHARS:
        raise UploadFieldError(f"more than {MOST_CAPTION_CHARS} characters", where="$.caption")
    for name in ("external_id", "creator_id", "idempotency_key", "lane", "language"):
        value = told.get(name, "")
        if isinstance(value, str) and len(value) > MOST_NAME_CHARS:
            raise UploadFieldError(f"more than {MOST_NAME_CHARS} characters", where=f"$.{name}")
    for name, most in (("hashtags", MOST_HASHTAGS), ("facts", MOST_FACTS)):
        value = told.get(name, ())
        if isinstance(value, list | dict) and len(value) > most:
            raise UploadFieldError(f"more than {most}", where=f"$.{name}")
    if len(str(told.get("media_url", ""))) > MOST_REFERENCE_CHARS:
        raise UploadFieldError(f"more than {MOST_REFERENCE_CHARS} characters", where="$.media_url")


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name, "")
    if not isinstance(value, str):
        raise UploadFieldError("wanted a string", where=f"$.{name}")
    return value


def lanes_of(texts: tuple[str, ...]) -> dict[str, float]:
    """Lane -> target in seconds, from `server.lanes`. Raises UploadFieldError for a lane without a number."""
    lanes: dict[str, float] = {}
    for text in texts:
        name, mark, target = text.partition("=")
        name = name.strip()
        try:
            lanes[name] = float(target)
        except ValueError:
            mark = ""
        is_name = 0 < len(name) <= MOST_LANE_CHARS and name.isprintable()
        if not mark or not is_name or not 0.0 < lanes.get(name, 0.0) < math.inf:
            raise UploadFieldError(
                f"{text!r} is no lane", where="server.lanes", next_step="write it like standard=60: a name and seconds"
            )
    return lanes
