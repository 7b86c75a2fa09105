"""Word errors of what is heard, by language and background: packaged voices, clean and over music at 20, 10 and 0 dB.

    python benchmarks/speech_quality.py --voices-python PYTHON --kokoro-voices FOLDER [--write yes]

Each language's sentences go round its voices. The recogniser is the speech detector as it is registered, in a pipeline
of its own; it is told no language. Installs nothing: a voice that is missing is named with its package and left out.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from measure import arguments, verdict
from quality_page import TEXTS, markdown_table, percent, publish, run_line
from speech_voices import Line, Synthesis, Voice, lines, missing_packages, voices_of
from tidegate.records import Upload
from tidegate.testing.noise_mix import mixed, music
from tidegate.testing.reading_errors import UNSPACED, ErrorCount, heard_errors
from tidegate.testing.voices import SPEECH_RATE_HZ

Wave = NDArray[np.float32]
Hear = Callable[[Wave], tuple[str, str, bool]]
"""From a wave to the words heard, their language, and whether the recogniser abstained from any of it."""

CONDITIONS: Mapping[str, float | None] = {"clean": None, "20 dB": 20.0, "10 dB": 10.0, "0 dB": 0.0}
TARGETS = {"en": 0.15}
OTHER_TARGET, OTHERS_WANTED = 0.25, 7
PAUSE_S = 0.6
JUNK_RATE = 0.5
"""More errors than this in what was heard is junk, not a hearing."""

NAMES = {
    "en": "English", "de": "German", "es": "Spanish", "fr": "French", "it": "Italian", "pt": "Portuguese",
    "ca": "Catalan", "ru": "Russian", "ja": "Japanese", "zh": "Chinese", "nl": "Dutch", "pl": "Polish",
    "tr": "Turkish", "ko": "Korean", "cs": "Czech", "fi": "Finnish", "hi": "Hindi",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How one line was heard under one condition."""

    line: Line
    voice: Voice
    condition: str
    heard: str
    errors: ErrorCount
    is_right_language: bool
    is_abstained: bool


def main() -> None:
    options = arguments(
        __doc__ or "",
        sentences=(int, 12, "sentences per language"),
        languages=(str, "", "comma-separated; all without"),
        voices_python=(Path, Path(sys.executable), "the Python in whose environment the neural voices are installed"),
        kokoro_voices=(Path, Path("kokoro-js/voices"), "folder of Kokoro's style files"),
        whisper=(Path, None, "measure this faster-whisper model by itself, without the detector around it"),
        show=(str, "", "`yes` shows every line that was not heard without error"),
        write=(str, "", "`yes` writes the tables into docs/quality.md"),
    )
    hear = by_model(options.whisper) if options.whisper else by_detector()
    chosen = lines(TEXTS / "speech.tsv", options.sentences)
    if options.languages:
        chosen = {language: chosen[language] for language in options.languages.split(",")}
    synthesis = Synthesis(options.folder / "voices", options.voices_python, options.kokoro_voices)
    pairs = [(line, voice) for found in chosen.values() for line, voice in in_turn(found)]
    synthesis.prepare(pairs)
    results = list[Result]()
    for line, voice in pairs:
        if (speech := synthesis.wave(line, voice)) is not None:
            results += (new := [measured(line, voice, name, speech, hear) for name in conditions_for(voice)])
            for one in new:
                if options.show and one.errors.errors:
                    print(f"\n{voice} {one.condition}: {line.text!r} heard {one.heard!r}", file=sys.stderr)
            print(".", end="", file=sys.stderr, flush=True)
    what = f"the model in {options.whisper.name} alone" if options.whisper else "the speech detector"
    publish("speech", report(results, what, synthesis.missing), is_written=options.write == "yes")


def in_turn(found: Sequence[Line]) -> list[tuple[Line, Voice]]:
    """Each line with a voice of its language; the voices take turns."""
    return [
        (line, voices[index % len(voices)]) for index, line in enumerate(found) if (voices := voices_of(line.language))
    ]


def conditions_for(voice: Voice) -> tuple[str, ...]:
    """A robotic voice is measured clean only: noise on top would say nothing more about the recogniser."""
    return tuple(CONDITIONS) if voice.is_natural else ("clean",)


def measured(line: Line, voice: Voice, condition: str, speech: Wave, hear: Hear) -> Result:
    snr_db = CONDITIONS[condition]
    pause = round(PAUSE_S * SPEECH_RATE_HZ)
    wave = np.pad(speech, (pause, pause))
    if snr_db is not None:
        seed = sum(line.text.encode()) % 1000
        wave = mixed(wave, music(seed, len(wave) / SPEECH_RATE_HZ + 0.1, SPEECH_RATE_HZ), snr_db)
    text, language, is_abstained = hear(wave)
    return Result(
        line=line,
        voice=voice,
        condition=condition,
        heard=text,
        errors=heard_errors(line.text, text, line.language, line.also_written),
        is_right_language=language.partition("-")[0] == line.language,
        is_abstained=is_abstained,
    )


def by_detector() -> Hear:
    """The registered speech detectors and what they need."""
    from tidegate.signals.registry import available
    from tidegate.signals.run import load_all, run_detectors
    from tidegate.testing.fakes import clip_of, view_of

    detectors = available(("speech",))
    for error in load_all(detectors).values():
        raise error

    def hear(wave: Wave) -> tuple[str, str, bool]:
        found = run_detectors(detectors, view_of(Upload(id="line"), clip=clip_of((), audio=wave)))
        utterances = found.readings.utterances
        heard = sorted(utterances, key=lambda one: one.span.start_s)
        abstained = any(one.detector_id.startswith("speech") and one.is_blind for one in found.abstentions)
        return " ".join(one.text for one in heard), heard[0].language if heard else "", abstained

    return hear


def by_model(folder: Path) -> Hear:
    """A faster-whisper model by itself: int8, one thread, greedy, the language detected."""
    from faster_whisper import WhisperModel

    model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1)

    def hear(wave: Wave) -> tuple[str, str, bool]:
        segments, info = model.transcribe(wave, beam_size=1, temperature=0.0)
        return " ".join(one.text for one in segments), info.language, False

    return hear


def total(results: Sequence[Result]) -> ErrorCount:
    return sum((one.errors for one in results), ErrorCount())


def report(results: Sequence[Result], what: str, missing: Mapping[str, str]) -> str:
    natural = [one for one in results if one.voice.is_natural]
    robotic = [one for one in results if not one.voice.is_natural]
    parts = [run_line(f"Heard by {what}, told no language; {len(results)} spoken lines."), by_language(natural)]
    parts += [targets(natural), "**By voice, clean**", by_voice(natural)]
    if robotic:
        parts += [
            "**Robotic voices, clean** (too far from a person to judge a recogniser by; none better is packaged)",
            by_voice(robotic),
        ]
    if missing:
        told = "; ".join(f"{name} ({why})" for name, why in missing.items())
        parts.append(f"**Left out, not installed:** {told}. To install: {'; '.join(missing_packages(missing))}.")
    return "\n\n".join(parts)


def by_language(results: Sequence[Result]) -> str:
    rows = []
    for language in dict.fromkeys(one.line.language for one in results):
        own = [one for one in results if one.line.language == language]
        by_condition = [[one for one in own if one.condition == name] for name in CONDITIONS]
        clean = by_condition[0]
        unit = "characters" if language in UNSPACED else "words"
        right = sum(one.is_right_language for one in own) / len(own)
        abstained = sum(one.is_abstained for one in own) / len(own)
        silent = [one for one in own if not one.is_abstained]
        unheard = sum(not one.heard for one in silent) / len(own)
        junk = sum(bool(one.heard) and one.errors.rate > JUNK_RATE for one in silent) / len(own)
        count = f"{total(clean).length} {unit}, {len({one.voice for one in own})}"
        rates = [percent(total(some).rate) for some in by_condition]
        rows.append(
            [NAMES[language], *rates, percent(right), percent(abstained), percent(unheard), percent(junk), count]
        )
    headings = [
        "language",
        *CONDITIONS,
        "language right",
        "abstained",
        "missed in silence",
        "junk in silence",
        "measured on, voices",
    ]
    return markdown_table(headings, rows)


def targets(results: Sequence[Result]) -> str:
    """Which languages meet the targets for clean speech."""
    rates = {
        language: total([one for one in results if one.line.language == language and one.condition == "clean"]).rate
        for language in dict.fromkeys(one.line.language for one in results)
    }
    others = [language for language, rate in rates.items() if language != "en" and rate <= OTHER_TARGET]
    told = []
    if "en" in rates:
        told.append(f"English at most {percent(TARGETS['en'])}: {verdict(rates['en'] <= TARGETS['en'])}")
    names = ", ".join(NAMES[language] for language in others) or "none"
    is_met = len(others) >= OTHERS_WANTED
    told.append(f"at most {percent(OTHER_TARGET)} in {OTHERS_WANTED} others: {verdict(is_met)} ({names})")
    return f"Targets for clean speech: {'; '.join(told)}."


def by_voice(results: Sequence[Result]) -> str:
    clean = [one for one in results if one.condition == "clean"]
    rows = []
    for voice in dict.fromkeys(one.voice for one in clean):
        own = [one for one in clean if one.voice == voice]
        right = sum(one.is_right_language for one in own) / len(own)
        rows.append([NAMES[voice.language], str(voice), percent(total(own).rate), percent(right), str(len(own))])
    return markdown_table(["language", "voice", "error", "language right", "lines"], rows)


if __name__ == "__main__":
    main()
