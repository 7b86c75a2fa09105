from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import DecodeCrashError, MediaError, TooLongError
from tidegate.media.clip import Clip, Frame, FrameReason
from tidegate.media.marks import FileMarks, ManifestReport, ManifestStatus, tag
from tidegate.media.wire import (
    pack,
    pack_clip,
    pack_error,
    pack_manifest,
    read_clip,
    read_error,
    read_manifest,
    unpack,
)
from tidegate.records import (
    CoverageGap,
    FrameClock,
    GapReason,
    MediaCoverage,
    MediaInfo,
    Modality,
    Shot,
    Span,
    VideoStream,
)

PLENTY = 1 << 24


def receiver(data: bytes) -> Callable[[int], bytearray]:
    """Hands out the bytes of a message as a socket would, and knows nothing beyond its end."""
    position = 0

    def receive(count: int) -> bytearray:
        nonlocal position
        if count > len(data) - position:
            raise ConnectionError("the other end is gone")
        position += count
        return bytearray(data[position - count : position])

    return receive


def joined(parts: list[memoryview]) -> bytes:
    return b"".join(bytes(part) for part in parts)


def made_marks() -> FileMarks:
    report = ManifestReport(
        status=ManifestStatus.FOUND, place="uuid box", size_bytes=9, actions=("c2pa.created",), ingredient_count=2
    )
    return FileMarks(tags=(tag("container:encoder", "Lavf62"),), manifest=report, traces=("x",), unread=("y",))


def made_clip(*, frames: int = 2, sound: int | None = 100) -> Clip:
    rng = np.random.default_rng(frames)
    span = Span(start_s=0.0, end_s=2.0)
    video = VideoStream(
        codec="h264", width_px=6, height_px=4, duration_s=2.0, frame_rate_hz=2.0, frame_count=4, keyframe_count=1
    )
    gap = CoverageGap(modality=Modality.SOUND, reason=GapReason.DAMAGED, span=span, detail="cut")
    return Clip(
        info=MediaInfo(size_bytes=9, sha256="ab", container="mp4", duration_s=2.0, video=video),
        frames=tuple(
            Frame(
                index=number,
                time_s=number / 2,
                span=span,
                rgb=rng.integers(0, 256, (4, 6, 3), dtype=np.uint8),
                reason=FrameReason.CHANGE,
                shot_index=0,
                content_box=(0.0, 0.1, 1.0, 0.8),
            )
            for number in range(frames)
        ),
        shots=(Shot(index=0, span=span, frame_times_s=(0.0, 0.5)),),
        audio=None if sound is None else rng.uniform(-1, 1, sound).astype(np.float32),
        coverage=MediaCoverage(frames_sampled=frames, gaps=(gap,)),
        clock=FrameClock(times_s=(0.0, 0.5, 1.0, 1.5), end_s=2.0),
        decode_cpu_s=0.25,
        decode_wall_s=0.5,
        marks=made_marks(),
    )


@pytest.mark.parametrize(("frames", "sound"), [(0, None), (0, 5), (3, None), (2, 100), (1, 0)])
def test_a_clip_arrives_as_it_was_sent(frames: int, sound: int | None) -> None:
    sent = made_clip(frames=frames, sound=sound)
    got = read_clip(*unpack(receiver(joined(pack_clip(sent))), PLENTY))
    assert (got.info, got.shots, got.coverage, got.clock) == (sent.info, sent.shots, sent.coverage, sent.clock)
    assert (got.decode_cpu_s, got.decode_wall_s, got.marks) == (0.25, 0.5, sent.marks)
    for mine, theirs in zip(got.frames, sent.frames, strict=True):
        assert np.array_equal(mine.rgb, theirs.rgb)
        assert (mine.index, mine.time_s, mine.span) == (theirs.index, theirs.time_s, theirs.span)
        assert (mine.reason, mine.content_box) == (theirs.reason, theirs.content_box)
    assert (got.audio is None) == (sent.audio is None)
    if got.audio is not None:
        assert np.array_equal(got.audio, sent.audio)


def test_the_report_on_a_manifest_arrives_as_it_was_sent() -> None:
    sent = made_marks().manifest
    assert sent is not None
    head, arrays = unpack(receiver(joined(pack_manifest(sent))), PLENTY)
    assert (read_manifest(head), arrays) == (sent, [])


@pytest.mark.parametrize(
    "head",
    [
        {},
        {"manifest": None},
        {"error": 5},
        {"error": {"code": [], "what": {}}},
        {"manifest": {"status": "valid"}},
        {"manifest": {"status": "fine", "place": "", "size_bytes": 1}},
        {"manifest": {"status": "valid", "place": "", "size_bytes": "1"}},
        {"manifest": {"status": "valid", "place": "", "size_bytes": -1}},
        {"manifest": {"status": "valid", "place": "x" * 10_000, "size_bytes": 1}},
        {"manifest": {"status": "valid", "place": "", "size_bytes": 1, "problems": ["x"] * 10_000}},
        {"manifest": {"status": "valid", "place": "", "size_bytes": 1, "signer": "\u001b[2J"}},
        {"manifest": {"status": "valid", "place": "", "size_bytes": 1, "more": 1}},
    ],
)
def test_a_report_that_does_not_hold_together_is_a_crash(head: dict[str, object]) -> None:
    with pytest.raises(DecodeCrashError):
        read_manifest(head)


def test_marks_past_their_limits_are_refused_with_the_clip() -> None:
    head, arrays = unpack(receiver(joined(pack_clip(made_clip()))), PLENTY)
    head["marks"]["tags"] = [{"field": "a", "value": str(number)} for number in range(1000)]
    with pytest.raises(DecodeCrashError):
        read_clip(head, arrays)


def test_an_error_arrives_as_the_class_its_code_names() -> None:
    error = TooLongError("9000 s", where="elsewhere", next_step="shorten it")
    head, _ = unpack(receiver(joined(pack_error(error, is_spent=True))), PLENTY)
    got = read_error(head["error"], "clip.mp4")
    assert isinstance(got, TooLongError)
    assert (got.what, got.where, got.next_step) == ("9000 s", "clip.mp4", "shorten it")
    assert head["is_spent"] is True


@pytest.mark.parametrize("code", ["TG-S001", "TG-0000", "", "nonsense", 7])
def test_a_code_that_is_no_media_error_arrives_as_a_crash(code: object) -> None:
    assert type(read_error({"code": code, "what": "x"}, "clip.mp4")) is DecodeCrashError


def test_an_answer_past_the_output_limit_is_refused_before_it_is_read() -> None:
    sent = joined(pack({}, [np.zeros(1000, np.uint8)]))
    asked: list[int] = []

    inner = receiver(sent)

    def receive(count: int) -> bytearray:
        asked.append(count)
        return inner(count)

    with pytest.raises(DecodeCrashError, match="too large"):
        unpack(receive, 999)
    assert max(asked) < 1000


def test_a_header_of_exabytes_is_refused_before_it_is_read() -> None:
    with pytest.raises(DecodeCrashError, match="too long"):
        unpack(receiver((2**63).to_bytes(8, "big") + bytes(100)), PLENTY)


@pytest.mark.parametrize(
    "text",
    [
        b"{}",
        b"[]",
        b"null",
        b'{"arrays":[["uint8",-1]]}',
        b'{"arrays":[["object",1]]}',
        b'{"arrays":[["uint8",1e9]]}',
        b'{"arrays":5}',
        b'{"arrays":[[]]}',
        b"[" * 5000,
        b"\xff\xfe",
    ],
)
def test_a_header_that_makes_no_sense_is_refused(text: bytes) -> None:
    with pytest.raises(DecodeCrashError):
        unpack(receiver(len(text).to_bytes(8, "big") + text), PLENTY)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_a_crash_or_a_lost_connection(data: bytes) -> None:
    try:
        unpack(receiver(data), PLENTY)
    except (MediaError, ConnectionError):
        return


@given(st.data())
def test_a_tampered_answer_is_a_clip_or_a_crash(data: st.DataObject) -> None:
    head, arrays = unpack(receiver(joined(pack_clip(made_clip()))), PLENTY)
    key = data.draw(st.sampled_from(sorted(head)))
    head[key] = data.draw(st.sampled_from([None, -1, "x", [], {}, [{}], 1e300]))
    try:
        assert isinstance(read_clip(head, arrays[: data.draw(st.integers(0, len(arrays)))]), Clip)
    except MediaError as error:
        assert isinstance(error, DecodeCrashError)
