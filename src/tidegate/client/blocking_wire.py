"""Carries the effects of flows out by blocking."""

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from tidegate.client.calls import Answer, Failure, Request
from tidegate.client.flows import Effect, Flow, Item, Now, Open, R, Read, Send, Sleep
from tidegate.client.wire import Wire, answer_of


class BlockingWire:
    """One connection pool. `transport` is httpx's, for tests and special routes."""

    def __init__(self, wire: Wire, transport: Any = None) -> None:  # noqa: ANN401 - httpx.BaseTransport
        self._wire = wire
        self._http = wire.httpx.Client(transport=transport)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def run(self, flow: Flow[R]) -> R:
        """Carry a flow out to its result."""
        reply: object = None
        while True:
            try:
                effect = flow.send(reply)
            except StopIteration as end:
                result: R = end.value
                return result
            reply = self._do(effect, _Stream())

    def iterate(self, flow: Flow[None]) -> Iterator[Any]:
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
                    reply = self._do(effect, stream)
        finally:
            flow.close()
            stream.close()

    def _do(self, effect: Effect, stream: "_Stream") -> object:
        if isinstance(effect, Send):
            return self._send(effect.request)
        if isinstance(effect, Open):
            stream.close()
            return self._open(effect.request, stream)
        if isinstance(effect, Read):
            return self._read(stream)
        if isinstance(effect, Now):
            return time.monotonic()
        assert isinstance(effect, Sleep)  # noqa: S101 - items are handed out by `iterate`
        stream.close()
        time.sleep(effect.seconds)
        return None

    def _send(self, request: Request) -> Answer | Failure:
        options = self._wire.options(request)
        chunks = None if request.content is None else request.content.chunks()
        if chunks is not None:
            options["content"] = chunks
        try:
            return answer_of(self._http.send(self._http.build_request(**options)))
        except self._wire.httpx.RequestError as error:
            return self._wire.failure(error)
        finally:
            if chunks is not None:
                chunks.close()

    def _open(self, request: Request, stream: "_Stream") -> Answer | Failure:
        try:
            response = self._http.send(
                self._http.build_request(**self._wire.options(request, is_stream=True)), stream=True
            )
            stream.response = response
            if response.status_code == 200:
                stream.chunks = response.iter_bytes()
                return Answer(status=200)
            response.read()
            return answer_of(response)
        except self._wire.httpx.RequestError as error:
            return self._wire.failure(error)

    def _read(self, stream: "_Stream") -> bytes | None:
        with suppress(self._wire.httpx.RequestError):
            return next(stream.chunks, None)
        return None


class _Stream:
    """The open stream of one iteration."""

    def __init__(self) -> None:
        self.response: Any = None
        self.chunks: Iterator[bytes] = iter(())

    def close(self) -> None:
        if self.response is not None:
            self.response.close()
        self.response, self.chunks = None, iter(())
