"""Where the money goes: what hearing and reading cost on a mix of clips, with and without their gates.

python benchmarks/reading_cost.py
python benchmarks/reading_cost.py --clips-folder FOLDER --language en
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from feed_mix import LINES, Kind, captions, kinds, made
from gates import READERS, SECOND_ENGINE, Gates, Measured, Sample, all_but, dear, in_turns, measured, words_lost
from measure import arguments, table, verdict
from tidegate.cli.paths import expand
from tidegate.testing.clips import ClipSpec, Truth
from tidegate.testing.reading_errors import ErrorCount, heard_errors, read_errors
from tidegate.testing.sound import Spoken
from tidegate.testing.voices import can_say

LIMIT_BASE_S, LIMIT_ENGLISH_S, LIMIT_SILENT = 6.0, 3.0, 1.10
LEAST_S = 0.005
GATES = {
    "visual.detail": ("visual.nudity", "visual.objects", "visual.faces"),
    "onscreen.lettering": ("onscreen.text",),
    "sound.spans": ("speech.whisper",),
}
"""Gate -> the dear detectors behind it."""
MOST_NAMED = 10


def _close_talk() -> tuple[Spoken, ...]:
    """Lines with pauses of 0.4 s from half a second to half a second before the end of 30 s."""
    lines: list[Spoken] = []
    at_s = 0.5
    while True:
        spoken = Spoken(text=LINES[len(lines) % len(LINES)], language="en", at_s=round(at_s, 2))
        if at_s + spoken.duration_s() > 29.5:
            return tuple(lines)
        lines.append(spoken)
        at_s += spoken.duration_s() + 0.4


_PLAIN = ClipSpec(duration_s=30.0, width_px=1080, height_px=1920, cuts_s=(7.4, 15.1, 22.6), keyframe_every_s=1.0)
TALKING, SILENT = "talking, captioned", "silent, no text"
TARGET_CLIPS = {
    SILENT: replace(_PLAIN, seed=11, has_audio=False),
    TALKING: replace(_PLAIN, seed=15, writings=captions(30.0)),
}
"""The clips of the targets, the talk of one left out: 30 s of 1080x1920, the busy scene, which opens every gate but
those of sound."""

_FAST, _SPARING = ("speech.english=only",), ("speech.english=only", "onscreen.look_every_s=4")

Runs = Mapping[Gates, Mapping[str, Measured]]


def main() -> None:
    given = arguments(
        __doc__ or "",
        clips=(int, 3, "tries of each clip, of which the cheapest counts"),
        clips_folder=(str, "", "measure the clips of this folder instead of the mix"),
        language=(str, "", "language that uploads of --clips-folder declare"),
    )
    if given.clips_folder:
        _own_clips(Path(given.clips_folder), given.language, given.clips)
        return
    _mix(given.folder, given.clips)
    _targets(given.folder, given.clips)


def _mix(folder: Path, tries: int) -> None:
    every = kinds()
    truths = {name: truth for name, kind in every.items() if (truth := made(folder, name, kind.spec)) is not None}
    whole = sum(every[name].share for name in truths)
    mix = {name: replace(every[name], share=every[name].share / whole) for name in truths}
    samples = {name: Sample(truth.path, mix[name].language) for name, truth in truths.items()}
    runs = {gates: measured(samples, gates, tries=tries) for gates in Gates}
    shares = {name: kind.share for name, kind in mix.items()}
    _print_clips(mix, runs)
    _print_stages("the mix", shares, runs)
    _print_detectors("the mix", shares, runs)
    _print_gates("the mix", shares, runs)
    _print_losses(truths, mix, runs)


def _own_clips(folder: Path, language: str, tries: int) -> None:
    """The same account of somebody's own clips, each counted once."""
    paths = sorted(Path(one) for one in expand(str(folder)) if isinstance(one, str))
    if not paths:
        raise SystemExit(f"nothing in {folder} that `tidegate screen` would take")
    samples = {path.relative_to(folder).as_posix(): Sample(path, language) for path in paths}
    runs = {gates: measured(samples, gates, tries=tries) for gates in Gates}
    readable = runs[Gates.SHIPPED].keys() & runs[Gates.LIFTED].keys() & runs[Gates.OPEN].keys()
    if not readable:
        raise SystemExit(f"no clip in {folder} could be read")
    shares = {name: 1.0 / len(readable) for name in samples if name in readable}
    title = f"{len(readable)} clips, {sum(runs[Gates.SHIPPED][name].duration_s for name in readable):,.0f} s"
    _print_stages(title, shares, runs)
    _print_detectors(title, shares, runs)
    _print_gates(title, shares, runs)
    _print_lost_words(shares, runs)


def _weighted(shares: Mapping[str, float], runs: Mapping[str, Measured], stage: str) -> float:
    return sum(share * runs[name].stages.get(stage, 0.0) for name, share in shares.items())


def _print_clips(mix: Mapping[str, Kind], runs: Runs) -> None:
    rows: list[list[object]] = []
    for name, kind in mix.items():
        shipped = runs[Gates.SHIPPED][name]
        scores = (shipped.scores.get(label, 0.0) for label in ("visual.detail", "onscreen.lettering"))
        voice = max(shipped.scores.get(label, 0.0) for label in ("sound.speech", "sound.singing"))
        ran = [
            "yes" if any(one.startswith(f"{detector}@") for one in shipped.ran) else "-"
            for detector in ("visual.nudity", "onscreen.text", "speech.whisper")
        ]
        size = f"{kind.spec.duration_s:.0f} s of {kind.spec.width_px}x{kind.spec.height_px}"
        totals = (runs[gates][name].total_s for gates in Gates)
        rows.append([name, f"{kind.share:.0%}", size, *(f"{one:.2f}" for one in (*scores, voice)), *ran, *totals])
    headings = ("clip", "share", "what", "detail", "lettering", "voice", "looked at", "read", "heard")
    table("The mix: gate scores, what ran, CPU-s a clip", (*headings, *Gates), rows)


def _print_stages(title: str, shares: Mapping[str, float], runs: Runs) -> None:
    rows: list[list[object]] = []
    for stage in _stages(runs):
        each = [_weighted(shares, runs[gates], stage) for gates in Gates]
        if max(each) >= LEAST_S:
            rows.append([stage, *each])
    totals = [sum(share * runs[gates][name].total_s for name, share in shares.items()) for gates in Gates]
    rows.append(["all", *totals])
    rows.append(["all, against nothing spared", *(f"{one / totals[-1]:.0%}" for one in totals)])
    table(f"CPU-s a clip by stage, {title}", ("stage", *Gates), rows)


def _print_detectors(title: str, shares: Mapping[str, float], runs: Runs) -> None:
    rows: list[list[object]] = []
    for detector in (*dear(runs[Gates.OPEN]), SECOND_ENGINE):
        ran = sum(share for name, share in shares.items() if detector in runs[Gates.SHIPPED][name].ran)
        each = [_weighted(shares, runs[gates], detector) for gates in Gates]
        lost = [_lost(detector, shares, runs[Gates.SHIPPED], runs[gates]) for gates in (Gates.LIFTED, Gates.OPEN)]
        rows.append([detector, f"{ran:.0%}", *each, *lost])
    headings = ("detector", "runs on", *(f"CPU-s, {gates}" for gates in Gates))
    against = [f"lost against {gates}" for gates in (Gates.LIFTED, Gates.OPEN)]
    table(f"The dear detectors, {title}", (*headings, *against), rows)


def _print_gates(title: str, shares: Mapping[str, float], runs: Runs) -> None:
    """What each gate costs, and what the detectors behind it would have cost on the clips they were spared."""
    rows: list[list[object]] = []
    for gate, behind in GATES.items():
        ids = [one for one in dear(runs[Gates.OPEN]) if one.startswith(behind)]
        cost_s = sum(
            _weighted(shares, runs[Gates.SHIPPED], stage) for stage in _stages(runs) if stage.startswith(f"{gate}@")
        )
        saved = [
            sum(
                share * runs[gates][name].stages.get(one, 0.0)
                for one in ids
                for name, share in shares.items()
                if one not in runs[Gates.SHIPPED][name].ran
            )
            for gates in (Gates.LIFTED, Gates.OPEN)
        ]
        rows.append([gate, ", ".join(behind), cost_s, *saved])
    against = [f"spared clips would cost, {gates}" for gates in (Gates.LIFTED, Gates.OPEN)]
    table(f"What the gates cost and spare, CPU-s a clip, {title}", ("gate", "before", "costs", *against), rows)


def _stages(runs: Runs) -> list[str]:
    return sorted({stage for found in runs.values() for one in found.values() for stage in one.stages})


def _lost(
    detector: str, shares: Mapping[str, float], less: Mapping[str, Measured], more: Mapping[str, Measured]
) -> str:
    """How many words, or labels where a detector says none, the cheaper runs lack, of how many."""
    if detector == SECOND_ENGINE:
        return "-"
    if not detector.startswith("visual."):
        lost = sum(words_lost(_words(more[name], detector), _words(less[name], detector)).total() for name in shares)
        return f"{lost} of {sum(len(_words(more[name], detector).split()) for name in shares)} words"
    told = [more[name].told.get(detector, frozenset()) for name in shares]
    gone = [each - less[name].told.get(detector, frozenset()) for each, name in zip(told, shares, strict=True)]
    return f"{sum(map(len, gone))} of {sum(map(len, told))} labels"


def _words(one: Measured, detector: str) -> str:
    """What a detector, named with or without its version, heard or read."""
    return " ".join(text for name, text in one.words.items() if name == detector or name.startswith(f"{detector}@"))


def _print_losses(truths: Mapping[str, Truth], mix: Mapping[str, Kind], runs: Runs) -> None:
    rows: list[list[object]] = []
    for name, truth in truths.items():
        row: list[object] = [name]
        for gates in Gates:
            heard, read = _errors(truth, runs[gates][name], mix[name].language)
            row += [_share(heard), _share(read)]
        rows.append(row)
    headings = [f"{what}, {gates}" for gates in Gates for what in ("speech", "picture")]
    table("What skipping loses: word errors of speech, character errors on the picture", ("clip", *headings), rows)


def _errors(truth: Truth, one: Measured, language: str) -> tuple[ErrorCount, ErrorCount]:
    said, written = (" ".join(each.text for each in parts) for parts in (truth.said, truth.written))
    heard, read = (_words(one, detector) for detector in READERS)
    return heard_errors(said, heard, language), read_errors(written, read, language)


def _share(errors: ErrorCount) -> str:
    if not errors.length:
        return f"{errors.errors} made up" if errors.errors else "-"
    return f"{errors.rate:.1%}"


def _print_lost_words(shares: Mapping[str, float], runs: Runs) -> None:
    """The clips whose words skipping lost, most words first."""
    rows: list[tuple[int, str, str, str]] = []
    for name in shares:
        for detector in READERS:
            more, less = (_words(runs[gates][name], detector) for gates in (Gates.OPEN, Gates.SHIPPED))
            if lost := words_lost(more, less):
                rows.append((lost.total(), name, detector, " ".join(sorted(lost))[:80]))
    rows.sort(key=lambda row: (-row[0], row[1]))
    title = f"Words read with nothing spared and not with the gates: {len(rows)} cases"
    table(title, ("words", "clip", "detector", "which"), rows[:MOST_NAMED])


def _targets(folder: Path, tries: int) -> None:
    samples: dict[str, Sample] = {}
    if not can_say("en"):
        raise SystemExit("the clips of the targets need a voice that speaks English")
    for name, spec in TARGET_CLIPS.items():
        truth = made(folder, name, replace(spec, speech=_close_talk()) if name == TALKING else spec)
        if truth is None:
            raise SystemExit("the clips of the targets cannot be made here")
        samples[name] = Sample(truth.path, "en")
    every = kinds()
    plain = [name for name in every if name.startswith("silent,")]
    samples |= {name: Sample(truth.path) for name in plain if (truth := made(folder, name, every[name].spec))}
    talking = {TALKING: samples[TALKING]}
    base, lifted, fast, sparing = (
        measured(talking, gates, tries=tries, flags=flags)[TALKING]
        for gates, flags in (
            (Gates.SHIPPED, ()),
            (Gates.LIFTED, ()),
            (Gates.SHIPPED, _FAST),
            (Gates.SHIPPED, _SPARING),
        )
    )
    _print_talking(base, lifted, fast, sparing)
    rows: list[Sequence[object]] = [
        _target("talking, captioned, base model", base.total_s, LIMIT_BASE_S),
        _target("talking, captioned, fast English", fast.total_s, LIMIT_ENGLISH_S),
        _target("the same, looks for words 4 s apart", sparing.total_s, LIMIT_ENGLISH_S),
    ]
    for name in (SILENT, *plain):
        whole_s, alone_s = in_turns(samples[name], ((), (all_but(READERS),)), tries=2 * tries)
        ratio = whole_s / alone_s
        shown = f"{SILENT}, busy" if name == SILENT else name
        rows.append((f"{shown}, against the gates alone", ratio, f"<= {LIMIT_SILENT}x: {_met(ratio, LIMIT_SILENT)}"))
    table("Targets", ("clip", "measured", "target"), rows)


def _print_talking(base: Measured, lifted: Measured, fast: Measured, sparing: Measured) -> None:
    each = (base, lifted, fast, sparing)
    rows: list[list[object]] = [
        [stage, *(one.stages.get(stage, 0.0) for one in each)]
        for stage in sorted(base.stages)
        if max(one.stages.get(stage, 0.0) for one in each) >= LEAST_S
    ]
    rows.append(["all", *(one.total_s for one in each)])
    headings = ("stage", "gated", "`when` lifted", "fast English", "fast English, looks 4 s apart")
    table("CPU-s by stage, talking and captioned, 30 s of 1080x1920", headings, rows)


def _target(name: str, measured_s: float, limit_s: float) -> tuple[str, float, str]:
    return name, measured_s, f"<= {limit_s} CPU-s: {_met(measured_s, limit_s)}"


def _met(value: float, limit: float) -> str:
    return verdict(value <= limit)


if __name__ == "__main__":
    main()
