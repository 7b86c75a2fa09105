"""The video of a request, in pieces: from a path, an open file or an iterator, never whole in memory."""

import io
import os
import secrets
from collections.abc import AsyncGenerator, AsyncIterable, Generator, Iterable, Iterator
from pathlib import Path
from typing import Protocol, cast

from tidegate.errors import UnreadableFileError, UsageError

CHUNK_BYTES = 256 * 1024


class ReadableFile(Protocol):
    """An open binary file; one that can also `seek` and `tell` can be sent again."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes, none at the end."""


Video = str | os.PathLike[str] | bytes | ReadableFile | Iterable[bytes] | AsyncIterable[bytes]
"""Where a video comes from. Text is a path, never content."""


class Source:
    """The bytes of a video. `size_bytes` is None where nobody knows; `is_repeatable` says whether it can start over.

    Raises UsageError for what is no video, UnreadableFileError for a path that cannot be read.
    """

    def __init__(self, video: Video) -> None:
        self._path = Path(video) if isinstance(video, str | os.PathLike) else None
        self._video = video
        self._start = _position(video)
        self.is_async = isinstance(video, AsyncIterable)
        self.is_repeatable = isinstance(video, bytes) or self._path is not None or self._start is not None
        self.is_begun = False
        if isinstance(video, io.TextIOBase):
            raise UsageError("the file is open as text", where="video", next_step="open it with mode 'rb'")
        if self._path is None and not (self.is_async or hasattr(video, "read") or isinstance(video, Iterable)):
            raise UsageError(
                f"a {type(video).__name__} is no video",
                where="video",
                next_step="pass a path, a file opened in binary mode, or an iterator of bytes",
            )
        self.size_bytes = self._measured()

    @property
    def can_be_sent(self) -> bool:
        """Whether all its bytes are still to be had."""
        return self.is_repeatable or not self.is_begun

    def chunks(self) -> Generator[bytes, None, None]:
        """Its bytes from the beginning. Raises UsageError if they come from an asynchronous iterator."""
        self.is_begun = True
        if isinstance(self._video, bytes):
            yield from (self._video[at : at + CHUNK_BYTES] for at in range(0, len(self._video), CHUNK_BYTES))
        elif self._path is not None:
            with self._path.open("rb") as file:
                yield from _read(file)
        elif hasattr(self._video, "read"):
            if self._start is not None:
                self._video.seek(self._start)  # type: ignore[union-attr]  # what has a position can seek
            yield from _read(cast("ReadableFile", self._video))
        elif isinstance(self._video, Iterable):
            yield from cast("Iterable[bytes]", self._video)
        else:
            raise UsageError("an asynchronous iterator needs AsyncClient", where="video", next_step="use AsyncClient")

    async def async_chunks(self) -> AsyncGenerator[bytes, None]:
        """Its bytes from an asynchronous iterator."""
        self.is_begun = True
        if isinstance(self._video, AsyncIterable):
            async for chunk in self._video:
                yield chunk

    def _measured(self) -> int | None:
        if isinstance(self._video, bytes):
            return len(self._video)
        if self._path is not None:
            try:
                return self._path.stat().st_size if self._path.is_file() else _no_file(self._path)
            except OSError as error:
                raise UnreadableFileError(
                    f"the file cannot be read: {error.strerror}", where=str(self._path)
                ) from error
        if self._start is None:
            return None
        end = int(self._video.seek(0, os.SEEK_END))  # type: ignore[union-attr]  # what has a position can seek
        self._video.seek(self._start)  # type: ignore[union-attr]
        return max(0, end - self._start)


class Content:
    """A request's body: what comes before the video, the video, what comes after it."""

    def __init__(self, source: Source, content_type: str, head: bytes = b"", tail: bytes = b"") -> None:
        self.source = source
        self.content_type = content_type
        self._head = head
        self._tail = tail

    @property
    def size_bytes(self) -> int | None:
        """Of the whole body; None where the video's size is not known."""
        size = self.source.size_bytes
        return None if size is None else len(self._head) + size + len(self._tail)

    def chunks(self) -> Generator[bytes, None, None]:
        """The body from its beginning."""
        if self._head:
            yield self._head
        yield from self.source.chunks()
        if self._tail:
            yield self._tail

    async def async_chunks(self) -> AsyncGenerator[bytes, None]:
        """The body from its beginning, its video from an asynchronous iterator."""
        if self._head:
            yield self._head
        async for chunk in self.source.async_chunks():
            yield chunk
        if self._tail:
            yield self._tail


def raw(video: Video) -> Content:
    """The bytes of a video as the whole body."""
    return Content(Source(video), "application/octet-stream")


def multipart(video: Video, metadata: bytes) -> Content:
    """A `metadata` part of JSON, then the `video` part (RFC 7578)."""
    boundary = f"tidegate-{secrets.token_hex(24)}"
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="metadata"\r\nContent-Type: application/json\r\n\r\n'
    ).encode()
    between = (
        f'\r\n--{boundary}\r\nContent-Disposition: form-data; name="video"; filename="video"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()
    tail = f"\r\n--{boundary}--\r\n".encode()
    return Content(Source(video), f"multipart/form-data; boundary={boundary}", head + metadata + between, tail)


def _read(file: ReadableFile) -> Iterator[bytes]:
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def _position(video: object) -> int | None:
    """Where an open file stands, if it can come back to there."""
    if not (hasattr(video, "read") and hasattr(video, "seek") and hasattr(video, "tell")):
        return None
    try:
        return int(video.tell()) if not hasattr(video, "seekable") or video.seekable() else None
    except (OSError, ValueError):
        return None


def _no_file(path: Path) -> int:
    raise UnreadableFileError("there is no such file", where=str(path), next_step="pass the path of a video")
