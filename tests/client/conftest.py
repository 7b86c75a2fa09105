"""A scripted server for both clients: answers in order, requests kept."""

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tidegate.client import AsyncClient, Client, Retries

KEY = "tg_test"
QUICK = Retries(most_tries=4, first_wait_s=0.001, longest_wait_s=60.0)


class Script:
    """Gives the next scripted answer to each request; an exception is raised in its place."""

    def __init__(self) -> None:
        self.answers: list[httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]] = []
        self.requests: list[httpx.Request] = []
        self.bodies: list[bytes] = []

    def add(self, status: int, value: Any = None, **headers: str) -> None:
        names = {name.replace("_", "-"): text for name, text in headers.items()}
        content = b"" if value is None else json.dumps(value).encode()
        self.answers.append(httpx.Response(status, content=content, headers=names))

    def take(self, request: httpx.Request, body: bytes) -> httpx.Response:
        self.requests.append(request)
        self.bodies.append(body)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer


class _Blocking(httpx.BaseTransport):
    def __init__(self, script: Script) -> None:
        self.script = script

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self.script.take(request, request.read())


class _Awaiting(httpx.AsyncBaseTransport):
    def __init__(self, script: Script) -> None:
        self.script = script

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.script.take(request, await request.aread())


class Both:
    """Calls a method of either client by its name; items of an iteration come as a list."""

    def __init__(self, kind: str, script: Script, waits: list[float]) -> None:
        self.kind = kind
        self.script = script
        self.waits = waits

    def call(self, name: str, *arguments: Any, **named: Any) -> Any:
        if self.kind == "blocking":
            with Client("http://tidegate.test/", KEY, retries=QUICK, transport=_Blocking(self.script)) as client:
                result = getattr(client, name)(*arguments, **named)
                return list(result) if hasattr(result, "__next__") else result
        return asyncio.run(self._call(name, arguments, named))

    async def _call(self, name: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        async with AsyncClient("http://tidegate.test/", KEY, retries=QUICK, transport=_Awaiting(self.script)) as client:
            result = getattr(client, name)(*arguments, **named)
            if hasattr(result, "__anext__"):
                return [item async for item in result]
            return await result


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture(params=["blocking", "awaiting"])
def both(request: pytest.FixtureRequest, script: Script, monkeypatch: pytest.MonkeyPatch) -> Iterator[Both]:
    """Either client against the script; what it would have slept is kept and not slept."""
    waits: list[float] = []

    async def no_sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("tidegate.client.blocking_wire.time.sleep", waits.append)
    monkeypatch.setattr("tidegate.client.awaiting_wire.asyncio.sleep", no_sleep)
    yield Both(request.param, script, waits)
    assert script.answers == [], "answers were left"
