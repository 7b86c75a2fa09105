"""Carries the effects of flows out by awaiting; files are read in threads, so that the loop goes on meanwhile."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from contextlib import suppress
from typing import Any

from tidegate.client.bodies import Content
from tidegate.client.calls import Answer, Failure, Request
from tidegate.client.flows import Effect, Flow, Item, Now, Open, R, Read, Send, Sleep
from tidegate.client.wire import Wire, answer_of


class AwaitingWire:
    """One connection pool of an event loop. `transport` is httpx's, for tests and special routes."""

    def __init__(self, wire: Wire, transport: Any = None) -> None:  # noqa: ANN401 - httpx.AsyncBaseTransport
        self._wire = wire
        self._http = wire.httpx.AsyncClient(transport=transport)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def run(self, flow: Flow[R]) -> R:
        """Carry a flow out to its result."""
        reply: object = None
        while True:
            try:
                effect = flow.send(reply)
            except StopIteration as end:
                result: R = end.value
                return result
            reply = await self._do(effect, _Stream())

    async def iterate(self, flow: Flow[None]) -> AsyncGenerator[Any, None]:
        """Carry a flow out item by item; whatever it opened is closed when the iteration ends."""
        reply: object = None
        stream = _Stream()
        try:
            while True:
                try:
                    effect = flow.send(reply)
                except StopIteration:
                    return
                reply = None
                if isinstance(effect, Item):
                    yield effect.value
                else:
                    reply = await self._do(effect, stream)
        finally:
            flow.close()
            await stream.close()

    async def _do(self, effect: Effect, stream: "_Stream") -> object:
        if isinstance(effect, Send):
            return await self._send(effect.request)
        if isinstance(effect, Open):
            await stream.close()
            return await self._open(effect.request, stream)
        if isinstance(effect, Read):
            return await self._read(stream)
        if isinstance(effect, Now):
            return time.monotonic()
        assert isinstance(effect, Sleep)  # noqa: S101 - items are handed out by `iterate`
        await stream.close()
        await asyncio.sleep(effect.seconds)
        return None

    async def _send(self, request: Request) -> Answer | Failure:
        options = self._wire.options(request)
        chunks = None if request.content is None else _chunks(request.content)
        if chunks is not None:
            options["content"] = chunks
        try:
            return answer_of(await self._http.send(self._http.build_request(**options)))
        except self._wire.httpx.RequestError as error:
            return self._wire.failure(error)
        finally:
            if chunks is not None:
                await chunks.aclose()

    async def _open(self, request: Request, stream: "_Stream") -> Answer | Failure:
        built = self._http.build_request(**self._wire.options(request, is_stream=True))
        try:
            response = await self._http.send(built, stream=True)
            stream.response = response
            if response.status_code == 200:
                stream.chunks = response.aiter_bytes()
                return Answer(status=200)
            await response.aread()
            return answer_of(response)
        except self._wire.httpx.RequestError as error:
            return self._wire.failure(error)

    async def _read(self, stream: "_Stream") -> bytes | None:
        with suppress(self._wire.httpx.RequestError):
            return None if stream.chunks is None else await anext(stream.chunks, None)
        return None


class _Stream:
    """The open stream of one iteration."""

    def __init__(self) -> None:
        self.response: Any = None
        self.chunks: AsyncIterator[bytes] | None = None

    async def close(self) -> None:
        if self.response is not None:
            await self.response.aclose()
        self.response, self.chunks = None, None


async def _chunks(content: Content) -> AsyncGenerator[bytes, None]:
    if content.source.is_async:
        own = content.async_chunks()
        try:
            async for chunk in own:
                yield chunk
        finally:
            await own.aclose()
        return
    blocking = content.chunks()
    try:
        while (piece := await asyncio.to_thread(_next, blocking)) is not None:
            yield piece
    finally:
        blocking.close()


def _next(chunks: Generator[bytes, None, None]) -> bytes | None:
    return next(chunks, None)
