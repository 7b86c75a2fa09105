"""Answers in pieces: under ASGI nothing is gathered, and what was opened is closed when nobody listens."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from tidegate.settings import Resolved


class _Pieces(Iterator[bytes]):
    def __init__(self, count: int) -> None:
        self.left = count
        self.is_closed = False

    def __next__(self) -> bytes:
        if not self.left:
            raise StopIteration
        self.left -= 1
        return b"piece"

    def close(self) -> None:
        self.is_closed = True


def _answer(pieces: _Pieces, *, reads_database: bool) -> AsyncIterator[bytes]:
    from django.test import AsyncRequestFactory

    from tidegate.server.console.streaming import streamed

    request = AsyncRequestFactory().get("/")
    response = streamed(request, pieces, content_type="text/plain", reads_database=reads_database)
    assert response.is_async
    return response.streaming_content  # type: ignore[return-value]


@pytest.mark.parametrize("reads_database", [True, False])
def test_all_pieces_come_and_the_source_is_closed(django_ready: Resolved, *, reads_database: bool) -> None:
    pieces = _Pieces(3)

    async def take() -> list[bytes]:
        return [piece async for piece in _answer(pieces, reads_database=reads_database)]

    assert asyncio.run(take()) == [b"piece"] * 3
    assert pieces.is_closed


def test_a_listener_who_leaves_ends_the_reading(django_ready: Resolved) -> None:
    pieces = _Pieces(1000)

    async def take_one() -> None:
        answer = _answer(pieces, reads_database=False)
        async for _ in answer:
            break
        await answer.aclose()  # type: ignore[attr-defined]

    asyncio.run(take_one())
    assert pieces.is_closed
    assert pieces.left > 990
