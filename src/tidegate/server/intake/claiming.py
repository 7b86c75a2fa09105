"""`claim` and `fail`: leases on uploads. A worker that dies is a lease that runs out, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from tidegate.errors import LeaseRanOutError
from tidegate.records import Context, Upload, loads
from tidegate.server.history.giving_up import GivenUp, give_up
from tidegate.server.ids import new_id
from tidegate.server.intake.models import Stage, State
from tidegate.server.intake.record import Claimed, Failed
from tidegate.server.ledger.journal import Entry, append

FIRST_WAIT_S = 2.0
MOST_WAIT_S = 300.0
MOST_WHY_CHARS = 500
_SILENT = f"{LeaseRanOutError.code} the worker died or fell silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseRules:
    """How long a lease lasts, and after how many failures a person gets the upload."""

    lease_s: float
    max_tries: int


def claim(stage: Stage, most: int, who: str, *, rules: LeaseRules, now_s: float) -> list[Claimed]:
    """Lease up to `most` due uploads of a stage, earliest deadline first; one that failed before comes alone.

    What has failed `max_tries` times goes to a person instead. A due time further off than any rule sets was written
    before the clock was set back, and counts as due. Costs one read when nothing is due.
    """
    beyond_s = now_s + max(rules.lease_s, MOST_WAIT_S)
    if not _is_any_due(stage, now_s, beyond_s):
        return []
    token = new_id("ls")
    with transaction.atomic():
        rows = _due(stage, most, now_s, beyond_s)
        spent = [row for row in rows if row[1] >= rules.max_tries]
        chosen = _together([row for row in rows if row[1] < rules.max_tries])
        entries = give_up([_given_up(*row) for row in spent], now_s=now_s)
        claimed = _lease([row[0] for row in chosen], stage, token, who, now_s + rules.lease_s)
        entries += [_entry(stage, one, who) for one in claimed]
        append(entries, now_s=now_s)
    return claimed


def _is_any_due(stage: Stage, now_s: float, beyond_s: float) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM upload WHERE stage = %s AND NOT (stage = '') AND (due_s <= %s OR due_s > %s) LIMIT 1",
            [stage.value, now_s, beyond_s],
        )
        return cursor.fetchone() is not None


def _due(stage: Stage, most: int, now_s: float, beyond_s: float) -> list[tuple[str, int, str]]:
    lock = " FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, tries, last_failure FROM upload WHERE stage = %s AND NOT (stage = '') "  # noqa: S608 - no values
            f"AND (due_s <= %s OR due_s > %s) ORDER BY deadline_s LIMIT %s{lock}",
            [stage.value, now_s, beyond_s, most],
        )
        return list(cursor.fetchall())


def _together(rows: Sequence[tuple[str, int, str]]) -> Sequence[tuple[str, int, str]]:
    """Those that never failed; or the one that did, alone, so that poison takes nobody with it."""
    if rows and rows[0][1] > 0:
        return rows[:1]
    return [row for row in rows if row[1] == 0]


def _given_up(upload_id: str, tries: int, last_failure: str) -> GivenUp:
    why = last_failure or _SILENT
    return GivenUp(upload_id=upload_id, tries=tries, why=why)


def _lease(ids: Sequence[str], stage: Stage, token: str, who: str, until_s: float) -> list[Claimed]:
    if not ids:
        return []
    # A worker that dies says nothing: until it says otherwise, that is what will have happened.
    state = "state = 'screening', " if stage is Stage.SCREEN else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE upload SET {state}due_s = %s, tries = tries + 1, lease_token = %s, leased_by = %s, "  # noqa: S608
            f"last_failure = %s, version = version + 1 WHERE id IN ({','.join(['%s'] * len(ids))}) "
            "RETURNING id, record, context, tries, reference, media_sha256, lane, deadline_s",
            [until_s, token, who, _SILENT, *ids],
        )
        rows = {row[0]: row for row in cursor.fetchall()}
    return [_claimed(rows[upload_id], token) for upload_id in ids]


def _claimed(row: Sequence[object], token: str) -> Claimed:
    _, record, context, tries, reference, media_sha256, lane, deadline_s = row
    return Claimed(
        upload=loads(Upload, str(record)),
        context=loads(Context, str(context)),
        lease_token=token,
        tries=int(str(tries)),
        reference=str(reference),
        media_sha256=str(media_sha256),
        lane=str(lane),
        deadline_s=float(str(deadline_s)),
    )


def _entry(stage: Stage, one: Claimed, who: str) -> Entry:
    kind = "upload.screening" if stage is Stage.SCREEN else "upload.fetching"
    return Entry(kind=kind, subject=one.upload.id, actor=f"lane:{who}", body={"tries": one.tries})


def fail(failures: Sequence[Failed], who: str, *, rules: LeaseRules, now_s: float) -> int:
    """Give leases back with the reason: due again later, or a person's after too many. How many were still held."""
    held = 0
    with transaction.atomic():
        entries: list[Entry] = []
        for one in sorted(failures, key=lambda one: one.upload_id):
            tries = _released(one, now_s)
            if tries is None:
                continue
            held += 1
            facts = {"code": one.code, "tries": tries}
            entries.append(Entry(kind="upload.failed", subject=one.upload_id, actor=f"lane:{who}", body=facts))
            if one.is_permanent or tries >= rules.max_tries:
                why = _told(one)
                entries += give_up([GivenUp(upload_id=one.upload_id, tries=tries, why=why)], now_s=now_s)
        append(entries, now_s=now_s)
    return held


def _told(one: Failed) -> str:
    """The reason as it is stored; what no database holds, such as a NUL from a file's name, is replaced."""
    text = f"{one.code} {one.why}"[:MOST_WHY_CHARS].encode("utf-8", "replace").decode("utf-8")
    return text.replace("\0", "?")


def _released(one: Failed, now_s: float) -> int | None:
    lock = " FOR UPDATE" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT tries FROM upload WHERE id = %s AND lease_token = %s AND NOT (stage = ''){lock}",  # noqa: S608
            [one.upload_id, one.lease_token],
        )
        row = cursor.fetchone()
        if row is None:
            return None
        wait_s = min(MOST_WAIT_S, FIRST_WAIT_S * 5.0 ** (int(row[0]) - 1))
        cursor.execute(
            "UPDATE upload SET due_s = %s, lease_token = '', leased_by = '', last_failure = %s, version = version + 1, "
            "state = CASE WHEN stage = 'screen' THEN 'held' ELSE state END "
            "WHERE id = %s AND lease_token = %s",
            [now_s + wait_s, _told(one), one.upload_id, one.lease_token],
        )
        return int(row[0])


def fetched(upload_id: str, lease_token: str, who: str, *, media_sha256: str, size_bytes: int, now_s: float) -> bool:
    """The media are here: accepted becomes held, and screening is next. False when the lease had run out."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE upload SET state = %s, stage = %s, media_sha256 = %s, media_size_bytes = %s, due_s = 0, "
                "tries = 0, lease_token = '', leased_by = '', last_failure = '', version = version + 1 "
                "WHERE id = %s AND lease_token = %s AND stage = 'fetch'",
                [State.HELD.value, Stage.SCREEN.value, media_sha256, size_bytes, upload_id, lease_token],
            )
            if not cursor.rowcount:
                return False
        facts = {"media_sha256": media_sha256, "size_bytes": size_bytes}
        append([Entry(kind="upload.held", subject=upload_id, actor=f"lane:{who}", body=facts)], now_s=now_s)
    return True
