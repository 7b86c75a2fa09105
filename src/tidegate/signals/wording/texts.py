"""The texts of an upload in the order detectors read them."""

from tidegate.records import TextSource, Upload
from tidegate.signals.base import TextView
from tidegate.signals.wording.normalise import MAX_CHARS


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
    in_caption = {word.lstrip("#").casefold() for word in upload.caption[:MAX_CHARS].split() if word.startswith("#")}
    return " ".join(tag for tag in upload.hashtags if tag.strip().lstrip("#").casefold() not in in_caption)
