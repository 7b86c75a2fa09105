"""What people decide on an upload's page, and take back."""

import time
from collections.abc import Callable

import pytest
from django.test import Client


@pytest.fixture
def clause_id() -> str:
    """A clause of the policy in force."""
    from tidegate.server.project.places import current_policy

    return current_policy().clauses[0].id


def _case_of(upload_id: str) -> str:
    from tidegate.server.casework.models import CaseRow

    return str(CaseRow.objects.get(upload_id=upload_id, closed_at_s=None).id)


def _state(upload_id: str) -> tuple[str, str]:
    from tidegate.server.intake.models import UploadRow

    row = UploadRow.objects.get(id=upload_id)
    return row.state, row.verdict


@pytest.fixture
def desk(client_as: Callable[..., Client], decided: Callable[..., str]) -> tuple[Client, str, str]:
    """A reviewer, a held upload, and where its ruling is sent."""
    upload_id = decided("held")
    return client_as("reviewer"), upload_id, f"/cases/{_case_of(upload_id)}/decision"


def test_a_person_allows(desk: tuple[Client, str, str]) -> None:
    client, upload_id, address = desk
    response = client.post(address, {"verdict": "allowed"}, follow=True)
    assert response.redirect_chain == [(f"/uploads/{upload_id}", 302)]
    assert _state(upload_id) == ("decided", "allowed")
    assert b"Decided: allowed." in response.content
    assert client.person.name.encode() in response.content  # type: ignore[attr-defined]


def test_a_person_restricts_with_actions_and_a_clause(desk: tuple[Client, str, str], clause_id: str) -> None:
    client, upload_id, address = desk
    told = {"verdict": "restricted", "actions": ["label", "not-recommended"], "clause": clause_id, "note": "seen twice"}
    page = client.post(address, told, follow=True).content.decode()
    assert _state(upload_id) == ("decided", "restricted")
    assert "taken back by remove label" in page
    assert "taken back by recommend again" in page
    assert "Statement of reasons" in page


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ({}, "a ruling does not hold"),
        ({"verdict": "held"}, "a ruling does not hold"),
        ({"verdict": "nonsense"}, "a ruling does not hold"),
        ({"verdict": "removed"}, "a restriction needs a clause"),
        ({"verdict": "removed", "clause": "<b>none</b>"}, "a restriction needs a clause"),
        ({"verdict": "restricted"}, "a restriction needs a"),
    ],
)
def test_a_ruling_that_does_not_hold_together_is_told_and_nothing_is_lost(
    desk: tuple[Client, str, str], told: dict[str, str], wrong: str
) -> None:
    client, upload_id, address = desk
    response = client.post(address, {**told, "note": "kept <i>words</i>"})
    assert response.status_code == 422
    assert wrong in response.content.decode()
    assert b"kept &lt;i&gt;words&lt;/i&gt;" in response.content
    assert _state(upload_id) == ("in_review", "held")


def test_a_case_that_somebody_decided_already_is_told_so(desk: tuple[Client, str, str]) -> None:
    client, upload_id, address = desk
    client.post(address, {"verdict": "allowed"})
    response = client.post(address, {"verdict": "allowed"})
    assert response.status_code == 409
    assert _state(upload_id) == ("decided", "allowed")


def test_a_case_that_is_none_is_refused(client_as: Callable[..., Client]) -> None:
    assert client_as("reviewer").post("/cases/ca_none/decision", {"verdict": "allowed"}).status_code == 409


def test_a_decision_is_taken_back_in_its_window(desk: tuple[Client, str, str]) -> None:
    from tidegate.server.intake.models import UploadRow

    client, upload_id, address = desk
    page = client.post(address, {"verdict": "allowed"}, follow=True).content.decode()
    assert "data-countdown-s" in page
    undo = f"/decisions/{UploadRow.objects.get(id=upload_id).decision_id}/undo"
    assert undo in page
    page = client.post(undo, follow=True).content.decode()
    assert "the case is open again" in page
    assert _state(upload_id) == ("in_review", "held")
    assert "Decision taken back" in page


def test_after_its_window_a_decision_is_not_offered_and_not_taken_back(desk: tuple[Client, str, str]) -> None:
    from tidegate.server.history.models import DecisionRow

    client, upload_id, address = desk
    client.post(address, {"verdict": "allowed"})
    row = DecisionRow.objects.filter(upload_id=upload_id).order_by("-number")[0]
    DecisionRow.objects.filter(id=row.id).update(undo_until_s=time.time() - 1)
    assert b"Take back" not in client.get(f"/uploads/{upload_id}").content
    page = client.post(f"/decisions/{row.id}/undo", follow=True).content.decode()
    assert "can no longer be undone" in page
    assert _state(upload_id) == ("decided", "allowed")


def test_the_form_begins_with_the_clause_in_question(desk: tuple[Client, str, str], clause_id: str) -> None:
    client, upload_id, _ = desk
    page = client.get(f"/uploads/{upload_id}").content.decode()
    assert f'<option value="{clause_id}" selected>' in page


def test_who_only_reads_sees_no_form(client_as: Callable[..., Client], desk: tuple[Client, str, str]) -> None:
    _, upload_id, address = desk
    auditor = client_as("auditor")
    assert b"Decide this case" not in auditor.get(f"/uploads/{upload_id}").content
    assert auditor.post(address, {"verdict": "allowed"}).status_code == 403
    assert _state(upload_id) == ("in_review", "held")
