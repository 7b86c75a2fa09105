from collections.abc import Callable
from pathlib import Path

from tidegate.media.limits import MediaLimits
from tidegate.media.source import open_source
from tidegate.media.streams import MOST_MARKS, SCANNED_BYTES, encoder_marks
from tidegate.testing.clips import Truth
from tidegate.testing.manifests import box

X264 = bytes.fromhex("dc45e9bde6d948b7962cd820d923eeef")


def marks_of(path: Path) -> list[tuple[str, str]]:
    with open_source(path, MediaLimits()) as source:
        return [(tag.field, tag.value) for tag in encoder_marks(source)]


def test_the_encoder_of_a_real_stream_is_found_by_its_signed_user_data(clip: Callable[..., Truth]) -> None:
    found = dict(marks_of(clip(duration_s=1.0, width_px=96, height_px=160, frame_rate_hz=15.0).path))
    assert found["stream:user data"].startswith("x264 - core ")
    assert found["stream:bytes"].startswith("Lavc")


def test_a_mark_behind_a_large_index_is_found(tmp_path: Path) -> None:
    media = box(b"mdat", bytes(100), X264, b"x264 - core 164 r3095 - options: x")
    path = tmp_path / "late.mp4"
    path.write_bytes(box(b"ftyp", b"isom") + box(b"moov", bytes(2 * SCANNED_BYTES)) + media)
    assert marks_of(path) == [("stream:user data", "x264 - core 164 r3095")]


def test_the_same_words_without_the_signature_are_only_bytes(tmp_path: Path) -> None:
    path = tmp_path / "words.mp4"
    path.write_bytes(b"....x264 - core 164 and x265 (build 209)")
    assert marks_of(path) == [("stream:bytes", "x264 - core 164"), ("stream:bytes", "x265 (build 209)")]


def test_a_file_full_of_marks_gives_a_few(tmp_path: Path) -> None:
    path = tmp_path / "many.mp4"
    path.write_bytes(
        b"".join(b"Lavc%d.1 x264 - core %d x265 (build %d) HandBrake 1.%d " % ((n,) * 4) for n in range(900))
    )
    assert len(marks_of(path)) == MOST_MARKS
