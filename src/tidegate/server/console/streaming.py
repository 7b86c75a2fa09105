"""Answers that are sent piece by piece, whether the server speaks ASGI or a test calls the view directly."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse


def streamed(
    request: HttpRequest, pieces: Iterator[bytes], *, content_type: str, status: int = 200, reads_database: bool
) -> StreamingHttpResponse:
    """An answer of these pieces, each worked out in a thread while the event loop goes on; the iterator is closed.

    One that reads the database stays on the request's own thread, where its connection is.
    """
    is_asgi = isinstance(request, ASGIRequest)
    content: Any = _in_threads(pieces, reads_database=reads_database) if is_asgi else pieces
    return StreamingHttpResponse(content, content_type=content_type, status=status)


async def _in_threads(pieces: Iterator[bytes], *, reads_database: bool) -> AsyncIterator[bytes]:
    def take() -> bytes:
        # A default instead of StopIteration, which cannot leave a coroutine.
        return next(pieces, b"")

    on_own_thread = sync_to_async(take, thread_sensitive=True)
    try:
        while piece := await (on_own_thread() if reads_database else asyncio.to_thread(take)):
            yield piece
    finally:
        close = getattr(pieces, "close", None)
        if close is not None:
            # Where the listener left in the middle of a piece, its thread still holds the iterator and ends it.
            with contextlib.suppress(ValueError):
                close()
