"""Records in a few words: the same phrases on the terminal and on the report's page."""

from collections.abc import Iterable, Sequence

from tidegate.explain.scale import clock_text
from tidegate.explain.visible import one_line, visible
from tidegate.records import (
    Abstention,
    EvidencePart,
    Loudness,
    ManifestState,
    MediaCoverage,
    MediaInfo,
    Problem,
    Provenance,
    Signal,
    Span,
    StageCost,
    TextSource,
)

SILENCE_LUFS = -70.0
_MOST_MOMENTS = 4
_MOST_PARTS = 4
_SOURCES = {TextSource.SPEECH: "voice", TextSource.ON_SCREEN: "picture"}


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
    """`wording.hate .83 "the quote"`; of what takes several places to say, each part with its place."""
    evidence = signal.evidence
    quote = f' "{one_line(evidence.quote.text, 48)}"' if evidence.quote else ""
    if evidence.parts:
        more = f" + {len(evidence.parts) - _MOST_PARTS} more" if len(evidence.parts) > _MOST_PARTS else ""
        quote = " " + " + ".join(part_text(part) for part in evidence.parts[:_MOST_PARTS]) + more
    note = f" ({one_line(evidence.note, 80)})" if evidence.note else ""
    return f"{signal.label} {signal.score:.2f}{quote}{note}"


def seconds_text(span: Span) -> str:
    """`12.0–12.5`, or `12.0` of an instant."""
    return f"{span.start_s:.1f}–{span.end_s:.1f}" if span.end_s > span.start_s else f"{span.start_s:.1f}"


def source_text(source: TextSource) -> str:
    """Where words are from, in a word: `caption`, `voice`, `picture`."""
    return _SOURCES.get(source, source.value.replace("_", " "))


def part_text(part: EvidencePart) -> str:
    """`voice 3.1 "at dawn"`: where one part of joined evidence is, and what it says."""
    words = [source_text(part.quote.source) if part.quote else "picture"]
    if part.span is not None:
        words.append(f"{part.span.start_s:.1f}")
    if part.quote is not None:
        words.append(f'"{one_line(part.quote.text, 24)}"')
    return " ".join(words)


def loudness_text(loudness: Loudness, onsets_s: Sequence[float]) -> str:
    """`integrated -16.2 LUFS, loudest 0.4 s at 0:03.2 (-9.1), peak -0.5 dBFS; sudden loud sounds at 0:03.2`."""
    if loudness.integrated_lufs <= SILENCE_LUFS and loudness.loudest_lufs <= SILENCE_LUFS:
        return "silent"
    parts = [f"integrated {_decibels(loudness.integrated_lufs)} LUFS"]
    if loudness.loudest_lufs > SILENCE_LUFS:
        parts.append(f"loudest 0.4 s at {clock_text(loudness.loudest_at_s)} ({_decibels(loudness.loudest_lufs)})")
    parts.append(f"peak {_decibels(loudness.peak_dbfs)} dBFS")
    if not onsets_s:
        return ", ".join(parts)
    moments = some_of([clock_text(time_s) for time_s in onsets_s], _MOST_MOMENTS)
    return f"{', '.join(parts)}; may startle: sudden loud sounds at {moments}"


def _decibels(level: float) -> str:
    return f"{level:.1f}".replace("-", "\N{MINUS SIGN}")


def manifest_text(provenance: Provenance) -> str:
    """What is known of a manifest of origin, in a sentence that does not claim more."""
    signer = one_line(provenance.signer, 120) or "a signer without a name"
    match provenance.manifest:
        case ManifestState.VALID if provenance.is_trusted:
            return f"The manifest of origin is intact and signed by {signer}, who is on the list of trusted signers."
        case ManifestState.VALID:
            return f"The manifest of origin is intact and signed by {signer}, who is on no list of trusted signers."
        case ManifestState.INVALID:
            return "There is a manifest of origin and it does not fit: file or manifest was changed after signing."
        case ManifestState.STRIPPED:
            return "There are traces of a manifest of origin that is gone; many services remove it without intent."
        case ManifestState.UNREADABLE:
            return "There is something like a manifest of origin that cannot be read."
    return "There is no manifest of origin. That says nothing: most files have none."


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
    """`visual.nudity@1: unavailable (pip install ...)`, with the seconds where it is a stretch only."""
    kind = "" if abstention.is_blind else ", nothing missed"
    reason = abstention.reason.value.replace("_", " ")
    detail = f" ({abstention.detail})" if abstention.detail else ""
    where = f" at {seconds_text(abstention.span)}" if abstention.span else ""
    return f"{abstention.detector_id}: {reason}{where}{kind}{detail}"


def some_of(words: Sequence[str], most: int) -> str:
    """The first `most` words, and how many more."""
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more


def problem_text(problem: Problem) -> str:
    """`TG-M003 empty.mp4: the file has no bytes; next: upload the file again`."""
    where = f"{problem.where}: " if problem.where else ""
    following = f"; next: {problem.next_step}" if problem.next_step else ""
    return f"{problem.code} {where}{problem.what}{following}"
