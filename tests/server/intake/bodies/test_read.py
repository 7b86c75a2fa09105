"""Bodies as they arrive: the same in any chunks, refused with a code when they are not whole or not plain."""

import asyncio
import base64
import hashlib
import itertools
import tracemalloc
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate import errors
from tidegate.server.intake.bodies import Body, BodyKind, BodyLimits, read_body

FORM = [(b"content-type", b"multipart/form-data; boundary=bb")]
RAW = [(b"content-type", b"video/mp4")]
VIDEO = b"\r\n--b\r\n--bX\r\r\n-" + bytes(range(256)) * 4
LIMITS = BodyLimits()


class Memory:
    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.is_aborted = False

    def write(self, data: bytes) -> None:
        self.pieces.append(bytes(data))

    def abort(self) -> None:
        self.is_aborted = True


def part(name: str, data: bytes, extra: str = "") -> bytes:
    return f'--bb\r\nContent-Disposition: form-data; name="{name}"\r\n{extra}\r\n'.encode() + data + b"\r\n"


def receiver(chunks: Sequence[bytes], ending: str = "end") -> Callable[[], Awaitable[MutableMapping[str, Any]]]:
    waiting = list(chunks)

    async def receive() -> MutableMapping[str, Any]:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(0), "more_body": True}
        if ending == "silence":
            await asyncio.sleep(60)
        return {"type": "http.disconnect"} if ending == "disconnect" else {"type": "http.request", "body": b""}

    return receive


def read(
    chunks: Sequence[bytes],
    headers: list[tuple[bytes, bytes]],
    sink: Memory | None = None,
    limits: BodyLimits = LIMITS,
    ending: str = "end",
) -> Body:
    target = sink or Memory()
    return asyncio.run(read_body(receiver(chunks, ending), headers, lambda: target, limits))


WHOLE = (
    part("caption", "Brot 🍞".encode()) + part("video", VIDEO) + part("metadata", b'{"region": "KR"}') + b"--bb--\r\n"
)


@given(st.lists(st.integers(0, len(WHOLE)), max_size=40))
def test_any_chunking_of_the_same_bytes_gives_the_same_body(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(WHOLE)]
    sink = Memory()
    body = read([WHOLE[start:end] for start, end in itertools.pairwise(edges)], FORM, sink)
    assert body.kind is BodyKind.MULTIPART
    assert (body.metadata, body.fields) == ({"region": "KR"}, {"caption": "Brot 🍞"})
    assert body.facts == {"region": "KR", "caption": "Brot 🍞"}
    assert b"".join(sink.pieces) == VIDEO
    assert not sink.is_aborted


def test_byte_by_byte_is_read_too_and_written_in_few_pieces() -> None:
    sink = Memory()
    read([WHOLE[place : place + 1] for place in range(len(WHOLE))], FORM, sink)
    assert sink.pieces == [VIDEO]


def test_a_raw_body_carries_its_metadata_in_a_header_plain_or_base64url() -> None:
    for value in (
        b'{"caption": "\xc3\xa9t\xc3\xa9"}',
        base64.urlsafe_b64encode('{"caption": "été"}'.encode()).rstrip(b"="),
    ):
        sink = Memory()
        body = read([VIDEO], [*RAW, (b"X-Tidegate-Metadata", value)], sink)
        assert body.metadata == {"caption": "été"}
        assert b"".join(sink.pieces) == VIDEO


def test_json_is_read_without_a_sink() -> None:
    body = read([b'{"reference":', b' "s3://a/b"}'], [(b"content-type", b"application/json")])
    assert (body.kind, body.metadata, body.video) == (BodyKind.JSON, {"reference": "s3://a/b"}, None)


GOOD = part("video", b"x")
END = b"--bb--"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", errors.MalformedBodyError),
        (b"junk" + GOOD + END, errors.MalformedBodyError),
        (GOOD, errors.MalformedBodyError),
        (b"--bb\r\nno colon\r\n\r\nx\r\n" + END, errors.MalformedBodyError),
        (b"--bb\r\nContent-Type: video/mp4\r\n\r\nx\r\n" + END, errors.MalformedBodyError),
        (part("caption", b"x") + END, errors.BodyPartsError),
        (GOOD + GOOD + END, errors.BodyPartsError),
        (GOOD + part("caption", b"x") * 2 + END, errors.BodyPartsError),
        (GOOD + part("metadata", b"{}") * 2 + END, errors.BodyPartsError),
        (GOOD + part("caption", b"x") + part("metadata", b'{"caption": ""}') + END, errors.BodyPartsError),
        (GOOD + part("caption", b"x" * 20_000) + END, errors.BodyPartsError),
        (GOOD + part("metadata", b" " * 300_000) + END, errors.BodyPartsError),
        (GOOD + b"".join(part(f"f{n}", b"") for n in range(33)) + END, errors.BodyPartsError),
        (GOOD + part('a"; filename="b', b"x") + END, errors.BodyPartsError),
        (GOOD + part("caption", b"\xff") + END, errors.MalformedBodyError),
        (GOOD + part("caption", b"\0") + END, errors.MalformedBodyError),
        (GOOD + part("metadata", b"[]") + END, errors.MalformedBodyError),
        (GOOD + part("metadata", b'{"a": 1, "a": 2}') + END, errors.MalformedBodyError),
        (GOOD + part("metadata", b'{"a": NaN}') + END, errors.MalformedBodyError),
        (GOOD + part("metadata", b'{"a": "\\ud800"}') + END, errors.MalformedBodyError),
        (GOOD + part("metadata", b'{"a": ["\\u0000"]}') + END, errors.MalformedBodyError),
        (GOOD + part("metadata", b"[" * 200_000) + END, errors.MalformedBodyError),
        (part("video", b"") + END, errors.EmptyUploadError),
        (part("video", b"x", "Content-Type: text/html\r\n") + END, errors.BodyTypeError),
        (part("video", b"x", "Content-Transfer-Encoding: base64\r\n") + END, errors.BodyTypeError),
        (part("video", b"x", "Content-MD5: AAAAAAAAAAAAAAAAAAAAAA==\r\n") + END, errors.DigestMismatchError),
        (part("video", b"x", f"X: {'y' * 5000}\r\n") + END, errors.MalformedBodyError),
    ],
)
def test_a_body_that_is_not_right_is_refused_and_its_sink_aborted(body: bytes, error: type[Exception]) -> None:
    made: list[Memory] = []

    def factory() -> Memory:
        made.append(Memory())
        return made[-1]

    with pytest.raises(error):
        asyncio.run(read_body(receiver([body]), FORM, factory, LIMITS))
    assert all(sink.is_aborted for sink in made)


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ([], errors.BodyTypeError),
        ([(b"content-type", b"text/html")], errors.BodyTypeError),
        ([*RAW, (b"content-encoding", b"gzip")], errors.BodyTypeError),
        ([(b"content-type", b"multipart/form-data")], errors.MalformedBodyError),
        ([*RAW, (b"content-type", b"video/webm")], errors.MalformedBodyError),
        ([*RAW, (b"content-length", b"-1")], errors.MalformedBodyError),
        ([*RAW, (b"content-length", b"9")], errors.BodyCutShortError),
        ([*RAW, (b"content-length", b"99999999999")], errors.UploadTooLargeError),
        ([*RAW, (b"x-tidegate-metadata", b"!")], errors.MalformedBodyError),
        ([*RAW, (b"x-tidegate-metadata", b"{" * 20_000)], errors.MalformedBodyError),
        ([*RAW, (b"content-digest", b"sha-256=:AAAA:")], errors.MalformedBodyError),
        ([*RAW, (b"digest", b"SHA-256=" + base64.b64encode(bytes(32)))], errors.DigestMismatchError),
    ],
)
def test_headers_that_are_not_right_are_refused(headers: list[tuple[bytes, bytes]], error: type[Exception]) -> None:
    with pytest.raises(error):
        read([b"x"], headers)


def test_bytes_that_match_their_digests_are_taken() -> None:
    sha256 = base64.b64encode(hashlib.sha256(VIDEO).digest())
    md5 = base64.b64encode(hashlib.md5(VIDEO, usedforsecurity=False).digest())
    digests = [(b"content-digest", b"sha-256=:" + sha256 + b":, other=:x:"), (b"content-md5", md5)]
    assert read([VIDEO[:7], VIDEO[7:]], [*RAW, *digests]).video is not None


@pytest.mark.parametrize("ending", ["disconnect", "silence"])
def test_a_sender_that_goes_away_or_falls_silent_ends_in_an_error_and_an_aborted_sink(ending: str) -> None:
    sink = Memory()
    with pytest.raises(errors.BodyCutShortError if ending == "disconnect" else errors.BodyTooSlowError) as caught:
        read([b"x"], RAW, sink, BodyLimits(idle_s=0.02), ending)
    assert caught.value.is_transient
    assert sink.is_aborted


def test_a_sender_that_drips_is_refused() -> None:
    async def drip() -> MutableMapping[str, Any]:
        await asyncio.sleep(0.005)
        return {"type": "http.request", "body": b"x", "more_body": True}

    sink = Memory()
    with pytest.raises(errors.BodyTooSlowError):
        asyncio.run(read_body(drip, RAW, lambda: sink, BodyLimits(grace_s=0.02, min_bytes_per_s=100_000)))
    assert sink.is_aborted


@pytest.mark.parametrize(("headers", "before"), [(RAW, b""), (FORM, part("video", b"")[:-2])])
def test_a_video_past_the_limit_is_refused_without_a_declared_length(
    headers: list[tuple[bytes, bytes]], before: bytes
) -> None:
    sink = Memory()
    with pytest.raises(errors.UploadTooLargeError):
        read([before, *[b"x" * 100] * 11], headers, sink, BodyLimits(max_bytes=1000))
    assert sink.is_aborted


def test_an_error_of_the_sink_comes_through_and_the_sink_is_aborted() -> None:
    class Full(Memory):
        def write(self, data: bytes) -> None:
            raise OSError(28, "no space left")

    sink = Full()
    with pytest.raises(OSError, match="no space"):
        read([VIDEO], RAW, sink)
    assert sink.is_aborted


def test_a_cancelled_reader_aborts_its_sink() -> None:
    sink = Memory()

    async def scene() -> None:
        task = asyncio.ensure_future(read_body(receiver([b"x"], "silence"), RAW, lambda: sink, LIMITS))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scene())
    assert sink.is_aborted


def test_64_mib_pass_through_in_a_few_mib() -> None:
    class Null(Memory):
        def write(self, data: bytes) -> None:
            assert len(data) <= 512 * 1024

    left = [1024]

    async def receive() -> MutableMapping[str, Any]:
        left[0] -= 1
        return {"type": "http.request", "body": bytes(64 * 1024), "more_body": left[0] > 0}

    tracemalloc.start()
    body = asyncio.run(read_body(receive, RAW, Null, LIMITS))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert body.video is not None
    assert body.video.size_bytes == 64 * 1024**2
    assert peak_bytes < 4 * 1024**2
