"""Claims due deliveries under a lease, and writes down how they went. Sending is not done here: see the outbox lane.

A delivery is due only when no earlier `number` of the same endpoint and upload is still waiting. A lane that dies is a
lease that runs out: the delivery is sent again under the same key.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from tidegate.server.enforcement.acting import lock_uploads, settle
from tidegate.server.enforcement.endpoints import TEST_KIND
from tidegate.server.enforcement.retrying import BREAKER_FAILURES, block_s, wait_s
from tidegate.server.enforcement.sending import Answer
from tidegate.server.ids import new_id
from tidegate.server.ledger.journal import Entry, append

LEASE_S = 60.0
"""Longer than a delivery can take, from its claim to its being written down."""
_CHANCE = random.SystemRandom()


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased:
    """One delivery under a lease, with where it goes. `tries` counts this one; `sealed_secret` is opened to sign."""

    id: str
    endpoint_id: str
    url: str
    sealed_secret: str
    upload_id: str
    decision_id: str
    event_id: str
    kind: str
    body: str
    tries: int
    lease_token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One delivery and how it went."""

    delivery: Leased
    answer: Answer


@dataclass(frozen=True, slots=True)
class _Endpoint:
    id: str
    url: str
    sealed_secret: str
    failures_in_a_row: int


def claim_deliveries(free: int, busy: Mapping[str, int], *, most_each: int, now_s: float) -> list[Leased]:
    """Lease up to `free` due deliveries, shared out among their endpoints; one read when nothing is due.

    `busy` says how many of each endpoint this lane has under way: with them it gets at most `most_each`, and one whose
    breaker tripped gets one at a time.
    """
    endpoints = _endpoints_with_work(now_s) if free > 0 else []
    rooms = [(one, _room(one, busy.get(one.id, 0), most_each)) for one in endpoints]
    rooms = [(one, room) for one, room in rooms if room > 0]
    if not rooms:
        return []
    _CHANCE.shuffle(rooms)
    claimed: list[Leased] = []
    with transaction.atomic():
        for place, (endpoint, room) in enumerate(rooms):
            share = -(-(free - len(claimed)) // (len(rooms) - place))
            if share > 0:
                claimed += _lease(endpoint, min(room, share), now_s)
    return claimed


def _endpoints_with_work(now_s: float) -> list[_Endpoint]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id, e.url, e.secret, e.failures_in_a_row FROM endpoint e "
            "WHERE e.is_active AND e.blocked_until_s <= %s AND EXISTS "
            "(SELECT 1 FROM delivery d WHERE d.endpoint_id = e.id AND d.state = 'waiting' AND d.due_s <= %s)",
            [now_s, now_s],
        )
        return [_Endpoint(*row) for row in cursor.fetchall()]


def _room(endpoint: _Endpoint, busy: int, most_each: int) -> int:
    return (1 if endpoint.failures_in_a_row >= BREAKER_FAILURES else most_each) - busy


def _lease(endpoint: _Endpoint, most: int, now_s: float) -> list[Leased]:
    # What failed before has a due time of its own and goes first, but for half the room: neither starves the other.
    ids = _due(endpoint.id, -(-most // 2), now_s, after_s=0.0)
    ids += _due(endpoint.id, most - len(ids), now_s, after_s=None, but=ids)
    if not ids:
        return []
    token = new_id("ls")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE delivery SET due_s = %s, tries = tries + 1, lease_token = %s "  # noqa: S608 - marks, no values
            f"WHERE id IN ({','.join(['%s'] * len(ids))}) "
            "RETURNING id, upload_id, decision_id, event_id, kind, body, tries",
            [now_s + LEASE_S, token, *ids],
        )
        rows = cursor.fetchall()
    return [
        Leased(
            id=row[0],
            endpoint_id=endpoint.id,
            url=endpoint.url,
            sealed_secret=endpoint.sealed_secret,
            upload_id=row[1],
            decision_id=row[2],
            event_id=row[3],
            kind=row[4],
            body=row[5],
            tries=row[6],
            lease_token=token,
        )
        for row in rows
    ]


def _due(endpoint_id: str, most: int, now_s: float, *, after_s: float | None, but: Sequence[str] = ()) -> list[str]:
    """Ids in the order of their due times, then of their making; rows that another lane holds are passed over."""
    lock = " FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    since = "" if after_s is None else " AND d.due_s > %s"
    others = f" AND d.id NOT IN ({','.join(['%s'] * len(but))})" if but else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.id FROM delivery d WHERE d.endpoint_id = %s AND d.state = 'waiting' "  # noqa: S608 - as above
            f"AND d.due_s <= %s{since}{others} AND NOT EXISTS "
            "(SELECT 1 FROM delivery b WHERE b.upload_id = d.upload_id "
            "AND b.endpoint_id = d.endpoint_id AND b.number < d.number AND b.state = 'waiting') "
            f"ORDER BY d.due_s, d.id LIMIT %s{lock}",
            [endpoint_id, now_s, *([] if after_s is None else [after_s]), *but, most],
        )
        return [row[0] for row in cursor.fetchall()]


def finish_deliveries(sent: Sequence[Sent], who: str, *, now_s: float) -> int:
    """Write down how deliveries went, all in one transaction; how many were still this lane's.

    Delivered: `action.delivered`, and the upload is acted once all of its decision is. Failed: due again later, or dead
    after its last try. An endpoint that is gone is paused. Finishing twice is harmless.
    """
    actor = f"lane:{who}"
    with transaction.atomic():
        lock_uploads(one.delivery.upload_id for one in sent if one.answer.is_delivered and one.delivery.upload_id)
        entries: list[Entry] = []
        ours: list[Sent] = []
        for one in sorted(sent, key=lambda one: (one.delivery.endpoint_id, one.delivery.id)):
            state = _written(one, now_s)
            if state is None:
                continue
            ours.append(one)
            entries += _entries(one, state, actor)
        entries += _mind_endpoints(ours, actor, now_s)
        told = [one.delivery.upload_id for one in ours if one.answer.is_delivered]
        append([*entries, *settle([upload_id for upload_id in told if upload_id], actor, now_s=now_s)], now_s=now_s)
    return len(ours)


def _written(one: Sent, now_s: float) -> str | None:
    """The state a delivery is in now; `None` when its lease had passed to somebody else."""
    delivery, answer = one.delivery, one.answer
    state, due_s = "delivered", now_s
    if not answer.is_delivered:
        pause_s = wait_s(delivery.tries, asked_s=answer.asked_s, chance=_CHANCE)
        is_over = (pause_s is None or delivery.kind == TEST_KIND) and not answer.is_gone
        state, due_s = ("dead", now_s) if is_over else ("waiting", now_s + (pause_s or 0.0))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE delivery SET state = %s, due_s = %s, lease_token = '', last_status = %s, last_error = %s, "
            "delivered_at_s = %s WHERE id = %s AND lease_token = %s AND state = 'waiting'",
            [
                state,
                due_s,
                answer.status,
                answer.why,
                now_s if answer.is_delivered else None,
                delivery.id,
                delivery.lease_token,
            ],
        )
        return state if cursor.rowcount else None


def _entries(one: Sent, state: str, actor: str) -> list[Entry]:
    delivery = one.delivery
    kind = {"delivered": "action.delivered", "dead": "delivery.dead"}.get(state)
    if kind is None or delivery.kind == TEST_KIND:
        return []
    facts = {
        "delivery": delivery.id,
        "endpoint": delivery.endpoint_id,
        "event": delivery.event_id,
        "event_kind": delivery.kind,
        "tries": delivery.tries,
    }
    if state == "dead":
        facts["code"] = one.answer.why.partition(" ")[0]
    return [Entry(kind=kind, subject=delivery.upload_id, actor=actor, body=facts)]


def _mind_endpoints(ours: Sequence[Sent], actor: str, now_s: float) -> list[Entry]:
    """Breakers and pauses, endpoint by endpoint in the order of their ids."""
    entries: list[Entry] = []
    for endpoint_id in sorted({one.delivery.endpoint_id for one in ours}):
        answers = [one.answer for one in ours if one.delivery.endpoint_id == endpoint_id]
        if any(answer.is_gone for answer in answers):
            entries += _pause(endpoint_id, actor)
        if any(answer.is_delivered for answer in answers):
            _mend(endpoint_id)
        else:
            _note_failures(endpoint_id, answers, now_s)
    return entries


def _pause(endpoint_id: str, actor: str) -> list[Entry]:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE endpoint SET is_active = FALSE, paused_why = %s WHERE id = %s AND is_active",
            ["TG-W011 it answered that it is gone, status 410", endpoint_id],
        )
        if not cursor.rowcount:
            return []
    facts = {"why": "TG-W011"}
    return [Entry(kind="endpoint.paused", subject=endpoint_id, actor=actor, body=facts)]


def _mend(endpoint_id: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE endpoint SET failures_in_a_row = 0, blocked_until_s = 0 "
            "WHERE id = %s AND (failures_in_a_row > 0 OR blocked_until_s > 0)",
            [endpoint_id],
        )


def _note_failures(endpoint_id: str, answers: Sequence[Answer], now_s: float) -> None:
    asked_s = max(answer.asked_s for answer in answers)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE endpoint SET failures_in_a_row = failures_in_a_row + %s WHERE id = %s RETURNING failures_in_a_row",
            [len(answers), endpoint_id],
        )
        found = cursor.fetchone()
        if found is not None:
            until_s = now_s + max(asked_s, block_s(found[0], chance=_CHANCE))
            cursor.execute("UPDATE endpoint SET blocked_until_s = %s WHERE id = %s", [until_s, endpoint_id])
