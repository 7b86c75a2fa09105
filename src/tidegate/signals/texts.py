"""The texts of an upload in the order detectors read them: as submitted, then as heard and read on the picture.

The characters of a quote count in these texts, so they are the same for everyone: `transcript_text` for speech,
`on_screen_text` for words on the picture, `code_text` for payloads, `hashtag_text` for hashtags.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from tidegate.records import OnScreenKind, OnScreenText, Span, TextSource, Upload, Utterance
from tidegate.signals.text_view import TextPiece, TextView

MAX_HASHTAG_CHARS = 20_000
"""Characters of a caption in which its hashtags are looked for."""

UTTERANCE_BREAK = " "
"""Between utterances: a sentence may go on behind a pause."""

TEXT_BREAK = "\n"
"""Between texts on the picture and between payloads: each is a statement of its own."""


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
    """Everything written for the viewer, in order: the text in which quotes with source `on_screen` count.

    Watermarks of platforms are left out: they are nobody's statement.
    """
    return TEXT_BREAK.join(one.text for one in texts if one.kind is OnScreenKind.CAPTION)


def code_text(texts: Sequence[OnScreenText]) -> str:
    """The payloads of codes on the picture, in order: the text in which quotes with source `code` count."""
    return TEXT_BREAK.join(one.text for one in texts if one.kind is OnScreenKind.CODE)


def heard_and_read(utterances: Sequence[Utterance], texts: Sequence[OnScreenText]) -> tuple[TextView, ...]:
    """Views of speech, one for each run of utterances in one language, then of the picture's words, then of codes."""
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
    kinds = ((OnScreenKind.CAPTION, TextSource.ON_SCREEN), (OnScreenKind.CODE, TextSource.CODE))
    for kind, source in kinds:
        base_char = 0
        for one in (text for text in texts if text.kind is kind):
            piece = TextPiece(
                start_char=0,
                end_char=len(one.text),
                source=source,
                origin_char=base_char,
                span=one.span,
                box=one.box,
            )
            yield TextView(
                source=source,
                text=one.text,
                span=one.span,
                language=one.language,
                base_char=base_char,
                pieces=(piece,),
            )
            base_char += len(one.text) + len(TEXT_BREAK)
