"""What takes more than one request, without doing any input or output: retries, waits, pages, the stream.

A flow is a generator. It yields effects, is sent what came of them, and returns its result; `Client` carries effects
out by blocking, `AsyncClient` by awaiting, and neither knows more than that.
"""

from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, replace
from random import SystemRandom
from typing import Any, TypeVar

from tidegate.client.answers import BatchResult, UploadStatus
from tidegate.client.calls import Answer, Call, Failure, Request, T
from tidegate.client.events import Event, event_of_message
from tidegate.client.operations import STREAM, Page, decisions_page
from tidegate.client.problems import problem_in
from tidegate.client.retrying import AGAIN_STATUSES, Retries
from tidegate.client.sse import EventParser
from tidegate.client.uploads import batches, get
from tidegate.errors import NotDecidedInTimeError, ServerUnreachableError, UnexpectedAnswerError

R = TypeVar("R")
LONGEST_LOOK_S = 20.0
"""How long one request of a wait asks the server to hold its answer back."""
_FIRST_LOOK_S = 0.2
_SLOWEST_LOOK_S = 5.0
_CHANCE = SystemRandom().random


@dataclass(frozen=True, slots=True)
class Send:
    """Send a request; sent back: an Answer or a Failure."""

    request: Request


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Now:
    """Sent back: seconds on a clock that only goes forward."""


@dataclass(frozen=True, slots=True)
class Open:
    """Open a stream, closing the one that is open; sent back: its Answer, without the body of a 200, or a Failure."""

    request: Request


@dataclass(frozen=True, slots=True)
class Read:
    """Sent back: the next bytes of the open stream, None at its end or when it broke."""


@dataclass(frozen=True, slots=True)
class Item:
    """Hand a value to whoever iterates."""

    value: Any


Effect = Send | Sleep | Now | Open | Read | Item
Flow = Generator[Effect, Any, R]


def perform(call: Call[T], retries: Retries) -> Flow[T]:
    """Make a call, trying again as far as that is safe. Raises TidegateApiError, ServerUnreachableError."""
    tries = 0
    while True:
        tries += 1
        answer = yield Send(call.request)
        if isinstance(answer, Answer) and answer.status < 400:
            return _parsed(call, answer)
        error, asked_s = _error_of(answer)
        is_worth_it = _is_safe(call.request, answer) and _can_be_sent(call.request)
        wait_s = retries.wait_s(tries, asked_s, _CHANCE()) if is_worth_it else None
        if wait_s is None:
            raise error
        yield Sleep(wait_s)


def batch(uploads: Iterable[Mapping[str, Any]], key: str | None, retries: Retries) -> Flow[tuple[BatchResult, ...]]:
    """Hand over any number of addresses; one result each, in their order."""
    results: list[BatchResult] = []
    for call in batches(uploads, key=key):
        results += yield from perform(call, retries)
    return tuple(results)


def wait(upload_id: str, timeout_s: float, is_final: bool, retries: Retries) -> Flow[UploadStatus]:
    """Look at an upload until it was screened, or finally decided. Raises NotDecidedInTimeError."""
    ends_s = (yield Now()) + timeout_s
    pause_s = _FIRST_LOOK_S
    left_s = timeout_s
    while True:
        look_s = max(0.0, min(left_s, LONGEST_LOOK_S))
        call = get(upload_id, wait_s=look_s)
        call = replace(call, request=replace(call.request, extra_s=look_s))
        status = yield from perform(call, retries)
        if status.is_decided or (status.is_screened and not is_final):
            return status
        left_s = ends_s - (yield Now())
        if left_s <= 0:
            raise NotDecidedInTimeError(
                f"the upload is {status.state} after {timeout_s:g} s",
                where=f"upload {upload_id}",
                next_step="wait longer, or listen to webhooks; it stays held until it is decided",
            )
        yield Sleep(min(pause_s, left_s))
        pause_s = min(_SLOWEST_LOOK_S, pause_s * 1.6)
        left_s = ends_s - (yield Now())


def pages(page_call: Callable[[str], Call[Page[T]]], retries: Retries, after: str = "") -> Flow[None]:
    """Every item of a list, page by page."""
    cursor = after
    while True:
        page = yield from perform(page_call(cursor), retries)
        for item in page.items:
            yield Item(item)
        if not page.cursor or page.cursor == cursor:
            return
        cursor = page.cursor


def decisions(after: int | str, limit: int, retries: Retries) -> Flow[None]:
    """Every event behind a position that there is by now."""
    while True:
        page = yield from perform(decisions_page(after, limit), retries)
        for event in page.items:
            yield Item(event)
        # A page may hold nothing to tell and yet lead on.
        if page.cursor in ("", str(after)):
            return
        after = page.cursor


def stream(after: int | str | None, retries: Retries, most_failures: int | None) -> Flow[None]:
    """Every event as it happens, connecting again whenever the connection ends, from the last number that was seen.

    Raises TidegateApiError when the server refuses, ServerUnreachableError after `most_failures` failures in a row.
    """
    last_id, failures, pause_s = "" if after is None else str(after), 0, None
    error: Exception
    while True:
        answer = yield Open(_stream_request(last_id))
        if isinstance(answer, Answer) and answer.status == 204:
            return
        if isinstance(answer, Answer) and answer.status == 200:
            parser = EventParser(last_id)
            while (chunk := (yield Read())) is not None:
                for message in parser.push(chunk):
                    yield Item(_event(message.data, message.last_id))
                    last_id, failures = message.last_id, 0
            pause_s = parser.retry_s if parser.retry_s is not None else pause_s
            error, asked_s = ServerUnreachableError("the stream ended", where="stream"), pause_s
        else:
            error, asked_s = _error_of(answer)
            if isinstance(answer, Answer) and answer.status not in AGAIN_STATUSES:
                raise error
        failures += 1
        if most_failures is not None and failures >= most_failures:
            raise error
        yield Sleep(retries.pause_s(failures, asked_s, _CHANCE()))


def _stream_request(last_id: str) -> Request:
    return replace(STREAM, headers=(*STREAM.headers, ("last-event-id", last_id))) if last_id else STREAM


def _event(data: str, last_id: str) -> Event:
    return event_of_message(data, seq=int(last_id) if last_id.isdigit() else -1)


def _parsed(call: Call[T], answer: Answer) -> T:
    if answer.status >= 300:
        raise UnexpectedAnswerError(
            f"the server answered with a redirect, status {answer.status}, which is not followed",
            where="answer",
            next_step="give the client the address that it leads to",
        )
    return call.parse(answer.json())


def _error_of(answer: Answer | Failure) -> tuple[Exception, float | None]:
    """The error to raise, and for how long the server asks to wait."""
    if isinstance(answer, Answer) and answer.status >= 400:
        problem = problem_in(answer)
        return problem, problem.retry_after_s
    if isinstance(answer, Answer):
        what = f"the server answered with status {answer.status}"
        return UnexpectedAnswerError(what, where="answer", next_step="check the address of the server"), None
    next_step = "check the address, and that the server runs"
    return ServerUnreachableError(answer.what, where="server", next_step=next_step), None


def _is_safe(request: Request, answer: Answer | Failure) -> bool:
    if isinstance(answer, Failure):
        return request.is_repeatable or not answer.was_sent
    # A gateway's 502 or 504 does not tell whether the request went through; 429 and 503 do.
    return answer.status in AGAIN_STATUSES and (request.is_repeatable or answer.status in (429, 503))


def _can_be_sent(request: Request) -> bool:
    return request.content is None or request.content.source.can_be_sent
