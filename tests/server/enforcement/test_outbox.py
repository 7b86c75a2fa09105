"""Events as the platform receives them, and which webhooks collect them."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

NOW_S = 1_800_000_000.0


def _rows(**filters: Any) -> Any:
    from tidegate.server.enforcement.models import DeliveryRow

    return DeliveryRow.objects.filter(**filters).order_by("number")


def test_an_event_is_as_written(
    database: str, endpoint: Callable[..., Any], decided: Callable[..., str], golden: Callable[[str, str], None]
) -> None:
    endpoint()
    decided("restricted", now_s=NOW_S, external_id="clip-7", caption="words of a person")
    text = _rows().get().body
    assert "words of a person" not in text
    event = json.loads(text)
    steady = re.sub(r"\b(up|de|st)_[0-9a-z]{26}\b", r"\1_…", json.dumps(event, indent=2, ensure_ascii=False))
    golden("server/event_upload_decided.json", steady + "\n")


def test_the_client_reads_everything_of_an_event(
    database: str, endpoint: Callable[..., Any], ruled: Callable[..., tuple[str, str]]
) -> None:
    from tidegate.client.events import event_of_webhook

    endpoint()
    upload_id, decision_id = ruled("removed", now_s=NOW_S)
    review, removal = (event_of_webhook(row.body.encode(), row.event_id) for row in _rows())
    assert (review.kind, review.decision_number, review.undo_until_s) == ("upload.in_review", 0, None)
    assert (removal.kind, removal.decision_number, removal.undo_until_s) == ("upload.decided", 1, NOW_S + 30)
    assert (removal.upload_id, removal.decision_id, removal.undone_at_s) == (upload_id, decision_id, None)
    assert (removal.actions[0].action, removal.actions[0].reversal) == ("remove", "restore")
    assert removal.policy is not None
    assert review.position < removal.position


def test_a_key_of_an_event_is_the_same_for_all_webhooks_and_differs_by_kind(
    database: str, endpoint: Callable[..., Any], decided: Callable[..., str], person: Any
) -> None:
    from tidegate.server.casework.deciding import reverse
    from tidegate.server.enforcement.outbox import event_id_of

    endpoint()
    endpoint()
    decided("removed", now_s=NOW_S)
    first = _rows()[0]
    _rows().update(tries=1)
    reverse(first.decision_id, person_id=person().id, why="a mistake", now_s=NOW_S)
    by_kind = {kind: set(_rows(kind=kind).values_list("event_id", flat=True)) for kind in _kinds()}
    assert by_kind == {kind: {event_id_of(kind, first.decision_id)} for kind in ("upload.decided", "decision.undone")}
    assert list(_rows().values_list("number", flat=True)) == [0, 0, 1, 1]


def _kinds() -> set[str]:
    return set(_rows().values_list("kind", flat=True))


def test_a_webhook_collects_the_kinds_it_asked_for_and_a_paused_one_too(
    database: str, endpoint: Callable[..., Any], decided: Callable[..., str]
) -> None:
    from tidegate.server.enforcement.endpoints import pause_endpoint

    reviews, everything = endpoint("", "upload.in_review")[0], endpoint()[0]
    pause_endpoint(everything, actor="person:pe_1", now_s=NOW_S)
    decided("held", now_s=NOW_S)
    decided("allowed", now_s=NOW_S)
    assert {row.kind for row in _rows(endpoint_id=reviews)} == {"upload.in_review"}
    assert _rows(endpoint_id=everything).count() == 2


def test_without_a_webhook_nothing_is_collected_and_the_upload_waits_for_the_platforms_word(
    both_databases: str, decided: Callable[..., str]
) -> None:
    from tidegate.server.intake.models import UploadRow

    upload_id = decided(now_s=NOW_S)
    assert not _rows().exists()
    assert UploadRow.objects.get(id=upload_id).state == "decided"


def test_an_event_is_written_with_its_decision_or_not_at_all(
    both_databases: str,
    endpoint: Callable[..., Any],
    claimed: Callable[..., Any],
    found: Callable[..., Any],
    monkeypatch: Any,
) -> None:
    from tidegate.server.history import finishing
    from tidegate.server.history.models import DecisionRow

    endpoint()
    one = claimed(now_s=NOW_S)

    def broken(entries: object, *, now_s: float) -> int:
        raise OSError("the disk is full")

    monkeypatch.setattr(finishing, "append", broken)
    with pytest.raises(OSError, match="full"):
        finishing.finish([found(one, "allowed", now_s=NOW_S)], "screen-test", now_s=NOW_S)
    assert not _rows().exists()
    assert not DecisionRow.objects.exists()
