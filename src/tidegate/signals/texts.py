"""The texts of an upload in the order detectors read them: as submitted, then as heard and read on the picture.

The characters of a quote count in these texts, so they are the same for everyone: `transcript_text` for speech,
`on_screen_text` for words on the picture, `code_text` for payloads, `hashtag_text` for hashtags.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from tidegate.records import OnScreenKind, OnScreenText, Span, TextSource, Upload, Utterance
from tidegate.signals.platforms import NAME
from tidegate.signals.text_view import TextPiece, TextView

MAX_HASHTAG_CHARS = 20_000
"""Characters of a caption in which its hashtags are looked for."""

UTTERANCE_BREAK = " "
"""Between utterances: a sentence may go on behind a pause."""

TEXT_BREAK = "\n"
"""Between texts on the picture and between payloads: each is a statement of its own."""

_ON_SCREEN = (OnScreenKind.CAPTION, OnScreenKind.WATERMARK)
_PLATFORM = re.compile(rf"(?<![^\W\d_])(?:{NAME})(?![^\W\d_])", re.IGNORECASE)
_HANDLE_OF_WORDS = re.compile(r"(?:[@＠]|(?<![^\W\d_])id\s?[:：]|号\s?[:：])\s?\w+?[_.\-][\w.\-]*\w", re.IGNORECASE)
_SIGN_BETWEEN_WORDS = re.compile(r"(?<=\w)[_.\-]|_")
_LEAST_LETTERS = 2
"""Letters and digits of something said in a mark: the platform's own sign is read as one letter at times."""


def texts_of(upload: Upload) -> tuple[TextView, ...]:
    """Caption, hashtags and sound title as submitted; empty ones are left out.

    Hashtags that the caption already shows are not repeated; the rest are one text, joined by blanks, so that a
    quote with source `hashtag` counts characters in `hashtag_text(upload)`.
    """
    texts = (
        TextView(source=TextSource.CAPTION, text=upload.caption, language=upload.language),
        TextView(source=TextSource.HASHTAG, text=hashtag_text(upload), language=upload.language),
        TextView(source=TextSource.SOUND_TITLE, text=upload.sound.title),
    )
    return tuple(text for text in texts if text.text)


def hashtag_text(upload: Upload) -> str:
    """The hashtags that stand beside the caption, each as submitted, joined by one blank."""
    caption = upload.caption[:MAX_HASHTAG_CHARS]
    in_caption = {word.lstrip("#").casefold() for word in caption.split() if word.startswith("#")}
    return " ".join(tag for tag in upload.hashtags if tag.strip().lstrip("#").casefold() not in in_caption)


def transcript_text(utterances: Sequence[Utterance]) -> str:
    """Everything heard, in order: the text in which quotes with source `speech` count characters."""
    return UTTERANCE_BREAK.join(one.text for one in utterances)


def on_screen_text(texts: Sequence[OnScreenText]) -> str:
    """Everything written on the picture: the text in which quotes with source `on_screen` count.

    First what was written for the viewer, in order, then the marks of platforms and creators, in order.
    """
    return TEXT_BREAK.join(one.text for kind in _ON_SCREEN for one in texts if one.kind is kind)


def code_text(texts: Sequence[OnScreenText]) -> str:
    """The payloads of codes on the picture, in order: the text in which quotes with source `code` count."""
    return TEXT_BREAK.join(one.text for one in texts if one.kind is OnScreenKind.CODE)


def heard_and_read(utterances: Sequence[Utterance], texts: Sequence[OnScreenText]) -> tuple[TextView, ...]:
    """Views of speech, one for each run of utterances in one language, then of the picture's words, then of codes.

    Marks of platforms and creators are left out: what somebody chose to say in one is in `views_of_handles`.
    """
    views = (*_speech_views(utterances), *_screen_views(texts))
    return tuple(view for view in views if view.text.strip())


def pieces_of_utterance(utterance: Utterance, at: int, base_char: int) -> Iterator[TextPiece]:
    """The words of an utterance that begins at character `at` of a view and `base_char` of the transcript.

    Blanks before a word go with it. An utterance without words is one piece.
    """
    done = 0
    for word in utterance.words:
        if word.end_char > done:
            yield _piece(TextSource.SPEECH, at, base_char, done, word.end_char, word.span)
            done = word.end_char
    if done < len(utterance.text):
        yield _piece(TextSource.SPEECH, at, base_char, done, len(utterance.text), utterance.span)


def _piece(source: TextSource, at: int, base_char: int, start: int, end: int, span: Span) -> TextPiece:
    return TextPiece(start_char=at + start, end_char=at + end, source=source, origin_char=base_char + start, span=span)


def _speech_views(utterances: Sequence[Utterance]) -> Iterator[TextView]:
    base_char = 0
    for language, group in groupby(utterances, key=lambda one: one.language):
        run = list(group)
        text = transcript_text(run)
        pieces: list[TextPiece] = []
        at = 0
        for one in run:
            pieces += pieces_of_utterance(one, at, base_char + at)
            at += len(one.text) + len(UTTERANCE_BREAK)
        span = Span(start_s=run[0].span.start_s, end_s=max(one.span.end_s for one in run))
        yield TextView(
            source=TextSource.SPEECH,
            text=text,
            span=span,
            language=language,
            base_char=base_char,
            pieces=tuple(pieces),
        )
        base_char += len(text) + len(UTTERANCE_BREAK)


def _screen_views(texts: Sequence[OnScreenText]) -> Iterator[TextView]:
    for kind, source in ((OnScreenKind.CAPTION, TextSource.ON_SCREEN), (OnScreenKind.CODE, TextSource.CODE)):
        base_char = 0
        for one in (text for text in texts if text.kind is kind):
            yield _view_on_screen(one, source, base_char, 0, len(one.text))
            base_char += len(one.text) + len(TEXT_BREAK)


def views_of_handles(texts: Sequence[OnScreenText]) -> tuple[TextView, ...]:
    """Handles and numbers of the marks on the picture, and handles of several words in all other texts, as words.

    A handle may be a sentence: `@low_tide.now` is read as `@low tide now`, and quoted as it stands there. Of a mark
    all is read but the platform's name. Of a text one stretch, from its first handle to its last.
    """
    found: list[TextView] = []
    base_char = 0
    for kind in _ON_SCREEN:
        for one in (text for text in texts if text.kind is kind):
            places = _said_in_mark(one.text) if kind is OnScreenKind.WATERMARK else _handles(one.text)
            for start, end in places:
                view = _view_on_screen(one, TextSource.ON_SCREEN, base_char, start, end)
                words = _SIGN_BETWEEN_WORDS.sub(" ", view.text)
                found.append(replace(view, text=words, as_written=view.text))
            base_char += len(one.text) + len(TEXT_BREAK)
    return tuple(found)


def _said_in_mark(text: str) -> Iterator[tuple[int, int]]:
    """The stretches between the names of platforms that say anything."""
    at = 0
    for start, end in (*(match.span() for match in _PLATFORM.finditer(text)), (len(text), len(text))):
        said = text[at:start]
        if sum(map(str.isalnum, said)) >= _LEAST_LETTERS:
            yield at + len(said) - len(said.lstrip()), at + len(said.rstrip())
        at = end


def _handles(text: str) -> Iterator[tuple[int, int]]:
    places = [match.span() for match in _HANDLE_OF_WORDS.finditer(text)]
    if places:
        yield places[0][0], places[-1][1]


def _view_on_screen(one: OnScreenText, source: TextSource, base_char: int, start: int, end: int) -> TextView:
    """The characters `[start, end)` of a text that begins at `base_char` of its source."""
    at = base_char + start
    piece = TextPiece(start_char=0, end_char=end - start, source=source, origin_char=at, span=one.span, box=one.box)
    return TextView(
        source=source,
        text=one.text[start:end],
        span=one.span,
        language=one.language,
        base_char=at,
        pieces=(piece,),
    )
