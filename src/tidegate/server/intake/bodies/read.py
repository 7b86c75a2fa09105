"""The one call that reads a request body, whatever kind it is."""

import asyncio
from concurrent.futures import Executor
from typing import Any

from tidegate.errors import BodyPartsError, BodyTypeError, EmptyUploadError, MalformedBodyError, UploadTooLargeError
from tidegate.server.intake.bodies.arriving import Arrival, Receive
from tidegate.server.intake.bodies.digests import Digests, RawHeaders
from tidegate.server.intake.bodies.documents import read_header_object, read_object
from tidegate.server.intake.bodies.heading import Heading, is_media, read_heading
from tidegate.server.intake.bodies.limits import BodyLimits
from tidegate.server.intake.bodies.multipart import Multipart
from tidegate.server.intake.bodies.record import Body, BodyKind, Video
from tidegate.server.intake.bodies.sinks import SinkFactory, SinkPump


async def read_body(
    receive: Receive,
    headers: RawHeaders,
    sink_factory: SinkFactory,
    limits: BodyLimits,
    *,
    executor: Executor | None = None,
) -> Body:
    """Read an ASGI body to its end: multipart, the bytes of a video, or JSON. Memory stays under about 1 MiB.

    `sink_factory` is called in a thread when the video begins. The sink has every byte when this returns, and the
    caller commits it; on any error, cancellation too, the sink was aborted. Raises the errors of a body,
    `TG-I026` to `TG-I033`, and whatever the sink raised.
    """
    heading = read_heading(headers)
    if heading.content_type == "application/json":
        return await _read_json(receive, headers, heading, limits)
    is_multipart = heading.content_type == "multipart/form-data"
    if not is_multipart and not is_media(heading.content_type):
        raise BodyTypeError(
            "the body has a type that is not taken",
            where="Content-Type",
            next_step="send multipart/form-data, video/mp4, application/octet-stream or application/json",
        )
    metadata = _header_metadata(heading, limits)
    arrival = Arrival(
        receive,
        limits,
        max_bytes=limits.max_bytes + (limits.max_envelope_bytes if is_multipart else 0),
        declared_bytes=heading.declared_bytes,
        digests=Digests(headers, "body"),
    )
    reader = _VideoReader(arrival, sink_factory, limits, executor)
    try:
        return await (reader.multipart(heading.boundary, metadata) if is_multipart else reader.raw(heading, metadata))
    except BaseException:
        await reader.abort()
        raise


class _VideoReader:
    """One body with a video; remembers its sink so that it can be aborted."""

    def __init__(
        self, arrival: Arrival, sink_factory: SinkFactory, limits: BodyLimits, executor: Executor | None
    ) -> None:
        self._arrival = arrival
        self._sink_factory = sink_factory
        self._limits = limits
        self._executor = executor
        self._opening: asyncio.Task[SinkPump] | None = None

    async def raw(self, heading: Heading, metadata: dict[str, Any]) -> Body:
        pump = await self._open()
        while (chunk := await self._arrival.next_chunk()) is not None:
            await pump.feed(chunk)
        if not pump.size_bytes:
            raise EmptyUploadError("the body has no bytes", where="body", next_step="send the bytes of a video")
        await pump.finish()
        video = Video(sink=pump.sink, size_bytes=pump.size_bytes, content_type=heading.content_type)
        return Body(kind=BodyKind.RAW, metadata=metadata, video=video)

    async def multipart(self, boundary: bytes, header_metadata: dict[str, Any]) -> Body:
        parts, pump = Multipart(boundary, self._limits), None
        while (chunk := await self._arrival.next_chunk()) is not None:
            for piece in parts.take(chunk):
                pump = pump or await self._open()
                if pump.size_bytes + len(piece) > self._limits.max_bytes:
                    raise UploadTooLargeError(
                        f"the video is larger than {self._limits.max_bytes} bytes",
                        where="video",
                        next_step="send a smaller file",
                    )
                await pump.feed(piece)
        parts.finish(pump.size_bytes if pump else 0)
        pump = pump or await self._open()
        metadata = _once(header_metadata, parts.metadata, parts.fields)
        await pump.finish()
        video = Video(sink=pump.sink, size_bytes=pump.size_bytes, content_type=parts.video_type or "")
        return Body(kind=BodyKind.MULTIPART, metadata=metadata, fields=parts.fields, video=video)

    async def abort(self) -> None:
        """Abort the sink if one was made, to its end even if this reader is cancelled again."""
        if self._opening is not None:
            await asyncio.shield(asyncio.ensure_future(self._abort(self._opening)))

    async def _open(self) -> SinkPump:
        self._opening = asyncio.ensure_future(SinkPump.open(self._sink_factory, self._executor))
        return await asyncio.shield(self._opening)

    @staticmethod
    async def _abort(opening: "asyncio.Task[SinkPump]") -> None:
        await asyncio.wait({opening})
        if not opening.cancelled() and opening.exception() is None:
            await opening.result().abort()


async def _read_json(receive: Receive, headers: RawHeaders, heading: Heading, limits: BodyLimits) -> Body:
    arrival = Arrival(
        receive,
        limits,
        max_bytes=limits.max_json_bytes,
        declared_bytes=heading.declared_bytes,
        digests=Digests(headers, "body"),
    )
    data = bytearray()
    while (chunk := await arrival.next_chunk()) is not None:
        data += chunk
    return Body(kind=BodyKind.JSON, metadata=read_object(bytes(data), "body"))


def _header_metadata(heading: Heading, limits: BodyLimits) -> dict[str, Any]:
    if heading.metadata is None:
        return {}
    if len(heading.metadata) > limits.max_header_metadata_bytes:
        raise MalformedBodyError(
            f"the header is larger than {limits.max_header_metadata_bytes} bytes",
            where="X-Tidegate-Metadata",
            next_step="send a multipart body with a `metadata` part",
        )
    return read_header_object(heading.metadata, "X-Tidegate-Metadata")


def _once(header: dict[str, Any], part: dict[str, Any] | None, fields: dict[str, str]) -> dict[str, Any]:
    """The metadata of a multipart body. Raises BodyPartsError for two sources, or a name that is a field as well."""
    if header and part is not None:
        what = "metadata stands in a header and in a part"
        raise BodyPartsError(what, where="X-Tidegate-Metadata", next_step="send it once")
    metadata = header or part or {}
    if twice := sorted(metadata.keys() & fields.keys()):
        raise BodyPartsError(
            f"`{twice[0]}` stands in the metadata and as a field", where="metadata", next_step="send it once"
        )
    return metadata
