"""What was heard, read and proven, as lines a person reads: a summary, and everything for `--explain`."""

from collections.abc import Iterator, Sequence

from tidegate.explain.phrases import loudness_text, manifest_text, seconds_text, some_of, source_text
from tidegate.explain.visible import one_line
from tidegate.records import OnScreenKind, Provenance, Screening, SoundKind, Span, TextSource

MOST_LINES = 100
MOST_SPANS = 6
MOST_CHARS = 160

Cells = tuple[str, str, str, str]


def words_summary(screening: Screening) -> str:
    """`5 utterances (en, ko), 6 texts on the picture`; empty where nothing was heard or read."""
    parts = []
    if heard := screening.utterances:
        languages = some_of(sorted({one.language for one in heard if one.language}), 4)
        count = "1 utterance" if len(heard) == 1 else f"{len(heard)} utterances"
        parts.append(f"{count} ({languages})" if languages else count)
    if shown := screening.on_screen_texts:
        parts.append("1 text on the picture" if len(shown) == 1 else f"{len(shown)} texts on the picture")
    return ", ".join(parts)


def word_lines(screening: Screening) -> tuple[list[Cells], int]:
    """Seconds, place and language, confidence, words: in order of time, and how many more there are than are told."""
    found: list[tuple[Span, Cells]] = []
    for one in screening.utterances:
        voice = "♪ sung" if one.is_sung else source_text(TextSource.SPEECH)
        found.append((one.span, _cells(one.span, voice, one.language, one.confidence, one.text)))
    for text in screening.on_screen_texts:
        place = source_text(TextSource.ON_SCREEN) if text.kind is OnScreenKind.CAPTION else text.kind.value
        found.append((text.span, _cells(text.span, place, text.language or text.script, text.confidence, text.text)))
    found.sort(key=lambda item: (item[0].start_s, item[0].end_s))
    return [cells for _, cells in found[:MOST_LINES]], max(0, len(found) - MOST_LINES)


def _cells(span: Span, place: str, language: str, confidence: float, text: str) -> Cells:
    return seconds_text(span), one_line(f"{place} {language}", 24), f"{confidence:.2f}", one_line(text, MOST_CHARS)


def sound_lines(screening: Screening) -> Iterator[tuple[str, str]]:
    """Each kind of sound with its stretches in seconds, then how loud it is."""
    for kind in SoundKind:
        spans = [seconds_text(one.span) for one in screening.sound_spans if one.kind is kind]
        if spans:
            yield kind.value.replace("_", " "), some_of(spans, MOST_SPANS)
    if screening.loudness is not None:
        # The onsets stand in a line of their own above.
        yield "loudness", loudness_text(screening.loudness, ())


def origin_lines(provenance: Provenance) -> Iterator[tuple[str, str]]:
    """What marks of origin say: the manifest in a sentence, then what it and the file's tags name."""
    yield "manifest", manifest_text(provenance)
    if provenance.declares_ai:
        yield "declares", "that a machine generated or altered it"
    named: Sequence[tuple[str, Sequence[str]]] = (
        ("made with", [provenance.generator] if provenance.generator else ()),
        ("done", [action.removeprefix("c2pa.") for action in provenance.actions]),
        ("software", provenance.software),
        ("encoded again", provenance.reencode_traces),
        ("problems", provenance.problems),
    )
    for term, values in named:
        if values:
            yield term, some_of([one_line(value, 80) for value in values], MOST_SPANS)
