"""Events by cursor and by stream: nothing is missed, nothing comes twice, whatever happens to the connection."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import Any

import httpx
import pytest

from tidegate.client import AsyncClient, Client, Event
from tidegate.errors import ServerUnreachableError, TidegateApiError, UnexpectedAnswerError


def _item(seq: int, kind: str = "upload.decided") -> dict[str, Any]:
    data = {"upload_id": "up_1", "external_id": "v-7", "decision_id": f"de_{seq}", "decision_number": seq}
    actions = [{"action": "label", "reversal": "remove-label"}]
    return {"seq": seq, "type": kind, "at": "2026-01-02T03:04:05Z", "data": data | {"actions": actions, "new": 1}}


def _message(seq: int) -> bytes:
    return f": still here\r\nid: {seq}\r\nevent: upload.decided\r\ndata: {json.dumps(_item(seq))}\r\n\r\n".encode()


class Bytes(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body in pieces that breaks at its end if it is told to."""

    def __init__(self, pieces: list[bytes], error: Exception | None = None) -> None:
        self.pieces = pieces
        self.error = error
        self.is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield from self.pieces
        if self.error is not None:
            raise self.error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece

    def close(self) -> None:
        self.is_closed = True

    async def aclose(self) -> None:
        self.is_closed = True


def _stream(script: Any, *pieces: bytes, error: Exception | None = None) -> Bytes:
    body = Bytes(list(pieces), error)
    script.answers.append(lambda request: httpx.Response(200, stream=body, request=request))
    return body


def test_the_feed_is_read_to_its_present_end(both: Any, script: Any) -> None:
    script.add(200, {"items": [_item(4), _item(9)], "next": 9})
    script.add(200, {"items": [_item(12, "decision.undone")], "next": 12})
    script.add(200, {"items": [], "next": 12})
    events = both.call("decisions", 3)
    assert [event.seq for event in events] == [4, 9, 12]
    assert [request.url.params["after"] for request in script.requests] == ["3", "9", "12"]
    assert events[0].actions[0].reversal == "remove-label"
    assert events[2].data["new"] == 1


def test_a_page_with_nothing_to_tell_leads_on(both: Any, script: Any) -> None:
    script.add(200, {"items": [], "next": "7~"})
    script.add(200, {"items": [_item(9)], "next": "9~"})
    script.add(200, {"items": [], "next": "9~"})
    assert [event.seq for event in both.call("decisions", "3~")] == [9]
    assert [request.url.params["after"] for request in script.requests] == ["3~", "7~", "9~"]


def test_a_feed_item_without_its_number_is_refused(both: Any, script: Any) -> None:
    script.add(200, {"items": [_item(4) | {"seq": None}], "next": 4})
    with pytest.raises(UnexpectedAnswerError) as caught:
        both.call("decisions")
    assert caught.value.where == "$.items[0].seq"


def test_events_of_an_upload_have_an_order_and_a_key_of_their_own() -> None:
    decided = Event(kind="upload.decided", at_s=0.0, decision_id="de_1", decision_number=1)
    undone = Event(kind="decision.undone", at_s=0.0, decision_id="de_1", decision_number=1)
    later = Event(kind="upload.decided", at_s=0.0, decision_id="de_2", decision_number=2)
    assert sorted([later, undone, decided], key=lambda event: event.position) == [decided, undone, later]
    assert len({event.key for event in (decided, undone, later)}) == 3


def test_the_stream_goes_on_from_the_last_event_after_a_break(both: Any, script: Any) -> None:
    first = _stream(script, _message(5), _message(6)[:20], error=httpx.ReadError("gone"))
    script.answers.append(httpx.ConnectError("refused"))
    script.add(503, {"detail": "starting"}, retry_after="2")
    whole = _message(6) + _message(7)
    second = _stream(script, *[whole[at : at + 7] for at in range(0, len(whole), 7)])
    script.add(204)
    events = both.call("stream_decisions", 4)
    assert [event.seq for event in events] == [5, 6, 7]
    sent = [request.headers.get("last-event-id") for request in script.requests]
    assert sent == ["4", "5", "5", "5", "7"]
    assert script.requests[0].headers["accept"] == "text/event-stream"
    assert len(both.waits) == 4
    assert both.waits[2] >= 2
    assert first.is_closed
    assert second.is_closed


def test_the_stream_from_now_on_names_no_event(both: Any, script: Any) -> None:
    _stream(script, b"retry: 3000\n\n")
    script.add(204)
    assert both.call("stream_decisions") == []
    assert "last-event-id" not in script.requests[0].headers
    assert 3 <= both.waits[0] < 4


def test_a_refusal_ends_the_stream(both: Any, script: Any) -> None:
    script.add(401, {"detail": "no such key", "code": "TG-A001"})
    with pytest.raises(TidegateApiError) as caught:
        both.call("stream_decisions")
    assert (caught.value.status, caught.value.code) == (401, "TG-A001")


def test_the_stream_gives_up_when_it_was_told_to(both: Any, script: Any) -> None:
    script.answers += [httpx.ConnectError("refused")] * 3
    with pytest.raises(ServerUnreachableError):
        both.call("stream_decisions", 1, most_failures=3)
    assert len(both.waits) == 2


def test_whoever_stops_listening_closes_the_connection(script: Any) -> None:
    def blocking() -> Bytes:
        body = Bytes([_message(1), _message(2)])
        transport = httpx.MockTransport(lambda request: httpx.Response(200, stream=body))
        with Client("http://tidegate.test", "k", transport=transport) as client:
            events = client.stream_decisions(0)
            assert [event.seq for event in islice(events, 1)] == [1]
            events.close()  # type: ignore[attr-defined]  # a generator
            assert body.is_closed
        return body

    async def awaiting() -> None:
        body = Bytes([_message(1), _message(2)])
        transport = httpx.MockTransport(lambda request: httpx.Response(200, stream=body))
        async with AsyncClient("http://tidegate.test", "k", transport=transport) as client:
            events = client.stream_decisions(0)
            assert (await anext(events)).seq == 1
            await events.aclose()  # type: ignore[attr-defined]  # a generator
            assert body.is_closed

    blocking()
    asyncio.run(awaiting())
