"""A multipart body as it arrives: the video into its sink, the rest into small texts."""

import re
from typing import Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from tidegate.errors import BodyPartsError, BodyTypeError, EmptyUploadError, MalformedBodyError
from tidegate.server.intake.bodies.digests import Digests, RawHeaders
from tidegate.server.intake.bodies.documents import read_object, read_text
from tidegate.server.intake.bodies.heading import is_media
from tidegate.server.intake.bodies.limits import BodyLimits

VIDEO = "video"
METADATA = "metadata"
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_PLAIN_CODINGS = (b"", b"7bit", b"8bit", b"binary", b"identity")


class Multipart:
    """Parses pushed bytes. `take` gives back the pieces of the video among them, as views of what was pushed."""

    def __init__(self, boundary: bytes, limits: BodyLimits) -> None:
        self._limits = limits
        self._opening: bytes | None = b""
        self._delimiter = b"--" + boundary
        self._headers: list[list[bytes]] = []
        self._name = ""
        self._part = bytearray()
        self._parts = 0
        self._video: list[bytes | memoryview] = []
        self._digests = Digests((), VIDEO)
        self._has_ended = False
        self.metadata: dict[str, Any] | None = None
        self.fields: dict[str, str] = {}
        self.video_type: str | None = None
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_begin": lambda: self._headers.append([b"", b""]),
                "on_header_field": lambda data, start, end: self._add_header(0, data[start:end]),
                "on_header_value": lambda data, start, end: self._add_header(1, data[start:end]),
                "on_headers_finished": self._open,
                "on_part_data": self._data,
                "on_part_end": self._close,
                "on_end": self._end,
            },
            max_header_count=limits.max_part_headers,
            max_header_size=limits.max_part_header_bytes,
        )

    def take(self, data: bytes) -> list[bytes | memoryview]:
        """Parse the next bytes. Raises MalformedBodyError, BodyPartsError, BodyTypeError, DigestMismatchError."""
        if self._opening is not None:
            # A preamble is read differently by different parsers, and no client sends one.
            data = self._opening + data
            self._opening = data if len(data) < len(self._delimiter) else None
            if not data.startswith(self._delimiter[: len(data)]):
                raise _malformed("the body does not begin with its boundary")
            if self._opening is not None:
                return []
        try:
            self._parser.write(data)
        except FormParserError:
            raise _malformed("the body is no multipart/form-data") from None
        pieces, self._video = self._video, []
        return pieces

    def finish(self, video_bytes: int) -> None:
        """The body is over: raises MalformedBodyError without its last boundary, BodyPartsError without a video."""
        if not self._has_ended:
            raise _malformed("the last boundary of the body is missing")
        if self.video_type is None:
            raise _parts("the body has no part named `video`", "send the file as the part `video`")
        if not video_bytes:
            raise EmptyUploadError("the video has no bytes", where=VIDEO, next_step="send a file with a video in it")

    def _begin(self) -> None:
        self._parts += 1
        self._headers = []
        self._name = ""
        if self._parts > self._limits.max_parts:
            raise _parts(f"the body has more than {self._limits.max_parts} parts", "send fewer fields")

    def _add_header(self, place: int, data: bytes) -> None:
        self._headers[-1][place] += data

    def _open(self) -> None:
        headers = [(key.lower(), value) for key, value in self._headers]
        disposition, options = parse_options_header(dict(headers).get(b"content-disposition"))
        name = options.get(b"name", b"").decode("latin-1")
        if disposition != b"form-data" or not _NAME.fullmatch(name):
            raise _malformed("a part has no plain name in its Content-Disposition")
        for key in (b"content-transfer-encoding", b"content-encoding"):
            if dict(headers).get(key, b"").strip().lower() not in _PLAIN_CODINGS:
                raise BodyTypeError("a part is encoded", where=name, next_step="send the bytes as they are")
        self._name = name
        if name == VIDEO:
            self._open_video(headers)
        elif b"filename" in options and name != METADATA:
            raise _parts(f"the part `{name}` is a file", "send one file, as the part `video`")
        elif name in self.fields or (name == METADATA and self.metadata is not None):
            raise _parts(f"the part `{name}` stands twice", "send each part once")
        elif name != METADATA and len(self.fields) >= self._limits.max_fields:
            raise _parts(f"the body has more than {self._limits.max_fields} fields", "put them into `metadata`")

    def _open_video(self, headers: RawHeaders) -> None:
        if self.video_type is not None:
            raise _parts("the body has two parts named `video`", "send one video in a body")
        kind, _ = parse_options_header(dict(headers).get(b"content-type", b"application/octet-stream"))
        self.video_type = kind.decode("latin-1").strip()
        if not is_media(self.video_type):
            raise BodyTypeError("the part `video` has no type of a video", where=VIDEO, next_step="send video/mp4")
        self._digests = Digests(headers, VIDEO)

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._name == VIDEO:
            piece = memoryview(data)[start:end]
            self._digests.update(piece)
            self._video.append(piece)
            return
        is_metadata = self._name == METADATA
        most_bytes = self._limits.max_metadata_bytes if is_metadata else self._limits.max_field_bytes
        if len(self._part) + end - start > most_bytes:
            raise _parts(f"the part `{self._name}` is larger than {most_bytes} bytes", "shorten it")
        self._part += data[start:end]

    def _close(self) -> None:
        part, self._part = bytes(self._part), bytearray()
        if self._name == VIDEO:
            self._digests.check()
        elif self._name == METADATA:
            self.metadata = read_object(part, METADATA)
        else:
            self.fields[self._name] = read_text(part, self._name)

    def _end(self) -> None:
        self._has_ended = True


def _malformed(what: str) -> MalformedBodyError:
    return MalformedBodyError(what, where="body", next_step="let the HTTP library build the multipart body")


def _parts(what: str, next_step: str) -> BodyPartsError:
    return BodyPartsError(what, where="body", next_step=next_step)
