"""`accept`: what it returned for is there, once, whatever else arrives."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tidegate.records import Upload, loads
from tidegate.server.intake.record import NewUpload

New = Callable[..., NewUpload]
NOW_S = 1_800_000_000.0


def _accept(*batch: NewUpload, now_s: float = NOW_S) -> list[Any]:
    from tidegate.server.intake.accepting import accept

    return accept(batch, now_s=now_s)


def _kinds(subject: str) -> list[str]:
    from tidegate.server.ledger.models import EntryRow

    return list(EntryRow.objects.filter(subject=subject).order_by("seq").values_list("kind", flat=True))


def _findings() -> tuple[Any, ...]:
    from tidegate.server.ledger.verify import verify

    return verify().findings


def test_what_was_accepted_is_held_and_due_at_once(both_databases: str, new_upload: New) -> None:
    from tidegate.server.intake.models import UploadRow

    new = new_upload(caption="low tide at six", media_sha256="ab" * 32, media_size_bytes=7, lane="express", target_s=15)
    (answer,) = _accept(new)
    row = UploadRow.objects.get(id=answer.upload_id)
    assert (answer.is_new, answer.state, answer.verdict, answer.is_clash) == (True, "held", "", False)
    assert (row.state, row.stage, row.lane, row.due_s, row.tries) == ("held", "screen", "express", 0.0, 0)
    assert (row.accepted_at_s, row.deadline_s) == (NOW_S, NOW_S + 15)
    assert loads(Upload, row.record).caption == "low tide at six"
    assert _kinds(row.id) == ["upload.accepted", "upload.held"]


def test_a_reference_is_accepted_and_waits_to_be_fetched(both_databases: str, new_upload: New) -> None:
    from tidegate.server.intake.models import UploadRow

    (answer,) = _accept(new_upload(reference="https://cdn.example.org/a.mp4"))
    row = UploadRow.objects.get(id=answer.upload_id)
    assert (answer.state, row.state, row.stage) == ("accepted", "accepted", "fetch")
    assert _kinds(row.id) == ["upload.accepted"]


def test_the_same_key_again_is_the_same_upload_and_nothing_more(both_databases: str, new_upload: New) -> None:
    from tidegate.server.intake.models import UploadRow

    first = new_upload(idempotency_key="k:1", request_sha256="11" * 32)
    again = new_upload(idempotency_key="k:1", request_sha256="11" * 32)
    (made,) = _accept(first)
    (known,) = _accept(again, now_s=NOW_S + 5)
    assert known.upload_id == made.upload_id == first.upload.id
    assert (known.is_new, known.is_clash, known.state) == (False, False, "held")
    assert UploadRow.objects.count() == 1
    assert _kinds(again.upload.id) == []
    assert _findings() == ()


def test_a_repetition_is_told_the_verdict_that_there_is_by_now(both_databases: str, new_upload: New) -> None:
    from tidegate.server.intake.models import UploadRow

    (made,) = _accept(new_upload(idempotency_key="k:1", request_sha256="11" * 32))
    UploadRow.objects.filter(id=made.upload_id).update(state="decided", verdict="removed", decision_id="de_1")
    (known,) = _accept(new_upload(idempotency_key="k:1", request_sha256="11" * 32))
    assert (known.state, known.verdict) == ("decided", "removed")


def test_the_same_key_for_something_else_is_a_clash_and_takes_nothing(both_databases: str, new_upload: New) -> None:
    from tidegate.server.intake.models import UploadRow

    (made,) = _accept(new_upload(idempotency_key="k:1", request_sha256="11" * 32, caption="low tide"))
    (clash,) = _accept(new_upload(idempotency_key="k:1", request_sha256="22" * 32, caption="high tide"))
    assert (clash.is_clash, clash.is_new, clash.upload_id) == (True, False, made.upload_id)
    assert loads(Upload, UploadRow.objects.get().record).caption == "low tide"


def test_two_platforms_may_use_the_same_key(both_databases: str, new_upload: New) -> None:
    answers = _accept(
        new_upload(idempotency_key="k:1", submitted_by="ak_one"), new_upload(idempotency_key="k:1", submitted_by="ak_b")
    )
    assert [answer.is_new for answer in answers] == [True, True]


def test_the_same_content_twice_is_two_uploads_that_share_their_media(both_databases: str, new_upload: New) -> None:
    answers = _accept(new_upload(media_sha256="ab" * 32), new_upload(media_sha256="ab" * 32))
    assert len({answer.upload_id for answer in answers}) == 2
    assert _findings() == ()


def test_a_key_that_stands_twice_in_one_batch_makes_one_upload(both_databases: str, new_upload: New) -> None:
    twice = [new_upload(idempotency_key="k:1", request_sha256="11" * 32) for _ in range(2)]
    other = new_upload(idempotency_key="k:0")
    answers = _accept(twice[0], other, twice[1])
    assert [answer.is_new for answer in answers] == [True, True, False]
    assert answers[0].upload_id == answers[2].upload_id
    assert _findings() == ()


def test_answers_come_in_the_order_of_the_batch(both_databases: str, new_upload: New) -> None:
    batch = [new_upload(idempotency_key=f"k:{number}") for number in (5, 3, 9, 1)]
    assert [answer.upload_id for answer in _accept(*batch)] == [one.upload.id for one in batch]


def test_one_that_cannot_be_stored_takes_its_whole_batch_back(both_databases: str, new_upload: New) -> None:
    from django.db import DataError, connection

    from tidegate.server.intake.models import UploadRow

    with pytest.raises((UnicodeEncodeError, DataError)):
        _accept(new_upload(), new_upload(external_id="\ud800"))
    assert connection.in_atomic_block is False
    assert UploadRow.objects.count() == 0
    assert _findings() == ()


def test_the_journal_names_digests_and_no_words(both_databases: str, new_upload: New) -> None:
    from tidegate.server.ledger.models import EntryRow

    (answer,) = _accept(new_upload(caption="a caption nobody may find here", media_sha256="ab" * 32))
    bodies = list(EntryRow.objects.values_list("body", flat=True))
    assert not any("nobody may find" in body for body in bodies)
    held = json.loads(EntryRow.objects.get(subject=answer.upload_id, kind="upload.held").body)
    assert held == {"media_sha256": "ab" * 32, "size_bytes": 0}
