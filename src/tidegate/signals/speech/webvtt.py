"""A transcript as WebVTT subtitles (W3C WebVTT): short cues by the times of the words, whatever these contain; pure."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from tidegate.records import Utterance

LINE_COLUMNS = 42
"""Most columns of a line, the usual limit of subtitles; East Asian wide characters take two."""

LINES = 2
MOST_CUE_S = 7.0
LEAST_CUE_MS = 500
"""A cue stays at least this long where the next one leaves room."""

SUNG_MARK = "♪"

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_JOINERS = frozenset("\u200c\u200d")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    """Characters without a blank that stay on one line; `is_glued` to the one before it by the lack of a blank."""

    text: str
    start_s: float
    end_s: float
    is_glued: bool

    @property
    def columns(self) -> int:
        return columns(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cue:
    start_ms: int
    end_ms: int
    lines: tuple[str, ...]
    language: str


def webvtt(utterances: Sequence[Utterance]) -> str:
    """The utterances as the text of a `.vtt` file, to be written in UTF-8. Cost: linear in the text.

    Cues follow in order of time, hold at most two lines of 42 columns (longer words are broken), and where words have
    times last at most 7 s and one word. A cue ends before the next begins unless both begin in the same millisecond.
    A NOTE tells each change of language; sung cues stand between ♪. `&`, `<` and `>` are escaped, line breaks and
    other control characters become blanks, so no text can end a cue, add a tag or fake a cue's time.
    """
    cues = sorted((cue for one in utterances for cue in _cues(one)), key=lambda cue: (cue.start_ms, cue.end_ms))
    blocks = ["WEBVTT"]
    for language, group in groupby(_apart(cues), key=lambda cue: cue.language):
        blocks.append(f"NOTE language: {language}")
        blocks += ("\n".join((_times(cue), *cue.lines)) for cue in group)
    return "\n\n".join(blocks) + "\n"


def timestamp(time_ms: int) -> str:
    """Milliseconds as `hh:mm:ss.ttt`, hours with two digits or more."""
    seconds, milliseconds = divmod(max(0, time_ms), 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}.{milliseconds:03d}"


def columns(text: str) -> int:
    """Columns that a text takes: two for wide characters, none for marks that combine with what they follow."""
    return sum(_width(character) for character in text)


def _times(cue: _Cue) -> str:
    return f"{timestamp(cue.start_ms)} --> {timestamp(cue.end_ms)}"


def _apart(cues: Sequence[_Cue]) -> Iterator[_Cue]:
    """The cues with ends that are behind their starts and, where there is room, before the next start."""
    for index, cue in enumerate(cues):
        end_ms = max(cue.end_ms, cue.start_ms + LEAST_CUE_MS)
        if index + 1 < len(cues) and cues[index + 1].start_ms > cue.start_ms:
            end_ms = min(end_ms, cues[index + 1].start_ms)
        yield _Cue(start_ms=cue.start_ms, end_ms=end_ms, lines=cue.lines, language=cue.language)


def _cues(utterance: Utterance) -> Iterator[_Cue]:
    marks = 2 * (len(SUNG_MARK) + 1) if utterance.is_sung else 0
    limit = LINE_COLUMNS - marks
    language = "".join(c for c in utterance.language if c.isascii() and (c.isalnum() or c == "-")) or "und"
    lines: list[list[_Token]] = []
    for token in _tokens(utterance, limit):
        if lines and token.end_s - lines[0][0].start_s > MOST_CUE_S:
            yield _cue(lines, language, is_sung=utterance.is_sung)
            lines = []
        if lines and _columns_of(lines[-1]) + (not token.is_glued) + token.columns <= limit:
            lines[-1].append(token)
        elif len(lines) < LINES:
            lines.append([token])
        else:
            yield _cue(lines, language, is_sung=utterance.is_sung)
            lines = [[token]]
    if lines:
        yield _cue(lines, language, is_sung=utterance.is_sung)


def _cue(lines: Sequence[Sequence[_Token]], language: str, *, is_sung: bool) -> _Cue:
    texts = [_line(line).translate(_ESCAPES) for line in lines]
    if is_sung:
        texts[0] = f"{SUNG_MARK} {texts[0]}"
        texts[-1] = f"{texts[-1]} {SUNG_MARK}"
    tokens = [token for line in lines for token in line]
    return _Cue(
        start_ms=round(tokens[0].start_s * 1000),
        end_ms=round(max(token.end_s for token in tokens) * 1000),
        lines=tuple(texts),
        language=language,
    )


def _line(tokens: Sequence[_Token]) -> str:
    return "".join(
        token.text if index == 0 or token.is_glued else f" {token.text}" for index, token in enumerate(tokens)
    )


def _columns_of(line: Sequence[_Token]) -> int:
    return sum(token.columns + (index > 0 and not token.is_glued) for index, token in enumerate(line))


def _tokens(utterance: Utterance, limit: int) -> Iterator[_Token]:
    """The utterance in pieces between blanks and between its words, none wider than a line."""
    begin, is_glued = 0, False
    bounds = [word.start_char for word in utterance.words[1:]] + [len(utterance.text)]
    spans = [word.span for word in utterance.words] or [utterance.span]
    for span, end in zip(spans, bounds, strict=True):
        raw = _clean(utterance.text[begin : max(begin, end)])
        begin = max(begin, end)
        for at, text in _split(raw, limit):
            share = span.duration_s / max(1, len(raw.rstrip()))
            yield _Token(
                text=text,
                start_s=span.start_s + at * share,
                end_s=span.start_s + (at + len(text)) * share,
                is_glued=is_glued if at == 0 else not raw[at - 1].isspace(),
            )
        is_glued = is_glued if not raw else not raw[-1].isspace()


def _split(raw: str, limit: int) -> Iterator[tuple[int, str]]:
    """Runs between blanks with their places, broken where they are wider than `limit` columns."""
    start, width = 0, 0
    for at, character in enumerate(raw):
        if character == " ":
            if at > start:
                yield start, raw[start:at]
            start, width = at + 1, 0
            continue
        step = _width(character)
        # Marks without width are bounded too: a tower of accents is no reason for an endless line.
        if width + step > limit or at - start >= 4 * limit:
            yield start, raw[start:at]
            start, width = at, 0
        width += step
    if start < len(raw):
        yield start, raw[start:]


def _clean(text: str) -> str:
    """The text with a blank for all that is blank, controls or formats, and without lone surrogates."""
    return "".join(_safe(character) for character in text)


def _safe(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cs":
        return "\ufffd"
    is_blank = character.isspace() or category in ("Cc", "Zl", "Zp") or (category == "Cf" and character not in _JOINERS)
    return " " if is_blank else character


def _width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
