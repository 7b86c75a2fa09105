import numpy as np
import pytest

from tidegate.media.changes import Change
from tidegate.media.clip import FrameReason
from tidegate.media.coverage import (
    Heard,
    Seen,
    damaged_runs,
    picture_gaps,
    picture_holes,
    sound_gaps,
    unseen_runs,
)
from tidegate.media.lettering import Appearance
from tidegate.media.looks import GRID_PX, Look, signature
from tidegate.media.packets import PacketLog, table
from tidegate.media.slices import Kind, Peek, Peeker
from tidegate.records import AudioStream, FrameClock, GapReason, MediaInfo, Shot, Span, VideoStream

LATE = GapReason.OVER_BUDGET


def span(start_s: float, end_s: float) -> Span:
    return Span(start_s=start_s, end_s=end_s)


def info(*, picture_s: float | None = 10.0, sound_s: float | None = 10.0) -> MediaInfo:
    video = picture_s is not None and VideoStream(
        codec="h264",
        width_px=9,
        height_px=9,
        duration_s=picture_s,
        frame_rate_hz=30,
        frame_count=300,
        keyframe_count=10,
    )
    audio = sound_s is not None and AudioStream(codec="aac", sample_rate_hz=48_000, channels=1, duration_s=sound_s)
    return MediaInfo(
        size_bytes=1, sha256="", container="mp4", duration_s=10.0, video=video or None, audio=audio or None
    )


def seen(**fields: object) -> Seen:
    known: dict[str, object] = {
        "has_looks": True,
        "clock": FrameClock(times_s=(0.0,), end_s=10.0),
        "unseen": (),
        "missed": (),
        "damaged": (),
        "holes": (),
        "shots": (Shot(index=0, span=span(0, 4)), Shot(index=1, span=span(4, 10))),
        "unkept": (),
        "unread": (),
        "is_over_budget": False,
        "skipped_streams": 0,
    }
    return Seen(**{**known, **fields})  # type: ignore[arg-type]


def heard(end_s: float = 10.0, *holes: Span, is_full: bool = False) -> Heard:
    return Heard(end_s=end_s, holes=holes, is_full=is_full)


def test_a_clip_seen_and_heard_whole_has_no_gaps() -> None:
    assert picture_gaps(info(), seen(), heard(), LATE, 2.0) == []
    assert sound_gaps(info(), heard(), LATE) == []


def test_a_missing_stream_is_a_gap_of_its_own_kind() -> None:
    (gap,) = picture_gaps(info(picture_s=None), seen(), heard(), LATE, 2.0)
    assert gap.reason is GapReason.NO_STREAM
    (gap,) = sound_gaps(info(sound_s=None), None, LATE)
    assert gap.reason is GapReason.NO_STREAM


def test_zero_pictures_without_an_error_are_a_gap() -> None:
    (gap,) = picture_gaps(info(), seen(has_looks=False), heard(), LATE, 2.0)
    assert (gap.reason, gap.span) == (GapReason.DAMAGED, span(0, 10))


def test_a_declared_end_that_is_not_there_is_damaged() -> None:
    clock = FrameClock(times_s=(0.0,), end_s=4.0)
    (gap,) = picture_gaps(info(), seen(clock=clock), heard(), LATE, 2.0)
    assert (gap.reason, gap.span) == (GapReason.DAMAGED, span(4, 10))


def test_an_end_that_time_ran_out_for_says_so() -> None:
    clock = FrameClock(times_s=(0.0,), end_s=4.0)
    (gap,) = picture_gaps(info(), seen(clock=clock), heard(), GapReason.TIME_LIMIT, 2.0)
    assert gap.reason is GapReason.TIME_LIMIT


def test_only_stretches_longer_than_asked_are_gaps() -> None:
    gaps = picture_gaps(info(), seen(unseen=(span(0, 2), span(3, 7))), heard(), LATE, 2.0)
    assert [gap.span for gap in gaps] == [span(3, 7)]


@pytest.mark.parametrize(("score", "count"), [(12.0, 1), (4.0, 0)])
def test_a_clear_change_that_nobody_looked_at_is_a_gap(score: float, count: int) -> None:
    missed = (Change(packet=5, time_s=1.0, score=score),)
    gaps = picture_gaps(info(), seen(missed=missed, unseen=(span(0.5, 2),)), heard(), LATE, 2.0)
    assert len(gaps) == count


def test_a_missed_change_that_was_seen_after_all_is_none() -> None:
    missed = (Change(packet=5, time_s=1.0, score=12.0),)
    assert picture_gaps(info(), seen(missed=missed, unseen=(span(3, 4),)), heard(), LATE, 2.0) == []


def test_a_hole_counts_when_sound_is_missing_too_or_there_is_none() -> None:
    holes = (span(2, 4),)
    assert picture_gaps(info(), seen(holes=holes), heard(), LATE, 9.0) == []
    assert len(picture_gaps(info(), seen(holes=holes), heard(10.0, span(2.1, 3.9)), LATE, 9.0)) == 1
    assert len(picture_gaps(info(), seen(holes=holes), None, LATE, 9.0)) == 1


def test_shots_without_a_kept_frame_are_counted() -> None:
    (gap,) = picture_gaps(info(), seen(unkept=(1,)), heard(), LATE, 2.0)
    assert gap.detail.startswith("1 of 2 shots")
    assert gap.span == span(4, 10)


@pytest.mark.parametrize(("seconds", "reason"), [(1.5, GapReason.UNREAD), (0.5, GapReason.OVER_BUDGET)])
def test_lettering_without_a_frame_is_unread_if_it_stood_long_enough_to_be_read(
    seconds: float, reason: GapReason
) -> None:
    lettering = Appearance(positions=(3,), cell_count=9, span=span(2.0, 2.0 + seconds))
    (gap,) = picture_gaps(info(), seen(unread=(lettering,)), heard(), LATE, 2.0)
    assert (gap.reason, gap.span) == (reason, lettering.span)


def test_gaps_of_much_lettering_are_bounded_and_still_reach_its_end() -> None:
    many = tuple(Appearance(positions=(n,), cell_count=9, span=span(2 * n, 2 * n + 2)) for n in range(300))
    gaps = picture_gaps(info(), seen(unread=many), heard(), LATE, 2.0)
    assert len(gaps) <= 20
    assert gaps[-1].span is not None
    assert gaps[-1].span.end_s == 600.0
    assert "281 times" in gaps[-1].detail


def test_a_second_picture_stream_is_not_passed_over_in_silence() -> None:
    (gap,) = picture_gaps(info(), seen(skipped_streams=1), heard(), LATE, 2.0)
    assert "1 further" in gap.detail


def test_sound_that_ends_early_or_never_came_is_damaged() -> None:
    assert sound_gaps(info(), heard(4.0), LATE)[0].span == span(4, 10)
    assert sound_gaps(info(), heard(0.0), LATE)[0].reason is GapReason.DAMAGED


def test_more_sound_than_is_decoded_is_a_gap_even_where_none_was_declared() -> None:
    (gap,) = sound_gaps(info(sound_s=1.0), heard(900.0, is_full=True), LATE)
    assert gap.reason is GapReason.OVER_BUDGET


def look(index: int) -> Look:
    grid = np.zeros((GRID_PX, GRID_PX, 3), np.uint8)
    return Look(index=index, time_s=index / 10, reason=FrameReason.KEYFRAME, signature=signature(grid))


def log_of(times: list[int], *, damaged: tuple[int, ...] = (), hidden: tuple[int, ...] = ()) -> PacketLog:
    log = PacketLog(Peeker(lambda _: Peek(Kind.REFERENCE), knows_kinds=True))
    for number, time in enumerate(times):
        peek = Peek(Kind.REFERENCE, is_damaged=number in damaged)
        log.add_plain(time, 1, 10, peek, is_keyframe=number == 0, is_hidden=number in hidden)
    return log


def test_unseen_runs_lie_between_looks() -> None:
    packets = table(log_of(list(range(10))), 0.1, 0.0)
    runs = unseen_runs(packets, [look(0), look(4)])
    assert [(round(run.start_s, 3), round(run.end_s, 3)) for run in runs] == [(0.1, 0.4), (0.5, 1.0)]


def test_a_picture_shown_for_long_hides_nothing() -> None:
    packets = table(log_of([0, 1, 100]), 0.1, 0.0)
    assert [run.duration_s for run in unseen_runs(packets, [look(0), look(1), look(2)])] == []


def test_hidden_pictures_are_not_unseen() -> None:
    packets = table(log_of([-2, -1, 0, 1], hidden=(0, 1)), 0.1, 0.0)
    assert unseen_runs(packets, [look(2), look(3)]) == []


def test_packets_without_pictures_are_found() -> None:
    packets = table(log_of(list(range(8)), damaged=(3, 4)), 0.1, 0.0)
    assert [(round(run.start_s, 3), round(run.end_s, 3)) for run in damaged_runs(packets)] == [(0.3, 0.5)]


def test_a_jump_far_beyond_a_pictures_own_duration_is_a_hole() -> None:
    packets = table(log_of([0, 1, 21, 22]), 0.1, 0.0)
    assert [(round(hole.start_s, 3), round(hole.end_s, 3)) for hole in picture_holes(packets)] == [(0.2, 2.1)]
