"""Character errors of what is read on the picture, by script and condition: captions drawn in the system's fonts.

    python benchmarks/onscreen_quality.py [--captions 3] [--write yes]

Captions stand over a busy moving scene at the size at which frames are screened; one condition goes through H.264 and
the decoder. The reader is the on-screen family as it is registered. Fonts that are missing are named and left out.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from caption_scenes import CONDITIONS, Condition, Text, clip_with, families, texts
from measure import arguments, verdict
from quality_page import TEXTS, markdown_table, percent, publish, run_line
from tidegate.media.clip import Clip
from tidegate.records import OnScreenText, Upload
from tidegate.testing.fonts import SCRIPTS, has_font
from tidegate.testing.reading_errors import ErrorCount, read_errors

CLEAN_TARGET, HARD_TARGET = 0.05, 0.15
UNLETTERED = "Zyyy"
"""ISO 15924 for what has digits and signs only."""

JUNK_RATE = 0.5
"""More errors than this in what was read is junk, not a reading."""

NAMES = {
    "Latn": "Latin", "Hani": "Chinese", "Jpan": "Japanese", "Hang": "Korean", "Cyrl": "Cyrillic", "Grek": "Greek",
    "Arab": "Arabic", "Hebr": "Hebrew", "Deva": "Devanagari", "Beng": "Bengali", "Taml": "Tamil", "Thai": "Thai",
    "Geor": "Georgian",
}  # fmt: skip

Read = Callable[[Clip], tuple[tuple[OnScreenText, ...], bool]]
"""From a clip to the captions read, and whether the readers abstained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How one caption was read. `readers` are the engines whose scripts its words were read in."""

    text: Text
    condition: str
    read: str
    errors: ErrorCount
    readers: frozenset[str]
    is_abstained: bool

    @property
    def is_left(self) -> bool:
        """Nothing read, and the readers said so."""
        return not self.readers and self.is_abstained

    @property
    def is_missed(self) -> bool:
        """Nothing read, and nobody said so."""
        return not self.readers and not self.is_abstained

    @property
    def is_junk(self) -> bool:
        """Read as something else, and nobody said so."""
        return bool(self.readers) and not self.is_abstained and self.errors.rate > JUNK_RATE


def main() -> None:
    options = arguments(
        __doc__ or "",
        captions=(int, 8, "captions per script"),
        scripts=(str, "", "comma-separated ISO 15924 codes; all without"),
        show=(str, "", "`yes` shows every caption that was not read without error"),
        write=(str, "", "`yes` writes the tables into docs/quality.md"),
    )
    found = [text for text in texts(TEXTS / "captions.tsv", options.captions) if _is_asked(text, options.scripts)]
    missing = {SCRIPTS[text.script].package for text in found if not has_font(text.script)}
    found = [text for text in found if has_font(text.script)]
    read = by_detectors()
    results, by_family = list[Result](), dict[str, list[Result]]()
    with tempfile.TemporaryDirectory() as folder:
        for seed, text in enumerate(found):
            for name, condition in CONDITIONS.items():
                results.append(measured(text, name, condition, read, Path(folder), seed=seed))
                if options.show and results[-1].errors.errors:
                    print(f"\n{text.script} {name}: {text.words!r} read {results[-1].read!r}", file=sys.stderr)
            print(".", end="", file=sys.stderr, flush=True)
        for family in families():
            latin = [text for text in found if text.script == "Latn"]
            by_family[family] = [
                measured(text, "outlined", CONDITIONS["outlined"], read, Path(folder), seed=seed, family=family)
                for seed, text in enumerate(latin)
            ]
    publish("onscreen", report(results, by_family, missing), is_written=options.write == "yes")


def _is_asked(text: Text, scripts: str) -> bool:
    return not scripts or text.script in scripts.split(",")


def measured(
    text: Text, name: str, condition: Condition, read: Read, folder: Path, *, seed: int, family: str = ""
) -> Result:
    found, is_abstained = read(clip_with(text, condition, folder, family=family, seed=seed))
    words = " ".join(dict.fromkeys(one.text for one in found))
    return Result(
        text=text,
        condition=name,
        read=words,
        errors=read_errors(text.words, words, text.language),
        readers=frozenset(engine_of(one) for one in found if one.text.strip()),
        is_abstained=is_abstained,
    )


def engine_of(text: OnScreenText) -> str:
    """Which engine reads the script that a text was read in: the bundled one, or else tesseract."""
    from tidegate.signals.onscreen.scripts import READABLE

    return "bundled" if text.script in (*READABLE, UNLETTERED, "") else "tesseract"


def by_detectors() -> Read:
    """The registered on-screen detectors; what they read twice counts once."""
    from tidegate.signals.registry import available
    from tidegate.signals.run import load_all, run_detectors
    from tidegate.testing.fakes import view_of

    detectors = available(("onscreen",))
    for error in load_all(detectors).values():
        raise error

    def read(clip: Clip) -> tuple[tuple[OnScreenText, ...], bool]:
        found = run_detectors(detectors, view_of(Upload(id="caption"), clip=clip))
        ours = [one for one in found.abstentions if one.detector_id.startswith("onscreen") and one.is_blind]
        for problem in found.problems:
            print(problem, file=sys.stderr)
        return tuple(found.readings.on_screen_texts), bool(ours)

    return read


def total(results: Iterable[Result]) -> ErrorCount:
    """Errors of all captions but those that were left alone with an abstention."""
    return sum((one.errors for one in results if not one.is_left), ErrorCount())


def share(flags: Sequence[bool]) -> str:
    return percent(sum(flags) / len(flags)) if flags else ""


def rate_of(results: Sequence[Result]) -> str:
    """The error of what was not left alone, and of how many captions where some were; or that all of them were."""
    kept = [one for one in results if not one.is_left]
    if not kept:
        return "abstained"
    return percent(total(kept).rate) + (f" of {len(kept)}" if len(kept) < len(results) else "")


def report(results: Sequence[Result], by_family: Mapping[str, Sequence[Result]], missing: Iterable[str]) -> str:
    parts = [run_line(f"{len(results)} captions in {len(_scripts(results))} scripts."), by_script(results)]
    parts += [targets(results), "**By condition**", by_condition(results)]
    if by_family and any(by_family.values()):
        parts += ["**Latin by font, outlined**", _by_family(by_family), "**Latin by language**", by_language(results)]
    if packages := sorted(set(missing)):
        parts.append(f"**Left out, fonts not installed:** {', '.join(packages)}.")
    return "\n\n".join(parts)


def _scripts(results: Sequence[Result]) -> list[str]:
    return list(dict.fromkeys(one.text.script for one in results))


def _halves(results: Sequence[Result], script: str) -> tuple[list[Result], list[Result]]:
    own = [one for one in results if one.text.script == script]
    clean = [one for one in own if not CONDITIONS[one.condition].is_hard]
    return clean, [one for one in own if CONDITIONS[one.condition].is_hard]


def by_script(results: Sequence[Result]) -> str:
    rows = []
    for script in _scripts(results):
        clean, hard = _halves(results, script)
        own = clean + hard
        readers = Counter(name for one in own for name in one.readers)
        count = max(1, sum(bool(one.readers) for one in own))
        engines = ", ".join(f"{name} {percent(times / count)}" for name, times in readers.most_common()) or "nobody"
        shares = [share([getattr(one, name) for one in own]) for name in ("is_left", "is_missed", "is_junk")]
        rows.append([NAMES.get(script, script), engines, rate_of(clean), rate_of(hard), *shares, str(len(own))])
    return markdown_table(
        ["script", "read by", "clean", "hard", "abstained", "missed in silence", "junk in silence", "captions"], rows
    )


def targets(results: Sequence[Result]) -> str:
    """Which scripts meet the targets: those that the bundled engine is for, and those left to the second one."""
    from tidegate.signals.onscreen.scripts import READABLE

    there = _scripts(results)
    groups = {
        "Scripts of the bundled engine": [script for script in there if script in READABLE],
        "Scripts left to tesseract": [script for script in there if script not in READABLE],
    }
    lines = []
    for whose, scripts in groups.items():
        told = [
            _target(results, scripts, name, most, half)
            for name, most, half in (("clean", CLEAN_TARGET, 0), ("hard", HARD_TARGET, 1))
        ]
        lines += [f"- {whose}: {'; '.join(told)}."] if scripts else []
    return "\n".join(["Targets:", "", *lines])


def _target(results: Sequence[Result], scripts: Sequence[str], name: str, most: float, half: int) -> str:
    rates = {NAMES.get(script, script): total(_halves(results, script)[half]).rate for script in scripts}
    met = [script for script, rate in rates.items() if rate <= most]
    missed = [script for script, rate in rates.items() if rate > most]
    parts = [f"{name} at most {percent(most)} {verdict(not missed)}"]
    parts += [f"met in {', '.join(met)}"] if met else []
    parts += [f"missed in {', '.join(missed)}"] if missed else []
    return ", ".join(parts)


def by_condition(results: Sequence[Result]) -> str:
    rows = [
        [NAMES.get(script, script)]
        + [rate_of([r for r in results if r.text.script == script and r.condition == name]) for name in CONDITIONS]
        for script in _scripts(results)
    ]
    return markdown_table(["script", *CONDITIONS], rows)


def by_language(results: Sequence[Result]) -> str:
    latin = [one for one in results if one.text.script == "Latn"]
    rows = []
    for language in dict.fromkeys(one.text.language for one in latin):
        clean, hard = _halves([one for one in latin if one.text.language == language], "Latn")
        rows.append([language, rate_of(clean), rate_of(hard)])
    return markdown_table(["language", "clean", "hard"], rows)


def _by_family(by_family: Mapping[str, Sequence[Result]]) -> str:
    rows = [[name, rate_of(found), str(len(found))] for name, found in by_family.items()]
    return markdown_table(["font", "error", "captions"], rows)


if __name__ == "__main__":
    main()
