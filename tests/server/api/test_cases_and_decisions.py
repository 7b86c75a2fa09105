"""Cases, what is decided of them and taken back, by keys and by people; the feed by its parameters; the head."""

import time
from collections.abc import Callable
from typing import Any

import pytest


def _open_case(api: Any, upload_id: str) -> str:
    (case,) = api.get(f"/cases?upload_id={upload_id}").body["items"]
    return str(case["id"])


def test_cases_come_by_deadline_and_are_narrowed(api: Any, decided: Callable[..., str]) -> None:
    now_s = time.time()
    late, soon = decided("held", now_s=now_s), decided("held", now_s=now_s - 100)
    cases = api.get("/cases").body["items"]
    assert [one["upload_id"] for one in cases] == [soon, late]
    assert (cases[0]["reason"], cases[0]["closed_at"], cases[0]["decision_id"]) == ("policy", None, "")
    api.post(f"/cases/{cases[0]['id']}/decision", {"verdict": "allowed"})
    assert [one["upload_id"] for one in api.get("/cases").body["items"]] == [late]
    assert [one["upload_id"] for one in api.get("/cases?state=closed").body["items"]] == [soon]
    assert len(api.get("/cases?state=").body["items"]) == 2
    assert api.get("/cases?reason=failed").body["items"] == []
    page = api.get("/cases?state=&limit=1").body
    following = api.get(f"/cases?state=&limit=1&after={page['next']}").body
    assert [page["items"][0]["upload_id"], following["items"][0]["upload_id"]] == [soon, late]


def test_a_key_decides_and_the_journal_says_which(api: Any, decided: Callable[..., str]) -> None:
    from tidegate.server.project.places import current_policy

    upload_id = decided("held")
    clause = current_policy().clauses[0].id
    body = {"verdict": "restricted", "actions": ["age-restrict"], "clause": clause, "note": "seen twice"}
    answer = api.post(f"/cases/{_open_case(api, upload_id)}/decision", body)
    assert answer.status == 200
    assert (answer.body["verdict"], answer.body["clause"]) == ("restricted", clause)
    assert answer.body["actions"] == [{"action": "age-restrict", "reversal": "lift-age-restriction"}]
    assert (answer.body["is_held_back"], answer.body["decided_by"]) == (True, "both")
    assert answer.body["statement_of_reasons"].startswith("st_")
    last = api.get(f"/uploads/{upload_id}/journal").body["items"][-1]
    assert last["kind"] == "upload.decided"
    assert last["actor"].startswith("key:ak_")


def test_a_decision_is_taken_back_once(api: Any, decided: Callable[..., str]) -> None:
    upload_id = decided("held")
    decision = api.post(f"/cases/{_open_case(api, upload_id)}/decision", {"verdict": "allowed"}).body
    assert api.get(f"/uploads/{upload_id}").body["decision"]["is_held_back"] is True
    undone = api.post(f"/decisions/{decision['id']}/undo")
    assert (undone.status, undone.body["state"], undone.body["verdict"]) == (200, "in_review", "held")
    assert (again := api.post(f"/decisions/{decision['id']}/undo")).status == 409
    assert again.body["code"] == "TG-H203"
    assert api.post("/decisions/de_01m8k8cyss1yjq8ggmwjt3ty3t/undo").status == 404


@pytest.mark.parametrize(
    ("body", "status", "code", "where"),
    [
        ({"verdict": "held"}, 422, "TG-H301", "$.verdict"),
        ({"verdict": "removed"}, 422, "TG-H202", "clause"),
        ({"verdict": "removed", "clause": "no_such"}, 422, "TG-H202", "clause"),
        ({"verdict": "restricted", "actions": ["explode"]}, 422, "TG-H301", "$.actions[0]"),
        ({"verdict": "allowed", "note": "\n" * 5000}, 422, "TG-H301", "$.note"),
        ({}, 422, "TG-H301", "$.verdict"),
    ],
)
def test_a_ruling_that_does_not_hold_is_refused(
    api: Any, decided: Callable[..., str], body: object, status: int, code: str, where: str
) -> None:
    answer = api.post(f"/cases/{_open_case(api, decided('held'))}/decision", body)
    assert (answer.status, answer.body["code"], answer.body["where"]) == (status, code, where)


def test_a_case_is_decided_once_and_one_that_is_not_there_never(api: Any, decided: Callable[..., str]) -> None:
    case_id = _open_case(api, decided("held"))
    assert api.post(f"/cases/{case_id}/decision", {"verdict": "allowed"}).status == 200
    again = api.post(f"/cases/{case_id}/decision", {"verdict": "allowed"})
    assert (again.status, again.body["code"]) == (409, "TG-H201")
    assert api.post("/cases/ca_01m8k8cyss1yjq8ggmwjt3ty3t/decision", {"verdict": "allowed"}).status == 404


def test_people_decide_by_their_session_with_its_token(
    api: Any, client_as: Callable[..., Any], decided: Callable[..., str]
) -> None:
    case_id = _open_case(api, decided("held"))
    reviewer = client_as("reviewer", checks_csrf=True)
    path = f"/api/v1/cases/{case_id}/decision"
    refused = reviewer.post(path, {"verdict": "allowed"}, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "TG-A009")
    assert client_as("auditor").post(path, {"verdict": "allowed"}, content_type="application/json").status_code == 403
    decision = client_as("lead").post(path, {"verdict": "allowed"}, content_type="application/json")
    assert decision.status_code == 200


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("after=x", "?after"),
        ("after=99", "?after"),
        ("after=5~7", "?after"),
        ("limit=0", "?limit"),
        ("limit=501", "?limit"),
    ],
)
def test_a_wrong_position_or_limit_is_refused(api: Any, query: str, where: str) -> None:
    answer = api.get(f"/decisions?{query}")
    assert (answer.status, answer.body["where"]) == (422, where)


def test_an_empty_feed_still_says_where_one_stands(api: Any, decided: Callable[..., str]) -> None:
    assert api.get("/decisions").body == {"items": [], "next": "0~"}
    decided()
    first = api.get("/decisions?after=0~").body
    assert [item["cursor"] for item in first["items"]] == [first["next"]]
    assert api.get(f"/decisions?after={first['next']}").body == {"items": [], "next": first["next"]}


def test_the_stream_is_refused_like_the_feed_before_it_begins(api: Any) -> None:
    assert api.get("/decisions/stream?after=x").status == 422
    assert api.get("/decisions/stream", Last_Event_ID="x").status == 422
    # Without the ASGI application there is nobody who watches.
    assert api.get("/decisions/stream").body["code"] == "TG-H303"


def test_the_head_of_the_journal_is_told(api: Any, decided: Callable[..., str]) -> None:
    entries = api.get(f"/uploads/{decided()}/journal").body["items"]
    head = api.get("/ledger/head").body
    assert head["seq"] >= entries[-1]["seq"]
    assert len(head["hash"]) == 64
