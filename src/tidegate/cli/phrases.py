"""Records in a few words: the same phrases on the terminal and on the report's page."""

from collections.abc import Iterable, Sequence

from tidegate.cli.visible import one_line, visible
from tidegate.records import Abstention, MediaCoverage, MediaInfo, Problem, Signal, StageCost


def media_line(media: MediaInfo) -> str:
    """`30.0 s · 1080x1920 h264 30 fps · aac 44100 Hz · 12.1 MB`."""
    parts = [f"{media.duration_s:.1f} s"]
    if video := media.video:
        parts.append(f"{video.width_px}x{video.height_px} {video.codec} {video.frame_rate_hz:.4g} fps")
    parts.append(f"{media.audio.codec} {media.audio.sample_rate_hz} Hz" if media.audio else "no sound")
    parts.append(f"{media.size_bytes / 1e6:.1f} MB")
    return visible(" · ".join(parts))


def evidence_text(signals: Sequence[Signal]) -> str:
    """The strongest two signals in words, and how many more."""
    shown = "; ".join(signal_text(signal) for signal in signals[:2])
    return f"{shown}; +{len(signals) - 2}" if len(signals) > 2 else shown


def signal_text(signal: Signal) -> str:
    """`wording.hate .83 "the quote"`."""
    quote = f' "{one_line(signal.evidence.quote.text, 48)}"' if signal.evidence.quote else ""
    note = f" ({one_line(signal.evidence.note, 80)})" if signal.evidence.note else ""
    return f"{signal.label} {signal.score:.2f}{quote}{note}"


def coverage_text(coverage: MediaCoverage) -> str:
    """What was seen and heard, what was not, and how often decoding failed."""
    frames = "frame" if coverage.frames_sampled == 1 else "frames"
    parts = [
        f"{coverage.frames_sampled} {frames} kept of {coverage.frames_decoded} decoded",
        f"longest unseen {coverage.longest_unseen_s:.1f} s",
        f"{coverage.seconds_heard:.1f} s of sound",
    ]
    if coverage.decode_errors:
        parts.append(f"{coverage.decode_errors} decode {'error' if coverage.decode_errors == 1 else 'errors'}")
    for gap in coverage.gaps:
        where = f" {gap.span.start_s:.1f}–{gap.span.end_s:.1f}" if gap.span else ""
        parts.append(f"gap in {gap.modality.value}{where}: {gap.reason.value.replace('_', ' ')}")
    return ", ".join(parts)


def cost_text(costs: Iterable[StageCost]) -> str:
    """CPU seconds per stage, dearest first, and their sum."""
    by_stage: dict[str, float] = {}
    for cost in costs:
        stage = cost.stage.partition("@")[0]
        by_stage[stage] = by_stage.get(stage, 0.0) + cost.cpu_s
    dearest_first = sorted(by_stage.items(), key=lambda item: -item[1])
    parts = " · ".join(f"{stage} {cpu_s:.3f}" for stage, cpu_s in dearest_first)
    return f"{sum(by_stage.values()):.2f} CPU-s: {parts}" if parts else "no stage ran"


def abstention_text(abstention: Abstention) -> str:
    """`visual.nudity@1: unavailable (pip install ...)`."""
    kind = "" if abstention.is_blind else ", nothing missed"
    reason = abstention.reason.value.replace("_", " ")
    detail = f" ({abstention.detail})" if abstention.detail else ""
    return f"{abstention.detector_id}: {reason}{kind}{detail}"


def some_of(words: Sequence[str], most: int) -> str:
    """The first `most` words, and how many more."""
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more


def problem_text(problem: Problem) -> str:
    """`TG-M003 empty.mp4: the file has no bytes; next: upload the file again`."""
    where = f"{problem.where}: " if problem.where else ""
    following = f"; next: {problem.next_step}" if problem.next_step else ""
    return f"{problem.code} {where}{problem.what}{following}"
