"""When desks are full, stopped, killed or gone: every form says so, and the next request is served."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from tidegate.server.texts.record import MAX_TEXT_CHARS

pytestmark = pytest.mark.slow

Serve = Callable[..., AbstractContextManager[Any]]
PATHS = ("/api/v1/texts", "/v1/moderations", "/v1alpha1/comments:analyze")
BATCH = {"texts": [{"text": f"low tide {index}"} for index in range(100)]}
TRIES = 20
QUICK = "screening.detectors=metadata,wording.patterns"
LONG = {"texts": [{"text": ("call me @a or @b, $100 " * 1000)[:MAX_TEXT_CHARS]}] * 8}
ONE: dict[str, dict[str, Any]] = {
    "/api/v1/texts": {"text": "low tide"},
    "/v1/moderations": {"input": "low tide"},
    "/v1alpha1/comments:analyze": {"comment": {"text": "low tide"}, "requestedAttributes": {"TOXICITY": {}}},
}


@pytest.fixture(scope="module")
def server(served: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server with the detectors that load and read quickly: what is tested here is not what they find."""
    with served(tmp_path_factory.mktemp("quick"), QUICK) as found:
        yield found


def _post(server: Any, path: str, body: object, timeout_s: float = 60.0) -> httpx.Response:
    return httpx.post(f"{server.address}{path}", json=body, headers=server.bearer, timeout=timeout_s)


@contextmanager
def _stopped(server: Any) -> Iterator[Callable[[], None]]:
    """Its only desk does not move until what this yields is called, or until the end."""
    (pid,) = server.desks()

    def go_on() -> None:
        os.kill(pid, signal.SIGCONT)

    os.kill(pid, signal.SIGSTOP)
    try:
        yield go_on
    finally:
        go_on()


@contextmanager
def _asking(server: Any, count: int, timeout_s: float) -> Iterator[list[int]]:
    """So many batches are under way; yields the statuses of those that were answered, whole when this ends."""
    statuses: list[int] = []

    def ask() -> None:
        try:
            # A single text may have come first, while its client waits: then there is no room for both batches.
            while (status := _post(server, "/api/v1/texts", BATCH, timeout_s).status_code) == 429:
                time.sleep(0.1)
            statuses.append(status)
        except httpx.ReadTimeout:
            statuses.append(0)

    threads = [threading.Thread(target=ask) for _ in range(count)]
    for thread in threads:
        thread.start()
    yield statuses
    for thread in threads:
        thread.join()


def _until_full(server: Any) -> httpx.Response:
    for _ in range(TRIES):
        try:
            reply = _post(server, "/api/v1/texts", ONE["/api/v1/texts"], 2.0)
        except httpx.ReadTimeout:
            continue
        if reply.status_code == 429:
            return reply
    raise AssertionError("never full")


def test_too_many_texts_are_refused_in_every_form_and_the_accepted_ones_are_answered(server: Any) -> None:
    client = openai.OpenAI(api_key=server.keys["scores"], base_url=f"{server.address}/v1", max_retries=0)
    with client, _stopped(server) as go_on, _asking(server, 2, 60.0) as statuses:
        replies = [_until_full(server), *(_post(server, path, ONE[path]) for path in PATHS[1:])]
        with pytest.raises(openai.RateLimitError) as caught:
            client.moderations.create(input="low tide")
        go_on()
    assert statuses == [200, 200]
    assert [reply.status_code for reply in replies] == [429] * 3
    assert all(1 <= int(reply.headers["Retry-After"]) <= 30 for reply in replies)
    assert replies[0].json()["code"] == "TG-T003"
    assert replies[1].json()["error"]["code"] == "rate_limit_exceeded"
    assert replies[2].json()["error"]["status"] == "RESOURCE_EXHAUSTED"
    assert caught.value.code == "rate_limit_exceeded"


def test_requests_whose_clients_went_away_hold_no_place(server: Any) -> None:
    with _stopped(server):
        with _asking(server, 2, 12.0) as statuses:
            _until_full(server)
        assert statuses == [0, 0]
        # A batch fits only where both of them are forgotten; a refused one comes back at once.
        for _ in range(TRIES):
            try:
                assert _post(server, "/api/v1/texts", BATCH, 2.0).status_code == 429
            except httpx.ReadTimeout:
                break
        else:
            raise AssertionError("the places of those who went away stay taken")
    assert _post(server, "/api/v1/texts", BATCH).status_code == 200


def _sockets(pid: int) -> int:
    count = 0
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            count += entry.readlink().name.startswith("socket:")
        except OSError:
            continue
    return count


def _killed_at_work(server: Any, idle_sockets: int, killed: list[int]) -> None:
    """Wait until its desk, none of the killed ones, has somebody's connection; kill it."""
    for _ in range(20_000):
        try:
            (pid,) = server.desks()
            if pid not in killed and _sockets(pid) > idle_sockets:
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
                return
        except (OSError, ValueError):  # none runs at this moment
            pass
        time.sleep(0.005)
    raise AssertionError("no desk at work")


@pytest.mark.parametrize(("kills", "status"), [(1, 200), (2, 503)])
def test_a_desk_killed_over_a_request_is_tried_once_more_and_the_next_one_is_served(
    served: Serve, tmp_path: Path, kills: int, status: int
) -> None:
    with served(tmp_path, QUICK) as server:
        (pid,) = server.desks()
        idle_sockets = _sockets(pid)
        replies: list[httpx.Response] = []
        asking = threading.Thread(target=lambda: replies.append(_post(server, "/api/v1/texts", LONG)))
        asking.start()
        killed: list[int] = []
        for _ in range(kills):
            _killed_at_work(server, idle_sockets, killed)
        asking.join()
        assert _post(server, "/api/v1/texts", ONE["/api/v1/texts"]).status_code == 200
    assert replies[0].status_code == status, replies[0].text
    assert ("Retry-After" in replies[0].headers) is (status == 503)


def test_with_no_desk_every_form_says_that_nobody_scores(served: Serve, tmp_path: Path) -> None:
    with served(tmp_path, "server.text_processes=0") as server:
        replies = [_post(server, path, ONE[path]) for path in PATHS]
    assert [reply.status_code for reply in replies] == [503] * 3
    assert all(int(reply.headers["Retry-After"]) >= 1 for reply in replies)
    assert [json.loads(reply.content).get("code") for reply in replies] == ["TG-T004", None, None]
    assert replies[1].json()["error"]["type"] == "server_error"
    assert replies[2].json()["error"]["status"] == "UNAVAILABLE"
