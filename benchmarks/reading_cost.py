"""Where the money goes: what hearing and reading cost on a mix of clips, with and without their gates.

python benchmarks/reading_cost.py
"""

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from measure import arguments, family_cpu_s, table, verdict
from tidegate.cli.assemble import open_screener
from tidegate.records import AbstentionReason, Screening, Span, Upload
from tidegate.screening import Screener
from tidegate.settings import resolve
from tidegate.signals.texts import on_screen_text, transcript_text
from tidegate.testing.captions import CaptionStyle
from tidegate.testing.clips import ClipSpec, Truth, Writing, truth_of, write_clip
from tidegate.testing.reading_errors import ErrorCount, heard_errors, read_errors
from tidegate.testing.sound import Spoken, Tone

GATED = ("speech.whisper", "onscreen.text", "onscreen.codes", "visual.nudity", "visual.objects", "visual.faces")
LIMIT_BASE_S, LIMIT_ENGLISH_S, LIMIT_SILENT = 6.0, 3.0, 1.10

_LINES = (
    "The tide is low this morning, so we walk along the harbour and look for shells.",
    "My grandmother taught me this recipe when I was nine years old.",
    "First we wash the rice, then we let it rest for half an hour.",
    "The boats come back at noon, and the market opens right behind them.",
    "I bought two loaves of bread, a bag of apples and a piece of cheese.",
)
_CAPTIONS = (
    "LOW TIDE TODAY\nlook what we found",
    "wash the rice twice",
    "the market opens at noon",
    "thanks for watching",
)
_STYLE = CaptionStyle(outline=0.08)
_PLAIN = ClipSpec(duration_s=30.0, width_px=1080, height_px=1920, cuts_s=(7.4, 15.1, 22.6), keyframe_every_s=1.0)


def _speech() -> tuple[Spoken, ...]:
    lines = []
    at_s = 0.5
    for number in range(8):
        spoken = Spoken(text=_LINES[number % len(_LINES)], language="en", at_s=round(at_s, 2))
        if at_s + spoken.duration_s() > 29.5:
            break
        lines.append(spoken)
        at_s += spoken.duration_s() + 0.4
    return tuple(lines)


def _writings() -> tuple[Writing, ...]:
    return tuple(
        Writing(
            text=text, span=Span(start_s=0.5 + 7.4 * number, end_s=7.0 + 7.4 * number), y=0.62, size=0.03, style=_STYLE
        )
        for number, text in enumerate(_CAPTIONS)
    )


def _music(level: float) -> tuple[Tone, ...]:
    whole = Span(start_s=0.0, end_s=30.0)
    return tuple(Tone(span=whole, frequency_hz=hz, level=level) for hz in (196.0, 246.9, 293.7))


def kinds() -> Mapping[str, tuple[ClipSpec, float]]:
    """Kind of clip -> what it holds, and its share of the mix. The shares are our own assumption of a feed."""
    talk, words = _speech(), _writings()
    return {
        "silent, no text": (replace(_PLAIN, seed=11, has_audio=False), 0.10),
        "music, no text": (replace(_PLAIN, seed=12, tones=_music(0.08)), 0.25),
        "music, captioned": (replace(_PLAIN, seed=13, tones=_music(0.08), writings=words), 0.20),
        "talking, no text": (replace(_PLAIN, seed=14, speech=talk), 0.15),
        "talking, captioned": (replace(_PLAIN, seed=15, speech=talk, writings=words), 0.20),
        "talking over music, captioned": (
            replace(_PLAIN, seed=16, speech=talk, tones=_music(0.01), writings=words),
            0.10,
        ),
    }


@dataclass(slots=True)
class Measured:
    """What one kind of clip cost in one configuration, per clip, and what was heard and read in its last clip."""

    stages: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    total_s: float = 0.0
    ran: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    screening: Screening | None = None


def main() -> None:
    given = arguments(__doc__ or "", clips=(int, 3, "clips of each kind"))
    made = {kind: _made(given.folder, kind, spec) for kind, (spec, _) in kinds().items()}
    configurations = {
        "gated": ((), True),
        "ungated": ((), False),
        "fast English": (("speech.english=only",), True),
        "fast English, looks 4 s apart": (("speech.english=only", "onscreen.look_every_s=4"), True),
        "gate alone": (("screening.detectors=" + _all_but_readers(),), True),
    }
    measured = {
        name: _measure(made, given.clips, flags, is_gated=is_gated)
        for name, (flags, is_gated) in configurations.items()
    }
    _print_stages(measured)
    _print_gates(measured)
    _print_losses(made, measured)
    _print_targets(measured)


def _all_but_readers() -> str:
    from tidegate.signals.registry import built_in

    return ",".join(one.id for one in built_in() if one.id.partition("@")[0] not in ("speech.whisper", "onscreen.text"))


def _made(folder: Path, kind: str, spec: ClipSpec) -> Truth:
    """The clip and its truth; written once."""
    path = folder / f"reading-{kind.replace(', ', '-').replace(' ', '-')}.mp4"
    if not path.exists():
        print(f"making {path} ...", flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"unfinished-{path.name}")
        write_clip(unfinished, spec)
        unfinished.rename(path)
    return truth_of(path, spec)


@contextmanager
def _opened(flags: tuple[str, ...], *, is_gated: bool) -> Iterator[Screener]:
    with open_screener(resolve(flags)) as (screener, _):
        if not is_gated:
            for detector in screener.detectors:
                if detector.when is not None:
                    detector.when = None
        yield screener


def _measure(made: Mapping[str, Truth], count: int, flags: tuple[str, ...], *, is_gated: bool) -> dict[str, Measured]:
    found: dict[str, Measured] = {}
    with _opened(flags, is_gated=is_gated) as screener:
        for truth in made.values():
            screener.screen(Upload(id="warm"), truth.path, now_s=0.0)
        for kind, truth in made.items():
            one = Measured()
            start_s = family_cpu_s(os.getpid())
            for number in range(count):
                upload = Upload(id=f"{kind}-{number}", caption="A day at the harbour", language="en")
                one.screening = screener.screen(upload, truth.path, now_s=0.0).screening
                if one.screening.media is None:
                    raise SystemExit(f"{truth.path} cannot be read")
                for cost in one.screening.costs:
                    one.stages[cost.stage] += cost.cpu_s / count
                not_needed = {
                    gone.detector_id
                    for gone in one.screening.abstentions
                    if gone.reason in (AbstentionReason.NOT_NEEDED, AbstentionReason.NO_INPUT)
                }
                for detector in screener.detectors:
                    one.ran[detector.id] += (detector.id not in not_needed) / count
            one.total_s = (family_cpu_s(os.getpid()) - start_s) / count
            found[kind] = one
    return found


def _print_stages(measured: Mapping[str, dict[str, Measured]]) -> None:
    names = list(kinds())
    stages = sorted({stage for one in measured["ungated"].values() for stage in one.stages})
    for title in ("gated", "ungated", "fast English, looks 4 s apart"):
        rows: list[list[object]] = [
            [stage, *(measured[title][kind].stages.get(stage, 0.0) for kind in names)]
            for stage in stages
            if max(one.stages.get(stage, 0.0) for one in measured["ungated"].values()) >= 0.005
        ]
        rows.append(["all", *(measured[title][kind].total_s for kind in names)])
        table(f"CPU-s a clip, {title}", ("stage", *names), rows)


def _print_gates(measured: Mapping[str, dict[str, Measured]]) -> None:
    rows: list[list[object]] = []
    mix = {kind: share for kind, (_, share) in kinds().items()}
    for detector in sorted({name for one in measured["gated"].values() for name in one.ran}):
        if not detector.startswith(GATED):
            continue
        ran = sum(share * measured["gated"][kind].ran[detector] for kind, share in mix.items())
        gated = sum(share * measured["gated"][kind].stages.get(detector, 0.0) for kind, share in mix.items())
        open_s = sum(share * measured["ungated"][kind].stages.get(detector, 0.0) for kind, share in mix.items())
        rows.append([detector, f"{ran:.0%}", gated, open_s, f"{1 - gated / open_s:.0%}" if open_s else "-"])
    table(
        "The dear detectors on the mix",
        ("detector", "runs on", "CPU-s a clip, gated", "ungated", "saved"),
        rows,
    )


def _print_losses(made: Mapping[str, Truth], measured: Mapping[str, dict[str, Measured]]) -> None:
    rows: list[list[object]] = []
    for kind, truth in made.items():
        row: list[object] = [kind]
        for title in ("gated", "ungated", "fast English", "fast English, looks 4 s apart"):
            screening = measured[title][kind].screening
            if screening is None:
                raise SystemExit(f"nothing was screened of {kind}")
            said, written = (" ".join(one.text for one in found) for found in (truth.said, truth.written))
            heard = heard_errors(said, transcript_text(screening.utterances), "en")
            read = read_errors(written, on_screen_text(screening.on_screen_texts), "en")
            row += [_share(heard) if truth.said else "-", _share(read) if truth.written else "-"]
        rows.append(row)
    table(
        "What skipping loses: word errors of speech, character errors on the picture",
        (
            "clip",
            "speech, gated",
            "picture, gated",
            "speech, ungated",
            "picture, ungated",
            "speech, fast",
            "picture, fast",
            "speech, looks 4 s apart",
            "picture, looks 4 s apart",
        ),
        rows,
    )


def _share(errors: ErrorCount) -> str:
    return f"{errors.rate:.1%}"


def _print_targets(measured: Mapping[str, dict[str, Measured]]) -> None:
    base = measured["gated"]["talking, captioned"].total_s
    fast = measured["fast English"]["talking, captioned"].total_s
    sparing = measured["fast English, looks 4 s apart"]["talking, captioned"].total_s
    silent = measured["gated"]["silent, no text"].total_s / measured["gate alone"]["silent, no text"].total_s
    rows = [
        ("talking, captioned, base model", base, f"<= {LIMIT_BASE_S} CPU-s: {verdict(base <= LIMIT_BASE_S)}"),
        ("talking, captioned, fast English", fast, f"<= {LIMIT_ENGLISH_S} CPU-s: {verdict(fast <= LIMIT_ENGLISH_S)}"),
        (
            "the same, looks for words 4 s apart",
            sparing,
            f"<= {LIMIT_ENGLISH_S} CPU-s: {verdict(sparing <= LIMIT_ENGLISH_S)}",
        ),
        (
            "silent without text, against the gates alone",
            silent,
            f"<= {LIMIT_SILENT}x: {verdict(silent <= LIMIT_SILENT)}",
        ),
    ]
    table("Targets", ("30 s of 1080x1920", "measured", "target"), rows)


if __name__ == "__main__":
    main()
