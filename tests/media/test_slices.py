from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.media.slices import Kind, Peek, peeker
from tidegate.testing.clips import Truth

AVCC = b"\1\x64\0\x28\xff\xe1\0\0"
HVCC = b"\1" + bytes(20) + b"\3\0"


def packets(path: Path) -> tuple[str, bytes | None, list[bytes], list[str]]:
    """(codec, extradata, packet bytes, picture types as decoded), all in decode order."""
    import av

    with av.open(str(path)) as opened:
        stream = opened.streams.video[0]
        stream.codec_context.thread_count = 1
        types: dict[int | None, str] = {}
        data: list[tuple[int | None, bytes]] = []
        for packet in opened.demux(stream):
            if packet.size:
                data.append((packet.pts, bytes(packet)))
            for frame in packet.decode():
                types[frame.pts] = av.video.frame.PictureType(frame.pict_type).name
        context = stream.codec_context
        return context.name, context.extradata, [b for _, b in data], [types[pts] for pts, _ in data]


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_slice_headers_tell_what_the_decoder_later_says(clip: Callable[..., Truth], codec: str) -> None:
    truth = clip(codec=codec, duration_s=2.0, width_px=128, height_px=128, frame_rate_hz=15.0, has_audio=False)
    name, extradata, data, types = packets(truth.path)
    look = peeker(name, extradata)
    assert look.knows_kinds
    kinds = [look.peek(memoryview(packet)) for packet in data]
    assert not any(peek.is_damaged for peek in kinds)
    expected = {"I": {Kind.INTRA}, "P": {Kind.REFERENCE, Kind.DISPOSABLE}, "B": {Kind.BETWEEN, Kind.DISPOSABLE}}
    for peek, picture in zip(kinds, types, strict=True):
        assert peek.kind in expected[picture]
    assert {"I", "P", "B"} == set(types)


def test_disposable_pictures_can_be_left_out_without_changing_the_others(clip: Callable[..., Truth]) -> None:
    import av

    truth = clip(codec="h264", duration_s=2.0, width_px=128, height_px=128, frame_rate_hz=15.0, has_audio=False)

    def decoded(*, all_pictures: bool) -> dict[int | None, bytes]:
        with av.open(str(truth.path)) as opened:
            stream = opened.streams.video[0]
            stream.codec_context.thread_count = 1
            look = peeker(stream.codec_context.name, stream.codec_context.extradata)
            frames = []
            for packet in opened.demux(stream):
                if not packet.size or all_pictures or look.peek(memoryview(packet)).kind != Kind.DISPOSABLE:
                    frames += packet.decode()
            return {frame.pts: bytes(frame.planes[0]) for frame in frames}

    whole, fewer = decoded(all_pictures=True), decoded(all_pictures=False)
    assert 0 < len(fewer) < len(whole)
    assert all(whole[pts] == plane for pts, plane in fewer.items())


@pytest.mark.parametrize(
    ("codec", "extradata", "data", "peek"),
    [
        ("h264", AVCC, b"\0\0\0\2\x09\x10" + b"\0\0\0\4\x65\x88\x84\0", Peek(Kind.INTRA)),
        ("h264", AVCC, b"\0\0\0\4\x41\x9a\0\0", Peek(Kind.REFERENCE)),
        ("h264", AVCC, b"\0\0\0\4\x01\x9e\0\0", Peek(Kind.DISPOSABLE)),
        ("h264", AVCC, bytes(4000), Peek(Kind.REFERENCE, is_damaged=True)),
        ("hevc", HVCC, b"\0\0\0\4\x00\x02\xd0\0", Peek(Kind.DISPOSABLE, 1)),
        ("vp9", None, b"\x82\x49", Peek(Kind.REFERENCE)),
        ("vp9", None, bytes(8), Peek(Kind.REFERENCE, is_damaged=True)),
        ("libdav1d", None, b"\x12\0", Peek(Kind.REFERENCE)),
        ("libdav1d", None, bytes(8), Peek(Kind.REFERENCE, is_damaged=True)),
        ("mpeg4", None, bytes(8), Peek(Kind.REFERENCE)),
    ],
)
def test_the_first_bytes_tell_the_kind(codec: str, extradata: bytes | None, data: bytes, peek: Peek) -> None:
    assert peeker(codec, extradata).peek(memoryview(data)) == peek


@given(
    st.sampled_from(["h264", "hevc", "vp9", "libdav1d"]),
    st.binary(max_size=60).map(lambda tail: b"\1" + tail),
    st.binary(max_size=120),
)
def test_any_bytes_give_a_kind(codec: str, extradata: bytes, data: bytes) -> None:
    assert isinstance(peeker(codec, extradata).peek(memoryview(data)), Peek)
