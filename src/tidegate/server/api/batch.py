"""Uploads by reference, many in one request and one commit; each is taken or refused by itself."""

import functools
import time
from collections.abc import Mapping, Sequence
from typing import Any

from tidegate.errors import IdempotencyClashError, TidegateError, UploadFieldError
from tidegate.server.api.explaining import Json
from tidegate.server.ids import new_id
from tidegate.server.intake.accepting import accept
from tidegate.server.intake.backlog import Gate
from tidegate.server.intake.fields import lanes_of, parse_fields
from tidegate.server.intake.record import Accepted, NewUpload
from tidegate.server.intake.route import MOST_KEY_CHARS, checked_key, new_upload, taken_json
from tidegate.server.problems import problem_of
from tidegate.server.project.setup import settings_in_use
from tidegate.settings import ServerSettings

_PLACE_CHARS = 10
"""Room behind the key of a whole batch for the place of each entry."""


@functools.cache
def _gate(server: ServerSettings) -> Gate:
    return Gate(server)


def take(entries: Sequence[Mapping[str, Any]], *, key: str, key_id: str) -> list[Json]:
    """What became of each entry, in their order. Durable when this returns. Raises BusyError, UploadFieldError.

    With an idempotency key for the whole, each entry without one of its own has a key made of that and its place.
    """
    if len(key) > MOST_KEY_CHARS - _PLACE_CHARS:
        raise UploadFieldError(
            f"more than {MOST_KEY_CHARS - _PLACE_CHARS} characters", where="Idempotency-Key", next_step="use a UUID"
        )
    checked_key(key)
    server = settings_in_use().settings.server
    _gate(server).check()
    lanes = lanes_of(server.lanes)
    asked = [_asked(entry, at, key, key_id, lanes, server.default_lane) for at, entry in enumerate(entries)]
    new = [one for one in asked if isinstance(one, NewUpload)]
    answers = iter(accept(new, now_s=time.time()) if new else ())
    return [_refused(one) if isinstance(one, TidegateError) else _taken(next(answers)) for one in asked]


def _asked(
    entry: Mapping[str, Any], at: int, key: str, key_id: str, lanes: Mapping[str, float], default_lane: str
) -> NewUpload | TidegateError:
    try:
        parsed = parse_fields(entry, upload_id=new_id("up"), lanes=lanes, default_lane=default_lane)
        if not parsed.media_url:
            raise UploadFieldError(
                "there is no media_url", where="$.media_url", next_step="send the bytes to /api/v1/uploads instead"
            )
        own = parsed.idempotency_key or (f"{key}#{at}" if key else "")
        return new_upload(parsed, key_id, own, target_s=lanes[parsed.lane])
    except TidegateError as error:
        place = error.where[1:] if error.where.startswith("$") else f" {error.where}".rstrip()
        return type(error)(error.what, where=f"$.uploads[{at}]{place}", next_step=error.next_step)


def _taken(accepted: Accepted) -> Json:
    if not accepted.is_clash:
        return taken_json(accepted)
    return _refused(
        IdempotencyClashError(
            "this idempotency key was used for another upload",
            where=f"upload {accepted.upload_id}",
            next_step="use a key of its own for each upload",
        )
    )


def _refused(error: TidegateError) -> Json:
    return {"error": dict(problem_of(error).body)}
