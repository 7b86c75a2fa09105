"""`accept`: the first of the four operations. What it returned for is durable, whatever happens next."""

from collections.abc import Sequence

from django.db import connection, transaction

from tidegate.records import dumps
from tidegate.server.intake.models import Stage, State
from tidegate.server.intake.record import Accepted, NewUpload
from tidegate.server.ledger.journal import Entry, append
from tidegate.server.project.bulk import insert_of

_COLUMNS: dict[str, type] = {
    **dict.fromkeys(("id", "submitted_by", "idempotency_key", "request_sha256", "external_id", "creator_id"), str),
    **dict.fromkeys(("surface", "region", "record", "context", "reference", "media_sha256"), str),
    "media_size_bytes": int,
    **dict.fromkeys(("state", "stage", "lane"), str),
    **dict.fromkeys(("accepted_at_s", "deadline_s", "due_s"), float),
    "tries": int,
    **dict.fromkeys(("lease_token", "leased_by", "last_failure", "screening_key"), str),
    **dict.fromkeys(("verdict", "clause_id", "decision_id"), str),
    "version": int,
}
MOST_AT_ONCE = 500


def accept(batch: Sequence[NewUpload], *, now_s: float) -> list[Accepted]:
    """Take uploads in, all in one transaction; the same key again answers with the upload it already made.

    Accepting again is harmless. At most `MOST_AT_ONCE` uploads. Cost: one commit for the batch.
    """
    with transaction.atomic():
        new = _insert(batch, now_s)
        entries: list[Entry] = []
        for one in batch:
            if one.upload.id in new:
                entries += _entries(one)
        append(entries, now_s=now_s)
    return _answers(batch, new)


def _insert(batch: Sequence[NewUpload], now_s: float) -> set[str]:
    # In the order of their keys: two batches with the same keys wait for each other in turn, never in a circle.
    ordered = sorted(batch, key=lambda one: (one.submitted_by, one.idempotency_key))
    rows = [_row(one, now_s) for one in ordered]
    tail = "ON CONFLICT (submitted_by, idempotency_key) DO NOTHING RETURNING id"
    with connection.cursor() as cursor:
        cursor.execute(*insert_of("upload", _COLUMNS, rows, tail))
        return {row[0] for row in cursor.fetchall()}


def _row(one: NewUpload, now_s: float) -> tuple[str | int | float, ...]:
    must_fetch = bool(one.reference) and not one.media_sha256
    return (
        one.upload.id,
        one.submitted_by,
        one.idempotency_key,
        one.request_sha256,
        one.external_id,
        one.upload.creator_id,
        one.upload.surface.value,
        one.upload.region,
        dumps(one.upload),
        dumps(one.context),
        one.reference,
        one.media_sha256,
        one.media_size_bytes,
        State.ACCEPTED.value if must_fetch else State.HELD.value,
        Stage.FETCH.value if must_fetch else Stage.SCREEN.value,
        one.lane,
        now_s,
        now_s + one.target_s,
        # Due at once, whatever a clock that is set back says later.
        *(0.0, 0, "", "", "", "", "", "", "", 1),
    )


def _entries(one: NewUpload) -> list[Entry]:
    actor = f"key:{one.submitted_by}"
    accepted = {"request_sha256": one.request_sha256, "lane": one.lane, "surface": one.upload.surface.value}
    entries = [Entry(kind="upload.accepted", subject=one.upload.id, actor=actor, body=accepted)]
    if one.media_sha256 or not one.reference:
        held = {"media_sha256": one.media_sha256, "size_bytes": one.media_size_bytes}
        entries.append(Entry(kind="upload.held", subject=one.upload.id, actor=actor, body=held))
    return entries


def _answers(batch: Sequence[NewUpload], new: set[str]) -> list[Accepted]:
    known = _known([one for one in batch if one.upload.id not in new])
    answers: list[Accepted] = []
    for one in batch:
        if one.upload.id in new:
            state = State.ACCEPTED if one.reference and not one.media_sha256 else State.HELD
            answers.append(Accepted(upload_id=one.upload.id, is_new=True, state=state.value))
            continue
        upload_id, request_sha256, state_text, verdict = known[(one.submitted_by, one.idempotency_key)]
        is_clash = request_sha256 != one.request_sha256
        answers.append(
            Accepted(upload_id=upload_id, is_new=False, state=state_text, verdict=verdict, is_clash=is_clash)
        )
    return answers


def _known(batch: Sequence[NewUpload]) -> dict[tuple[str, str], tuple[str, str, str, str]]:
    if not batch:
        return {}
    pairs = sorted({(one.submitted_by, one.idempotency_key) for one in batch})
    marks = ",".join(["(%s,%s)"] * len(pairs))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT submitted_by, idempotency_key, id, request_sha256, state, verdict FROM upload "  # noqa: S608
            f"WHERE (submitted_by, idempotency_key) IN (VALUES {marks})",
            [value for pair in pairs for value in pair],
        )
        return {(row[0], row[1]): (row[2], row[3], row[4], row[5]) for row in cursor.fetchall()}
