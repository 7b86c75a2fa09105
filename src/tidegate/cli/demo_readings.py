"""The clips of `tidegate demo` that have to be heard and read: offers that are only spoken, only written, or split.

Every offer is one in form only: nobody offers anything, and no handle or address in it exists.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from tidegate.cli.demo_case import Case, write
from tidegate.cli.demo_truth import Clean, Fact, Heard, Present, Written
from tidegate.records import Span, TextSource
from tidegate.testing.captions import CaptionStyle
from tidegate.testing.clips import Writing
from tidegate.testing.sound import Spoken

MONEY_MULE = ("pattern.money_mule", "pattern.scam_offer", "wording.scam")
SCAM_OFFER = ("pattern.scam_offer", "wording.scam")

_STYLE = CaptionStyle(outline=0.08)
_EVERYWHERE = (TextSource.CAPTION, TextSource.SPEECH, TextSource.ON_SCREEN)
_SPOKEN = {
    "en": (
        "A few words for you today",
        "Guaranteed returns! Send one hundred dollars today, and get one thousand dollars back within twenty four "
        "hours. Message me on Telegram.",
        SCAM_OFFER,
    ),
    "es": ("Unas palabras para hoy", "Compro cuentas bancarias y pago trescientos euros al día.", MONEY_MULE),
    "de": ("Ein paar Worte für heute", "Bankkonto zu vermieten! Dreihundert Euro am Tag.", MONEY_MULE),
    "fr": (
        "Quelques mots pour aujourd'hui",
        "Je prête ton compte bancaire et je paie trois cents euros par jour.",
        MONEY_MULE,
    ),
}
"""Language -> the harmless caption, the line that is spoken, and the labels that tell it."""

_WRITTEN = {
    "en": ("Evening colours", "SEND $100 TODAY\nGET $1000 BACK\nGUARANTEED RETURNS", SCAM_OFFER),
    "es": ("Colores de la tarde", "Compro cuentas bancarias\npago 300 euros al día", MONEY_MULE),
    "de": ("Farben am Abend", "Bankkonto zu vermieten\n300 Euro am Tag", MONEY_MULE),
    "fr": ("Couleurs du soir", "Envoie 100 euros\ntu reçois 1000 euros\ngains garantis", SCAM_OFFER),
}
"""Language -> the harmless caption, the lines on the picture, and the labels that tell them."""


def cases() -> tuple[Case, ...]:
    """Every clip that has to be heard or read, spoken ones only where their voices are installed."""
    from tidegate.testing.voices import can_say

    spoken = tuple(_spoken(language, *row) for language, row in _SPOKEN.items() if can_say(language))
    written = tuple(_written(language, *row) for language, row in _WRITTEN.items())
    return (*((_talk(), *spoken) if can_say("en") else ()), *written, *((_split(),) if can_say("en") else ()))


def unspoken() -> tuple[str, ...]:
    """Languages that the demo leaves out because no voice for them is installed."""
    from tidegate.testing.voices import can_say

    return tuple(language for language in _SPOKEN if not can_say(language))


def _talk() -> Case:
    said = "The tide is low this morning, so we walk along the harbour and look for shells."
    return Case(
        name="talk-en.mp4",
        caption="A walk before breakfast",
        write=_only_talk,
        fields={"seed": 50, "duration_s": 6.5, "speech": (Spoken(text=said, language="en", at_s=0.5),)},
    )


def _only_talk(path: Path, fields: Mapping[str, object]) -> tuple[Fact, ...]:
    (said,) = write(path, fields).said
    return (Clean(what="an everyday line is spoken (en)"), Heard(what=f"says {said.text!r}", words=said.text))


def _spoken(language: str, caption: str, line: str, labels: tuple[str, ...]) -> Case:
    spoken = Spoken(text=line, language=language, at_s=0.5)
    return Case(
        name=f"spoken-{language}.mp4",
        caption=caption,
        language=language,
        write=partial(_offer, TextSource.SPEECH, labels, f"an offer that is only spoken ({language})"),
        fields={"seed": 51, "duration_s": round(spoken.duration_s() + 1.2, 1), "speech": (spoken,)},
    )


def _written(language: str, caption: str, lines: str, labels: tuple[str, ...]) -> Case:
    words = Writing(text=lines, span=Span(start_s=0.6, end_s=2.6), y=0.4, size=0.04, style=_STYLE)
    return Case(
        name=f"written-{language}.mp4",
        caption=caption,
        language=language,
        write=partial(_offer, TextSource.ON_SCREEN, labels, f"an offer that is only on the picture ({language})"),
        fields={"seed": 52, "duration_s": 3.5, "writings": (words,)},
    )


def _offer(
    source: TextSource, labels: tuple[str, ...], what: str, path: Path, fields: Mapping[str, object]
) -> tuple[Fact, ...]:
    truth = write(path, fields)
    span = truth.said[0].span if truth.said else truth.written[0].span
    return (Present(what=what, labels=labels, span=span, sources=(source,)),)


def _split() -> Case:
    spoken = Spoken(text="Send me one hundred dollars today.", language="en", at_s=0.4)
    shown = Writing(text="GET $1000 BACK", span=Span(start_s=2.6, end_s=4.6), y=0.4, size=0.05, style=_STYLE)
    return Case(
        name="split-en.mp4",
        caption="Guaranteed returns",
        write=_only_together,
        fields={"seed": 53, "duration_s": 5.0, "speech": (spoken,), "writings": (shown,)},
    )


def _only_together(path: Path, fields: Mapping[str, object]) -> tuple[Fact, ...]:
    truth = write(path, fields)
    (written,) = truth.written
    whole = Span(start_s=0.0, end_s=truth.duration_s)
    what = "an offer split between caption, voice and picture, complete in none of them"
    return (
        Written(what=f"{written.text!r} on the picture", words=written.text, can_read=True),
        Present(what=what, labels=SCAM_OFFER, span=whole, sources=_EVERYWHERE),
    )
