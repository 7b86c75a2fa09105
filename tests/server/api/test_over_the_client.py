"""The Python client, blocking and awaiting, against the real server."""

import asyncio
import contextlib
import dataclasses
from collections.abc import Callable

import httpx
import pytest

from tidegate.client import AsyncClient, Client, Retries, TidegateApiError

VIDEO = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 40


@pytest.fixture
def key(key_for: Callable[..., str]) -> str:
    scopes = ("uploads:write", "uploads:read", "decisions:read", "webhooks:manage", "cases:decide")
    return key_for(*scopes).removeprefix("Bearer ")


def test_a_video_that_is_waited_for_comes_back_decided(
    server: str, key: str, deciding: Callable[..., contextlib.AbstractContextManager[None]]
) -> None:
    with Client(server, key) as client, deciding("removed"):
        status = client.submit(VIDEO, wait_s=20, external_id="clip-1", creator_id="anna", caption="low tide")
        assert (status.state, status.verdict, status.external_id) == ("decided", "removed", "clip-1")
        assert status.is_decided
        assert status.decision is not None
        assert [one.action for one in status.decision.actions] == ["remove"]
        again = client.get(status.id)
        assert (again.id, again.creator_id, again.media) == (status.id, "anna", status.media)
        assert client.explanation(status.id).clauses[0].clause_id == status.decision.clause
        assert [one.kind for one in client.journal(status.id)][:2] == ["upload.accepted", "upload.held"]
        assert client.statement(status.id)["decision_id"] == status.decision.id
        assert client.evidence(status.id).signals == ()
        client.acknowledge(status.id, status.decision.id)
        assert client.get(status.id).state == "acted"


def test_the_same_video_under_the_same_key_is_the_same_upload(server: str, key: str) -> None:
    with Client(server, key) as client:
        first = client.submit(VIDEO, idempotency_key="once", caption="a")
        again = client.submit(VIDEO, idempotency_key="once", caption="a")
        assert (again.id, again.is_duplicate, first.is_duplicate) == (first.id, True, False)
        with pytest.raises(TidegateApiError) as raised:
            client.submit(VIDEO, idempotency_key="once", caption="b")
    assert (raised.value.status, raised.value.code) == (409, "TG-H212")


def test_a_batch_has_a_result_for_each_entry(server: str, key: str) -> None:
    with Client(server, key) as client:
        results = client.submit_batch(
            [{"media_url": "https://example.org/1.mp4"}, {"media_url": "https://example.org/2.mp4", "lane": "nowhere"}]
        )
    assert results[0].status is not None
    assert results[0].status.state == "accepted"
    assert results[1].error is not None
    assert (results[1].error.code, results[1].error.where) == ("TG-H211", "$.uploads[1].lane")


def test_every_event_of_the_feed_comes_once_over_its_pages(server: str, key: str, decided: Callable[..., str]) -> None:
    ids = [decided("allowed" if number % 2 else "held") for number in range(7)]
    with Client(server, key) as client:
        events = list(client.decisions(limit=3))
        assert [event.upload_id for event in events] == ids
        assert [event.kind for event in events][:2] == ["upload.in_review", "upload.decided"]
        assert list(client.decisions(events[4].cursor)) == events[5:]
        assert list(client.decisions(events[-1].cursor)) == []


def test_a_list_is_read_over_its_pages(server: str, key: str, accepted: Callable[..., str]) -> None:
    ids = [accepted(creator_id="anna") for _ in range(5)]
    accepted(creator_id="ben")
    with Client(server, key) as client:
        assert [one.id for one in client.list(creator_id="anna", limit=2)] == ids[::-1]


def test_the_stream_tells_what_happens_and_goes_on_where_it_was(
    server: str, key: str, decided: Callable[..., str]
) -> None:
    before = decided("allowed")
    with Client(server, key) as client:
        stream = client.stream_decisions(after=0)
        first = next(stream)
        assert first.upload_id == before
        now = decided("removed")
        second = next(stream)
        assert (second.upload_id, second.verdict) == (now, "removed")
        resumed = client.stream_decisions(after=first.cursor)
        assert next(resumed) == second
        stream.close()
        resumed.close()


def test_what_is_taken_back_in_time_is_never_told(server: str, key: str, decided: Callable[..., str]) -> None:
    upload_id = decided("held")
    with Client(server, key) as client:
        (case,) = client.cases()
        assert case.upload_id == upload_id
        decision = client.decide(case.id, "allowed")
        status = client.get(upload_id)
        assert (status.state, status.is_decided, status.is_screened) == ("decided", False, True)
        assert [event.kind for event in client.decisions()] == ["upload.in_review"]
        client.undo(decision["id"])
        assert client.get(upload_id).state == "in_review"
        assert [event.kind for event in client.decisions()] == ["upload.in_review"]
        with pytest.raises(TidegateApiError) as raised:
            client.undo(decision["id"])
    assert (raised.value.status, raised.value.code) == (409, "TG-H203")


def test_a_wrong_key_is_refused_everywhere(server: str, database: str) -> None:
    with Client(server, "tg_wrong", retries=Retries(most_tries=1)) as client:
        for call in (
            lambda: client.submit(VIDEO),
            lambda: client.get("up_1"),
            lambda: list(client.decisions()),
            lambda: next(client.stream_decisions()),
            lambda: client.precheck(VIDEO),
        ):
            with pytest.raises(TidegateApiError) as raised:
                call()
            assert raised.value.status == 401


def test_it_awaits_as_well_as_it_blocks(
    server: str, key: str, deciding: Callable[..., contextlib.AbstractContextManager[None]]
) -> None:
    async def go() -> None:
        async with AsyncClient(server, key) as client:
            stream = client.stream_decisions(after=0)
            coming = asyncio.ensure_future(anext(stream))
            held = await client.submit(VIDEO, external_id="clip-2")
            assert held.state == "held"
            decided = await client.wait(held.id, 20)
            assert (decided.verdict, decided.is_decided) == ("allowed", True)
            event = await coming
            assert (event.upload_id, event.external_id, event.kind) == (held.id, "clip-2", "upload.decided")
            assert [one.seq async for one in client.decisions()] == [event.seq]
            await stream.aclose()

    with deciding("allowed"):
        asyncio.run(go())


def test_a_listener_too_many_is_told_when_to_come_again(server: str, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tidegate.server.history.watching.MOST_LISTENERS", 0)
    with Client(server, key) as client, pytest.raises(TidegateApiError) as raised:
        next(client.stream_decisions(most_failures=1))
    assert (raised.value.status, raised.value.code, raised.value.retry_after_s) == (503, "TG-H303", 15.0)


def test_a_waiting_request_is_answered_when_time_is_up(server: str, key: str, accepted: Callable[..., str]) -> None:
    address = f"{server}/api/v1/uploads/{accepted()}?wait=0.2"
    answer = httpx.get(address, headers={"Authorization": f"Bearer {key}"})
    assert (answer.status_code, answer.json()["state"]) == (200, "held")
    assert answer.headers["cache-control"] == "no-store"


def test_a_webhook_is_kept_by_the_client(server: str, key: str) -> None:
    with Client(server, key) as client:
        made = client.add_webhook("https://example.org/hook", ["upload.decided"])
        assert made.secret.startswith("whsec_")
        assert client.pause_webhook(made.id).is_active is False
        assert client.resume_webhook(made.id).is_active is True
        delivery_id = client.test_webhook(made.id)
        assert [one.id for one in client.deliveries(state="waiting")] == [delivery_id]
        assert client.webhooks() == (dataclasses.replace(made, secret=""),)
        client.remove_webhook(made.id)
        assert client.webhooks() == ()
        assert client.ledger_head().seq > 0
