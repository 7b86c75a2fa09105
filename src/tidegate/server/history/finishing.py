"""`finish`: decision, journal and outbox in one transaction, fenced by the lease."""

from collections.abc import Sequence

from django.db import connection, transaction

from tidegate.records import Decision, Verdict, loads
from tidegate.server.history.models import DecisionRow
from tidegate.server.history.writing import NewDecision, Written, write_decision, write_screening
from tidegate.server.intake.record import Finished
from tidegate.server.ledger.journal import Entry, append


def finish(results: Sequence[Finished], who: str, *, now_s: float) -> list[str]:
    """Write what a lane found; ids of the uploads that were still its own. The others were somebody else's by then.

    Finishing twice is harmless. Cost: one commit for all.
    """
    done: list[str] = []
    with transaction.atomic():
        entries: list[Entry] = []
        # In one order, so that two never wait for each other's uploads.
        for result in sorted(results, key=lambda result: result.upload_id):
            if not _is_ours(result):
                continue
            entries += _finish_one(result, who, now_s)
            done.append(result.upload_id)
        append(entries, now_s=now_s)
    return done


def _is_ours(result: Finished) -> bool:
    lock = " FOR UPDATE" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM upload WHERE id = %s AND lease_token = %s AND state = 'screening'{lock}",  # noqa: S608
            [result.upload_id, result.lease_token],
        )
        return cursor.fetchone() is not None


def _finish_one(result: Finished, who: str, now_s: float) -> list[Entry]:
    entries: list[Entry] = []
    screening_id = ""
    if result.screening is not None:
        screening_id, screening_sha256 = write_screening(result.screening, now_s=now_s)
        facts = {"screening": screening_id, "screening_sha256": screening_sha256}
        entries.append(Entry(kind="upload.screened", subject=result.upload_id, actor=f"lane:{who}", body=facts))
    written = write_decision(
        NewDecision(
            decision=result.decision,
            actor=f"lane:{who}",
            screening_id=screening_id,
            reused_from=result.reused_from,
        ),
        now_s=now_s,
    )
    _move_on(result, written, now_s)
    return [*entries, *written.entries]


def _move_on(result: Finished, written: Written, now_s: float) -> None:
    decision = result.decision
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE upload SET state = %s, stage = '', lease_token = '', leased_by = '', last_failure = '', "
            "screening_key = %s, verdict = %s, clause_id = %s, decision_id = %s, decided_at_s = %s, "
            "version = version + 1 WHERE id = %s",
            [
                written.state.value,
                result.screening_key,
                decision.verdict.value,
                decision.leading_clause_id,
                written.decision_id,
                None if decision.verdict is Verdict.HELD else now_s,
                result.upload_id,
            ],
        )


def same_before(screening_key: str, *, now_s: float) -> tuple[str, Decision] | None:
    """The id and decision of an earlier upload with the same bytes, words, facts, policy and detectors, if one stands.

    The newest copy counts. A decision that may still be undone is not taken over, and what a person took back is not
    decided again from an older copy.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT decision_id FROM upload WHERE screening_key = %s AND NOT (screening_key = '') "
            "ORDER BY accepted_at_s DESC, id DESC LIMIT 1",
            [screening_key],
        )
        found = cursor.fetchone()
    if found is None or not found[0]:
        return None
    row = DecisionRow.objects.filter(id=found[0], undone_at_s=None).first()
    if row is None or (row.undo_until_s or 0.0) > now_s:
        return None
    return row.id, loads(Decision, row.body)
