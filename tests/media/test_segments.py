import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tidegate.errors import RefusedContainerError
from tidegate.media.limits import MediaLimits
from tidegate.media.segments import MOST_CARRIED_TAGS, MOST_SEGMENTS, Segment, check_tag_count, segments
from tidegate.media.source import Source, open_source
from tidegate.testing.clips import Truth
from tidegate.testing.manifests import box, with_text_chunks

KINDS = ("mp4", "mov", "jpeg", "png", "apng", "webp", "wav", "matroska")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[bytes], Source]]:
    """Opens files made of bytes, and closes them afterwards."""
    managers = []

    def make(data: bytes) -> Source:
        path = tmp_path / f"file-{len(managers)}"
        path.write_bytes(data or b"\0")
        manager = open_source(path, MediaLimits())
        managers.append(manager)
        return manager.__enter__()

    yield make
    for manager in managers:
        manager.__exit__(None, None, None)


def of(data: bytes, container: str, opened: Callable[[bytes], Source]) -> list[tuple[bytes, bytes]]:
    source = opened(data)
    return [(one.kind, source.read_at(one.start, one.size_bytes)) for one in segments(container, source)]


def test_boxes_come_outer_before_inner(opened: Callable[[bytes], Source]) -> None:
    data = box(b"ftyp", b"isom") + box(b"moov", box(b"udta", box(b"AIGC", b"x"))) + box(b"mdat", b"12")
    assert [kind for kind, _ in of(data, "mp4", opened)] == [b"ftyp", b"moov", b"udta", b"AIGC", b"mdat"]


@pytest.mark.parametrize("version", [b"", bytes(4)])
def test_tags_are_found_below_meta_with_and_without_a_version(
    version: bytes, opened: Callable[[bytes], Source]
) -> None:
    data = box(b"moov", box(b"meta", version, box(b"hdlr", bytes(20)), box(b"keys", bytes(8))))
    assert [kind for kind, _ in of(data, "mov", opened)] == [b"moov", b"meta", b"hdlr", b"keys"]


def test_a_box_of_64_bits_is_as_long_as_it_says(opened: Callable[[bytes], Source]) -> None:
    data = struct.pack(">I4sQ", 1, b"mdat", 20) + b"abcd" + box(b"free", b"z")
    assert of(data, "mp4", opened) == [(b"mdat", b"abcd"), (b"free", b"z")]


def test_jpeg_segments_end_at_the_first_scan(opened: Callable[[bytes], Source]) -> None:
    data = b"\xff\xd8" + b"\xff\xe1\0\5abc" + b"\xff\xff\xeb\0\4de" + b"\xff\xda\0\2" + b"\xff\xe1\0\5xyz"
    assert of(data, "jpeg", opened) == [(b"\xe1", b"abc"), (b"\xeb", b"de")]


def test_chunks_of_png_and_webp(opened: Callable[[bytes], Source]) -> None:
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 3) + b"caBXabc\0\0\0\0" + struct.pack(">I", 0) + b"IEND\0\0\0\0"
    assert of(png, "png", opened) == [(b"caBX", b"abc"), (b"IEND", b"")]
    webp = b"RIFF\0\0\0\0WEBP" + b"C2PA" + struct.pack("<I", 3) + b"abc\0" + b"XMP " + struct.pack("<I", 1) + b"x"
    assert of(webp, "webp", opened) == [(b"C2PA", b"abc"), (b"XMP ", b"x")]


def test_lengths_that_leave_the_file_are_cut_to_it(opened: Callable[[bytes], Source]) -> None:
    source = opened(b"\x89PNG\r\n\x1a\n" + b"\xff\xff\xff\xffcaBXabc")
    assert list(segments("png", source)) == [Segment(b"caBX", 16, 3)]
    source = opened(struct.pack(">I4sQ", 1, b"uuid", 2**63 - 1) + b"abc")
    assert list(segments("mp4", source)) == [Segment(b"uuid", 16, 3)]


def test_no_more_pieces_are_visited_than_the_limit(opened: Callable[[bytes], Source]) -> None:
    assert len(list(segments("mp4", opened(box(b"free") * (MOST_SEGMENTS + 5))))) == MOST_SEGMENTS


@given(data=st.binary(max_size=300), container=st.sampled_from(KINDS))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_piece_of_any_bytes_lies_inside_the_file(
    data: bytes, container: str, opened: Callable[[bytes], Source]
) -> None:
    source = opened(data)
    for one in segments(container, source):
        assert 0 <= one.size_bytes <= source.size_bytes
        assert one.size_bytes == 0 or one.start + one.size_bytes <= source.size_bytes


def test_a_flood_of_tags_is_refused_before_a_demuxer_lists_them(
    opened: Callable[[bytes], Source], clip: Callable[..., Truth]
) -> None:
    still = clip(".png", duration_s=0.1, width_px=64, height_px=64).path.read_bytes()
    texts = {f"key{number}": "x" for number in range(MOST_CARRIED_TAGS + 1)}
    claimed = box(b"moov", box(b"meta", bytes(4), box(b"hdlr"), box(b"keys", bytes(4), b"\0\1\0\0")))
    listed = box(b"moov", box(b"udta", box(b"\xa9cmt") * (MOST_CARRIED_TAGS + 1)))
    for container, data in (("png", with_text_chunks(still, texts)), ("mp4", claimed), ("mov", listed)):
        with pytest.raises(RefusedContainerError, match="tags"):
            check_tag_count(container, opened(data))


def test_ordinary_files_carry_few_tags(opened: Callable[[bytes], Source], clip: Callable[..., Truth]) -> None:
    for suffix, container in ((".mp4", "mp4"), (".png", "png"), (".jpg", "jpeg")):
        path = clip(suffix, duration_s=0.2, width_px=64, height_px=64).path
        check_tag_count(container, opened(path.read_bytes()))
