"""Uploads over the API: listed, looked at, explained, acknowledged; each refusal says what and where."""

import time
from collections.abc import Callable
from typing import Any

import pytest

CLAUSE_ACTIONS = [{"action": "remove", "reversal": "restore"}]


def test_an_upload_is_told_with_its_decision(api: Any, decided: Callable[..., str]) -> None:
    upload_id = decided("removed", external_id="clip-1", creator_id="anna")
    answer = api.get(f"/uploads/{upload_id}")
    assert answer.status == 200
    told = answer.body
    assert (told["id"], told["external_id"], told["creator_id"]) == (upload_id, "clip-1", "anna")
    assert (told["state"], told["verdict"], told["acted_at"]) == ("decided", "removed", None)
    decision = told["decision"]
    assert (decision["number"], decision["is_final"], decision["is_held_back"]) == (0, True, False)
    assert decision["actions"] == CLAUSE_ACTIONS
    assert decision["statement_of_reasons"].startswith("st_")
    assert told["links"]["statement"] == f"/api/v1/uploads/{upload_id}/statement"
    assert told["accepted_at"].endswith("Z")


def test_an_upload_that_nobody_looked_at_has_no_decision(api: Any, accepted: Callable[..., str]) -> None:
    told = api.get(f"/uploads/{accepted()}").body
    assert (told["state"], told["verdict"], told["decision"], told["media"]) == ("held", None, None, None)


@pytest.mark.parametrize("what", ["", "/evidence", "/explanation", "/journal", "/statement"])
@pytest.mark.parametrize("upload_id", ["up_01m8k8cyss1yjq8ggmwjt3ty3t", "up_", "nothing", "%00", "up_1%0a"])
def test_an_upload_that_is_not_there_is_a_coded_404(api: Any, what: str, upload_id: str) -> None:
    answer = api.get(f"/uploads/{upload_id}{what}")
    assert (answer.status, answer.body["code"]) == (404, "TG-H214")
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_list_is_newest_first_and_narrowed_by_every_filter(
    api: Any, accepted: Callable[..., str], decided: Callable[..., str]
) -> None:
    now_s = time.time()
    old = accepted(now_s=now_s - 9, external_id="clip-1", creator_id="anna", lane="express")
    gone = decided("removed", now_s=now_s - 5, creator_id="anna")
    fine = decided("allowed", now_s=now_s - 1, creator_id="ben")
    clause = api.get(f"/uploads/{gone}").body["decision"]["clause"]

    def ids(query: str) -> list[str]:
        return [one["id"] for one in api.get(f"/uploads?{query}").body["items"]]

    assert ids("") == [fine, gone, old]
    assert ids("state=held") == [old]
    assert ids("state=decided") == [fine, gone]
    assert ids("verdict=removed") == [gone]
    assert ids(f"clause={clause}") == [gone]
    assert ids("external_id=clip-1") == [old]
    assert ids("creator_id=anna") == [gone, old]
    assert ids("lane=express") == [old]
    assert ids("creator_id=anna&state=decided") == [gone]
    assert ids("creator_id=nobody") == []


def test_pages_follow_each_other_also_among_uploads_of_the_same_moment(
    both_databases: str, api: Any, accepted: Callable[..., str]
) -> None:
    now_s = time.time()
    ids = {accepted(now_s=now_s) for _ in range(7)}
    seen: list[str] = []
    cursor = ""
    while True:
        page = api.get(f"/uploads?limit=3&after={cursor}").body
        seen += [one["id"] for one in page["items"]]
        accepted(now_s=now_s + 60)  # what comes in meanwhile moves nothing
        if page["next"] is None:
            break
        cursor = page["next"]
    assert len(seen) == 7
    assert set(seen) == ids


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("state=released", "?state"),
        ("verdict=maybe", "?verdict"),
        ("limit=0", "?limit"),
        ("limit=201", "?limit"),
        ("limit=many", "?limit"),
        ("after=abc", "?after"),
        ("creator_id=%00", "?creator_id"),
        (f"external_id={'x' * 300}", "?external_id"),
    ],
)
def test_a_wrong_parameter_is_named(api: Any, query: str, where: str) -> None:
    answer = api.get(f"/uploads?{query}")
    assert (answer.status, answer.body["where"]) == (422, where)
    assert answer.body["code"] in ("TG-H301", "TG-H302")


def test_a_list_costs_the_same_queries_however_long_it_is(api: Any, decided: Callable[..., str]) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for number in range(2):
        decided("removed" if number % 2 else "allowed")
    api.get("/uploads")
    with CaptureQueriesContext(connection) as few:
        assert len(api.get("/uploads").body["items"]) == 2
    for number in range(20):
        decided("removed" if number % 2 else "allowed")
    with CaptureQueriesContext(connection) as many:
        assert len(api.get("/uploads").body["items"]) == 22
    assert len(many) == len(few) <= 4


def test_evidence_is_the_screening_as_it_was_stored(api: Any, decided: Callable[..., str]) -> None:
    from tidegate.records import Screening, from_json

    upload_id = decided("removed")
    answer = api.get(f"/uploads/{upload_id}/evidence")
    assert answer.status == 200
    screening = from_json(Screening, answer.body)
    assert (screening.upload_id, screening.costs[0].stage) == (upload_id, "signals")


def test_a_reused_decision_shows_what_its_original_rests_on(
    api: Any, claimed: Callable[..., object], found: Callable[..., object]
) -> None:
    from dataclasses import replace

    from tidegate.server.history.finishing import finish

    first = claimed()
    finish([found(first, "removed", screening_key="same")], "screen-test", now_s=time.time())
    original = api.get(f"/uploads/{first.upload.id}").body["decision"]["id"]
    second = claimed()
    reused = replace(found(second, "removed"), screening=None, screening_key="same", reused_from=original)
    finish([reused], "screen-test", now_s=time.time())
    evidence = api.get(f"/uploads/{second.upload.id}/evidence")
    assert (evidence.status, evidence.body["upload_id"]) == (200, second.upload.id)
    assert evidence.body["costs"] == api.get(f"/uploads/{first.upload.id}/evidence").body["costs"]


def test_there_is_no_evidence_before_the_screening(api: Any, accepted: Callable[..., str]) -> None:
    upload_id = accepted()
    for what in ("evidence", "explanation", "statement"):
        answer = api.get(f"/uploads/{upload_id}/{what}")
        assert (answer.status, answer.body["code"]) == (404, "TG-H214")


def test_an_explanation_names_clause_rule_and_title(api: Any, decided: Callable[..., str]) -> None:
    from tidegate.server.project.places import current_policy

    told = api.get(f"/uploads/{decided('removed')}/explanation").body
    clause = current_policy().clauses[0]
    assert (told["verdict"], told["leading_clause"], told["actions"]) == ("removed", clause.id, CLAUSE_ACTIONS)
    (one,) = told["clauses"]
    assert (one["clause_id"], one["title"], one["outcome"], one["probability"]) == (
        clause.id,
        clause.title,
        "act",
        0.97,
    )
    assert one["trace"] == [{"rule": "above", "held": True, "why": "the probability is above the line"}]


def test_the_journal_of_an_upload_can_be_hashed_again(api: Any, decided: Callable[..., str]) -> None:
    import json

    from tidegate.server.ledger.journal import canonical, entry_hash

    upload_id = decided("removed")
    entries = api.get(f"/uploads/{upload_id}/journal").body["items"]
    assert [one["kind"] for one in entries] == [
        "upload.accepted",
        "upload.held",
        "upload.screening",
        "upload.screened",
        "upload.decided",
    ]
    for one in entries:
        body = canonical(json.loads(json.dumps(one["body"])))
        made = entry_hash(one["seq"], one["at_s"], one["kind"], upload_id, one["actor"], body, one["prev_hash"])
        assert made == one["hash"]


def test_a_statement_is_there_for_a_restriction_alone(api: Any, decided: Callable[..., str]) -> None:
    removed, allowed = decided("removed"), decided("allowed")
    told = api.get(f"/uploads/{removed}/statement").body
    assert told["decision_id"] == api.get(f"/uploads/{removed}").body["decision"]["id"]
    assert told["statement"]["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_REMOVED"]
    assert api.get(f"/uploads/{allowed}/statement").status == 404


def test_a_platform_says_that_it_has_acted(api: Any, decided: Callable[..., str]) -> None:
    upload_id = decided("removed")
    decision_id = api.get(f"/uploads/{upload_id}").body["decision"]["id"]
    for _ in range(2):
        answer = api.post(f"/uploads/{upload_id}/acted", {"decision_id": decision_id})
        assert (answer.status, answer.body["state"]) == (200, "acted")
    wrong = api.post(f"/uploads/{upload_id}/acted", {"decision_id": "de_1"})
    assert (wrong.status, wrong.body["code"]) == (409, "TG-W030")


@pytest.mark.parametrize(
    ("body", "status", "code", "where"),
    [
        (b"{", 400, "TG-I029", "body"),
        (b"[]", 400, "TG-I029", "body"),
        (b'{"decision_id": "a", "decision_id": "b"}', 400, "TG-I029", "body"),
        (b'{"decision_id": NaN}', 400, "TG-I029", "body"),
        (b'{"decision_id": "\\u0000"}', 400, "TG-I029", "body"),
        (b"\xff", 400, "TG-I029", "body"),
        (b"", 422, "TG-H301", "$"),
        (b"{}", 422, "TG-H301", "$.decision_id"),
        (b'{"decision_id": 1}', 422, "TG-H301", "$.decision_id"),
        (b'{"decision_id": "de_1", "more": 1}', 422, "TG-H301", "$.more"),
        (b'{"decision_id": "' + b"x" * 5_000_000 + b'"}', 413, "TG-I026", "body"),
    ],
)
def test_a_body_that_is_none_of_ours_is_refused_with_its_place(
    api: Any, decided: Callable[..., str], body: bytes, status: int, code: str, where: str
) -> None:
    answer = api.post(f"/uploads/{decided()}/acted", body)
    assert (answer.status, answer.body["code"], answer.body["where"]) == (status, code, where)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_of_another_type_is_refused(api: Any, decided: Callable[..., str]) -> None:
    answer = api.post(f"/uploads/{decided()}/acted", b'{"decision_id": "de_1"}', Content_Type="text/plain")
    assert (answer.status, answer.body["code"]) == (415, "TG-I028")


def test_a_method_that_is_not_there_and_an_address_that_is_not_there_are_problems(api: Any) -> None:
    wrong = api.call("DELETE", "/uploads")
    assert (wrong.status, wrong.headers["content-type"]) == (405, "application/problem+json")
    assert "GET" in wrong.headers["allow"]
    lost = api.get("/uplaods")
    assert (lost.status, lost.headers["content-type"]) == (404, "application/problem+json")


def test_head_is_answered_like_get(api: Any, decided: Callable[..., str]) -> None:
    assert api.call("HEAD", f"/uploads/{decided()}").status == 200
    assert api.call("HEAD", "/uploads/up_1").status == 404
    assert api.call("HEAD", "/decisions/stream").status == 405


def test_without_a_key_or_scope_nothing_is_told(api_with: Callable[..., Any], decided: Callable[..., str]) -> None:
    upload_id = decided()
    nobody, other = api_with(), api_with("texts:score")
    for path in ("/uploads", f"/uploads/{upload_id}", f"/uploads/{upload_id}/evidence", "/decisions", "/cases"):
        assert nobody.get(path).status == 401
        assert nobody.get(path).headers["www-authenticate"] == 'Bearer realm="tidegate"'
        assert (other.get(path).status, other.get(path).body["code"]) == (403, "TG-A006")
    assert nobody.get("/openapi.json").status == 200


def test_a_batch_takes_each_entry_by_itself(api: Any) -> None:
    entries = [
        {"media_url": "https://example.org/a.mp4", "caption": "a", "idempotency_key": "a"},
        {"media_url": "https://example.org/b.mp4", "idempotency_key": "a"},
        {"caption": "no reference"},
        {"media_url": "https://example.org/c.mp4", "region": "nowhere"},
        {"media_url": "https://example.org/d.mp4", "colour": "red"},
        {"media_url": "https://example.org/e.mp4"},
    ]
    answer = api.post("/uploads/batch", {"uploads": entries})
    assert answer.status == 200
    results = answer.body["results"]
    assert (results[0]["state"], results[0]["is_duplicate"], results[0]["verdict"]) == ("accepted", False, None)
    assert (results[1]["error"]["status"], results[1]["error"]["code"]) == (409, "TG-H212")
    assert results[2]["error"]["where"] == "$.uploads[2].media_url"
    assert results[3]["error"]["where"].startswith("$.uploads[3]")
    assert results[4]["error"]["where"] == "$.uploads[4]"
    assert results[5]["id"].startswith("up_")
    again = api.post("/uploads/batch", {"uploads": [entries[0], entries[5]]}).body["results"]
    assert [one["id"] for one in again] == [results[0]["id"], results[5]["id"]]
    assert [one["is_duplicate"] for one in again] == [True, True]


def test_a_batch_under_one_key_is_taken_once(api: Any) -> None:
    body = {"uploads": [{"media_url": "https://example.org/a.mp4"}, {"media_url": "https://example.org/a.mp4"}]}
    first = api.post("/uploads/batch", body, Idempotency_Key="k").body["results"]
    again = api.post("/uploads/batch", body, Idempotency_Key="k").body["results"]
    assert first[0]["id"] != first[1]["id"]
    assert [one["id"] for one in again] == [one["id"] for one in first]


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"uploads": []}, "$.uploads"),
        ({"uploads": [{"media_url": "https://example.org/"}] * 501}, "$.uploads"),
        ({"uploads": ["https://example.org/"]}, "$.uploads[0]"),
        ({}, "$.uploads"),
    ],
)
def test_a_batch_that_is_none_is_refused_whole(api: Any, body: object, where: str) -> None:
    answer = api.post("/uploads/batch", body)
    assert (answer.status, answer.body["where"]) == (422, where)


def test_a_batch_is_refused_when_too_much_waits(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from tidegate.server.api import batch
    from tidegate.server.intake.backlog import Backlog

    batch._gate.cache_clear()
    monkeypatch.setattr("tidegate.server.intake.backlog.backlog", lambda *_, **__: Backlog(count=10**9, late_s=0.0))
    answer = api.post("/uploads/batch", {"uploads": [{"media_url": "https://example.org/a.mp4"}]})
    batch._gate.cache_clear()
    assert (answer.status, answer.body["code"], answer.headers["retry-after"]) == (429, "TG-H213", "10")


def test_a_database_that_does_not_answer_is_503(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    def fail(*_: object, **__: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr("tidegate.server.api.stored.uploads_page", fail)
    answer = api.get("/uploads")
    assert (answer.status, answer.body["code"]) == (503, "TG-H215")
    assert int(answer.headers["retry-after"]) > 0
