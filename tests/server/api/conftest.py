"""The API by Django's test client and as a real server, with somebody who decides what comes in."""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tidegate.server.intake.record import Claimed, Finished

SCOPES = ("uploads:write", "uploads:read", "decisions:read", "webhooks:manage", "cases:decide")


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer: its status, its JSON, its headers in small letters."""

    status: int
    body: Any
    headers: dict[str, str]


class Api:
    """Calls with one key through Django's test client."""

    def __init__(self, authorization: str) -> None:
        from django.test import Client

        self._client = Client(SERVER_NAME="localhost", raise_request_exception=False)
        self._headers = {"Authorization": authorization} if authorization else {}

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answered:
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        told = self._headers | {name.replace("_", "-"): value for name, value in headers.items()}
        response = self._client.generic(
            method,
            f"/api/v1{path}",
            content,
            content_type=told.pop("Content-Type", "application/json"),
            headers=told,
        )
        text = response.content if not response.streaming else b""
        is_json = "json" in response.get("Content-Type", "")
        names = {name.lower(): value for name, value in response.headers.items()}
        return Answered(response.status_code, json.loads(text) if is_json and text else text, names)

    def get(self, path: str, **headers: str) -> Answered:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answered:
        return self.call("POST", path, body, **headers)


@pytest.fixture
def api(key_for: Callable[..., str]) -> Api:
    """The API with a key of every scope."""
    return Api(key_for(*SCOPES))


@pytest.fixture
def api_with(key_for: Callable[..., str]) -> Callable[..., Api]:
    """The API with a key of these scopes; with none at all, without a key."""
    return lambda *scopes: Api(key_for(*scopes) if scopes else "")


@pytest.fixture
def server(live_server: str) -> str:
    """The address of a real server."""
    return live_server


@pytest.fixture
def deciding(found: Callable[..., "Finished"]) -> Callable[..., "contextlib.AbstractContextManager[None]"]:
    """`with deciding("removed"):` somebody screens whatever is due meanwhile, in a thread, with this verdict."""

    @contextlib.contextmanager
    def run(verdict: str = "allowed") -> Iterator[None]:
        is_over = threading.Event()
        thread = threading.Thread(target=_decide, args=(verdict, found, is_over))
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()

    return run


def _decide(verdict: str, found: Callable[..., "Finished"], is_over: threading.Event) -> None:
    from django.db import connections

    from tidegate.server.history.finishing import finish
    from tidegate.server.intake.claiming import LeaseRules, claim
    from tidegate.server.intake.models import Stage

    rules = LeaseRules(lease_s=60.0, max_tries=3)
    while not is_over.wait(0.02):
        some: list[Claimed] = claim(Stage.SCREEN, 5, "screen-test", rules=rules, now_s=time.time())
        if some:
            finish([found(one, verdict) for one in some], "screen-test", now_s=time.time())
    connections.close_all()
