"""decided -> acted: because every endpoint was told, or because a platform that polls says it has acted."""

from collections.abc import Iterable

from django.db import connection, transaction

from tidegate.errors import NotFoundError, NotStandingError, StillHeldBackError
from tidegate.server.history.models import DecisionRow
from tidegate.server.ledger.journal import Entry, append


def acknowledge(upload_id: str, decision_id: str, now_s: float, *, actor: str = "platform") -> None:
    """Note that the platform has acted on a decision. Saying so again is harmless.

    Raises NotFoundError; NotStandingError when another decision stands or none does; StillHeldBackError while a person
    may still take it back.
    """
    with transaction.atomic():
        state, standing_id = _locked(upload_id)
        where = f"upload {upload_id}"
        if standing_id != decision_id or state not in ("decided", "acted"):
            raise NotStandingError(
                "this is not the decision that stands",
                where=where,
                next_step="get the upload again and act on the decision it shows",
            )
        held_back_s = DecisionRow.objects.values_list("undo_until_s", flat=True).get(id=decision_id)
        if (held_back_s or 0.0) > now_s:
            raise StillHeldBackError(
                "the decision may still be taken back", where=where, next_step="act once its undo_until has passed"
            )
        if state == "decided":
            append([_act(upload_id, decision_id, actor, now_s)], now_s=now_s)


def lock_uploads(upload_ids: Iterable[str]) -> None:
    """Lock uploads in one order, before anything else of a transaction, so that two never wait for each other."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for upload_id in sorted(set(upload_ids)):
            cursor.execute("SELECT 1 FROM upload WHERE id = %s FOR UPDATE", [upload_id])


def settle(upload_ids: Iterable[str], actor: str, *, now_s: float) -> list[Entry]:
    """Move uploads on to acted whose standing decision was told to every endpoint; the entries are the caller's.

    At least one must have been told, and none may be waiting or dead. Call it with the uploads locked.
    """
    entries: list[Entry] = []
    with connection.cursor() as cursor:
        for upload_id in sorted(set(upload_ids)):
            cursor.execute(
                "SELECT u.decision_id FROM upload u WHERE u.id = %s AND u.state = 'decided' "
                "AND EXISTS (SELECT 1 FROM delivery d WHERE d.upload_id = u.id AND d.decision_id = u.decision_id "
                "AND d.kind = 'upload.decided' AND d.state = 'delivered') "
                "AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.upload_id = u.id AND d.decision_id = u.decision_id "
                "AND d.kind = 'upload.decided' AND d.state IN ('waiting', 'dead'))",
                [upload_id],
            )
            found = cursor.fetchone()
            if found is not None:
                entries.append(_act(upload_id, found[0], actor, now_s))
    return entries


def _locked(upload_id: str) -> tuple[str, str]:
    lock_uploads([upload_id])
    with connection.cursor() as cursor:
        cursor.execute("SELECT state, decision_id FROM upload WHERE id = %s", [upload_id])
        found = cursor.fetchone()
    if found is None:
        raise NotFoundError("there is no such upload", where=f"upload {upload_id[:40]}", next_step="check its id")
    return found[0], found[1]


def _act(upload_id: str, decision_id: str, actor: str, now_s: float) -> Entry:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE upload SET state = 'acted', acted_at_s = %s, version = version + 1 WHERE id = %s",
            [now_s, upload_id],
        )
    return Entry(kind="upload.acted", subject=upload_id, actor=actor, body={"decision": decision_id})
