"""The calls that are about uploads."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import is_dataclass
from typing import Any, TypedDict

from tidegate.client.answers import (
    BatchResult,
    EvidenceOfUpload,
    Explanation,
    JournalEntry,
    Precheck,
    UploadStatus,
)
from tidegate.client.bodies import Video, multipart, raw
from tidegate.client.calls import (
    PREFIX,
    Call,
    Request,
    T,
    get_call,
    json_bytes,
    new_key,
    nothing,
    post_call,
    query_of,
    segment,
)
from tidegate.client.problems import problem_of
from tidegate.client.reading import read, read_list, read_object
from tidegate.errors import UsageError
from tidegate.records import Context, DeclaredFacts, Sound, to_json

MOST_IN_A_BATCH = 500


class UploadFields(TypedDict, total=False):
    """What is told about a video; all may be left out. Names and meanings are those of `tidegate.records.Upload`.

    `external_id` is the platform's own id; `lane` the lane whose time target holds.
    """

    external_id: str
    caption: str
    hashtags: Sequence[str]
    sound: Sound | Mapping[str, Any]
    creator_id: str
    surface: str
    region: str
    language: str
    declared: DeclaredFacts | Mapping[str, Any]
    facts: Mapping[str, str]
    context: Context | Mapping[str, Any]
    lane: str


class ReferenceFields(UploadFields, total=False):
    """One entry of a batch: where the video is to be fetched from, and what is told about it."""

    media_url: str


def submit(
    video: Video, fields: Mapping[str, Any], *, key: str | None = None, wait_s: float | None = None
) -> Call[UploadStatus]:
    """Upload a video."""
    return _video_call("/uploads", video, fields, _status, key=key, wait_s=wait_s)


def submit_reference(
    url: str, fields: Mapping[str, Any], *, key: str | None = None, wait_s: float | None = None
) -> Call[UploadStatus]:
    """Hand over the address of a video."""
    return _video_call("/uploads", None, {"media_url": url, **fields}, _status, key=key, wait_s=wait_s)


def precheck(video: Video | None, url: str | None, fields: Mapping[str, Any]) -> Call[Precheck]:
    """Ask what would be decided. Raises UsageError unless it is given exactly one of video and address."""
    if (video is None) == (url is None):
        raise UsageError("precheck takes a video or a url", where="precheck", next_step="pass one of the two")
    told = fields if url is None else {"media_url": url, **fields}
    return _video_call("/precheck", video, told, lambda value: read(Precheck, value), key=None, wait_s=None)


def submit_batch(uploads: Sequence[Mapping[str, Any]], *, key: str | None = None) -> Call[tuple[BatchResult, ...]]:
    """Hand over at most `MOST_IN_A_BATCH` addresses at once."""
    return post_call("/uploads/batch", {"uploads": [plain(one) for one in uploads]}, _batch, key=key or "")


def batches(uploads: Iterable[Mapping[str, Any]], *, key: str | None = None) -> Iterable[Call[tuple[BatchResult, ...]]]:
    """The calls that hand over any number of addresses, each with a key of its own made from `key`."""
    key, part, number = key or new_key(), list[Mapping[str, Any]](), 0
    for one in uploads:
        part.append(one)
        if len(part) == MOST_IN_A_BATCH:
            yield submit_batch(part, key=f"{key}-{number}")
            part, number = [], number + 1
    if part:
        yield submit_batch(part, key=f"{key}-{number}")


def get(upload_id: str, *, wait_s: float | None = None) -> Call[UploadStatus]:
    """One upload as it stands."""
    return get_call(f"/uploads/{segment(upload_id)}", _status, {"wait": _seconds(wait_s)})


def evidence(upload_id: str) -> Call[EvidenceOfUpload]:
    """What was found in it."""
    return get_call(f"/uploads/{segment(upload_id)}/evidence", lambda value: read(EvidenceOfUpload, value))


def explanation(upload_id: str) -> Call[Explanation]:
    """Why it was decided so."""
    return get_call(f"/uploads/{segment(upload_id)}/explanation", lambda value: read(Explanation, value))


def journal(upload_id: str) -> Call[tuple[JournalEntry, ...]]:
    """Its history."""
    return get_call(f"/uploads/{segment(upload_id)}/journal", lambda value: read_list(JournalEntry, items_of(value)))


def statement(upload_id: str) -> Call[dict[str, Any]]:
    """Its statement of reasons."""
    return get_call(f"/uploads/{segment(upload_id)}/statement", read_object)


def acknowledge(upload_id: str, decision_id: str) -> Call[None]:
    """Say that the platform has acted."""
    return post_call(f"/uploads/{segment(upload_id)}/acted", {"decision_id": decision_id}, nothing)


def items_of(value: object) -> object:
    """The list of an answer, whether it stands alone or under `items`."""
    return value.get("items") if isinstance(value, Mapping) else value


def plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields as JSON values: records and sequences unfolded, what is None left out."""
    return {name: _plain(value) for name, value in fields.items() if value is not None}


def _plain(value: object) -> object:
    if is_dataclass(value):
        return {name: one for name, one in to_json(value).items() if one is not None}
    if isinstance(value, Mapping):
        return plain(value)
    if isinstance(value, tuple | list | set | frozenset):
        return [_plain(one) for one in value]
    return os.fspath(value) if isinstance(value, os.PathLike) else value


def _video_call(
    path: str,
    video: Video | None,
    fields: Mapping[str, Any],
    parse: Callable[[object], T],
    *,
    key: str | None,
    wait_s: float | None,
) -> Call[T]:
    told = plain(fields)
    headers = [("idempotency-key", key or new_key())]
    content = None
    if video is None:
        headers.append(("content-type", "application/json"))
    else:
        content = multipart(video, json_bytes(told)) if told else raw(video)
        headers.append(("content-type", content.content_type))
    request = Request(
        method="POST",
        path=PREFIX + path,
        query=query_of({"wait": _seconds(wait_s)}),
        headers=tuple(headers),
        body=json_bytes(told) if video is None else None,
        content=content,
        extra_s=wait_s or 0.0,
    )
    return Call(request=request, parse=parse)


def _seconds(wait_s: float | None) -> str | None:
    return None if wait_s is None else f"{max(0.0, wait_s):g}"


def _status(value: object) -> UploadStatus:
    return read(UploadStatus, value)


def _batch(value: object) -> tuple[BatchResult, ...]:
    results = read_object(value).get("results")
    if not isinstance(results, list):
        return (BatchResult(status=read(UploadStatus, results, "$.results")),)
    return tuple(_batch_result(read_object(one, f"$.results[{at}]"), at) for at, one in enumerate(results))


def _batch_result(one: Mapping[str, Any], at: int) -> BatchResult:
    if one.get("error") is not None:
        return BatchResult(error=problem_of(read_object(one["error"], f"$.results[{at}].error")))
    return BatchResult(status=read(UploadStatus, one, f"$.results[{at}]"))
