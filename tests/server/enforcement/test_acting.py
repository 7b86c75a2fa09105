"""A platform that reads the feed says itself that it has acted."""

from collections.abc import Callable
from typing import Any

import pytest

from tidegate.errors import NotFoundError, NotStandingError, StillHeldBackError

NOW_S = 1_800_000_000.0


@pytest.fixture(autouse=True)
def _on_both(both_databases: str) -> None:
    """Everything here holds on SQLite and on PostgreSQL."""


def acknowledge(upload_id: str, decision_id: str, now_s: float) -> None:
    from tidegate.server.enforcement import acting

    acting.acknowledge(upload_id, decision_id, now_s, actor="key:ak_1")


def _upload(upload_id: str) -> Any:
    from tidegate.server.intake.models import UploadRow

    return UploadRow.objects.get(id=upload_id)


def test_saying_so_twice_is_harmless(decided: Callable[..., str], journal: Any) -> None:
    upload_id = decided(now_s=NOW_S)
    for _ in range(2):
        acknowledge(upload_id, _upload(upload_id).decision_id, NOW_S + 1)
    assert (_upload(upload_id).state, _upload(upload_id).acted_at_s) == ("acted", NOW_S + 1)
    assert journal("upload.acted") == [("upload.acted", upload_id)]


def test_only_the_decision_that_stands_is_acted_on(
    decided: Callable[..., str], accepted: Callable[..., str], journal: Any
) -> None:
    upload_id, held, waiting = decided(now_s=NOW_S), decided("held", now_s=NOW_S), accepted(now_s=NOW_S)
    for one, decision_id in ((upload_id, "de_other"), (held, _upload(held).decision_id), (waiting, "")):
        with pytest.raises(NotStandingError):
            acknowledge(one, decision_id, NOW_S)
    with pytest.raises(NotFoundError):
        acknowledge("up_none", "de_other", NOW_S)
    assert journal("upload.acted") == []


def test_nobody_acts_while_a_person_may_take_it_back(ruled: Callable[..., tuple[str, str]]) -> None:
    upload_id, decision_id = ruled("removed", now_s=NOW_S)
    with pytest.raises(StillHeldBackError):
        acknowledge(upload_id, decision_id, NOW_S + 29)
    acknowledge(upload_id, decision_id, NOW_S + 30)
    assert _upload(upload_id).state == "acted"


def test_a_decision_that_was_undone_is_not_acted_on(ruled: Callable[..., tuple[str, str]], person: Any) -> None:
    from tidegate.server.casework.deciding import undo

    upload_id, decision_id = ruled("removed", now_s=NOW_S)
    undo(decision_id, person_id=person().id, now_s=NOW_S + 1)
    with pytest.raises(NotStandingError):
        acknowledge(upload_id, decision_id, NOW_S + 100)
