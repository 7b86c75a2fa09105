"""Which language each part of a clip is in, from the recogniser's own guesses; pure."""

from collections.abc import Mapping, Sequence

from tidegate.signals.unicode_scripts import NO_LETTERS, script_of

UNDETERMINED = "und"

DECLARED_WEIGHT = 0.3
"""What a declared language adds to the prior: as much as being heard in a third of the clip. Never decisive alone."""

ANYWHERE_WEIGHT = 0.15
"""Prior of a language that the rest of the clip does not speak: code-switching is ordinary."""

UNLIKELY: Mapping[str, float] = {"la": 0.05, "sa": 0.05, "nn": 0.3, "haw": 0.3}
"""Tags that Whisper guesses far more often than anybody speaks them: Latin and Sanskrit, which have no community of
native speakers, Nynorsk, which is a way to write, and Hawaiian."""

WRITTEN_IN: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("hi", "mr", "ne", "sa"), ("Deva",)),
    **dict.fromkeys(("bn", "as"), ("Beng",)),
    **dict.fromkeys(("ru", "uk", "be", "bg", "mk", "kk", "tg", "ba", "mn", "tt"), ("Cyrl",)),
    **dict.fromkeys(("ar", "fa", "ur", "ps", "sd"), ("Arab",)),
    **dict.fromkeys(("he", "yi"), ("Hebr",)),
    **dict.fromkeys(("zh", "yue"), ("Hani",)),
    "ja": ("Jpan", "Hani"),
    "ko": ("Hang",),
    "el": ("Grek",),
    "th": ("Thai",),
    "lo": ("Laoo",),
    "km": ("Khmr",),
    "my": ("Mymr",),
    "gu": ("Gujr",),
    "pa": ("Guru", "Arab"),
    "ta": ("Taml",),
    "te": ("Telu",),
    "kn": ("Knda",),
    "ml": ("Mlym",),
    "si": ("Sinh",),
    "ka": ("Geor",),
    "hy": ("Armn",),
    "am": ("Ethi",),
    "bo": ("Tibt",),
}
"""ISO 15924 codes of the scripts that speakers of a language read, for languages that are not written in Latin letters
(Serbian and Uzbek are written in both, and left out).
What Whisper writes of them in another script is no transcript: whisper-base writes Hindi in Arabic or Latin letters."""

_BCP47: Mapping[str, str] = {"jw": "jv"}


def chosen(
    guesses: Sequence[Mapping[str, float]], seconds: Sequence[float], *, declared: str = ""
) -> list[tuple[str, float]]:
    """The likeliest language of each part and its probability in [0, 1], from probabilities by tag.

    A part's own guess is weighted by what the clip as a whole, each part by its seconds, and the declared language
    make likely: a second of speech is told badly alone. `und` with 0 where nothing was guessed.
    """
    total_s = sum(seconds)
    heard: dict[str, float] = {}
    for guess, length_s in zip(guesses, seconds, strict=True):
        for tag, probability in guess.items():
            heard[tag] = heard.get(tag, 0.0) + probability * length_s / max(total_s, 1e-9)
    hint = primary(declared)
    return [_likeliest(guess, heard, hint) for guess in guesses]


def primary(tag: str) -> str:
    """The primary subtag of a BCP 47 tag in lower case: `en` of `en-GB`; empty for an empty or odd one."""
    found = tag.replace("_", "-").partition("-")[0].strip().lower()
    return found if found.isalpha() and found.isascii() else ""


def bcp47(whisper_tag: str) -> str:
    """The BCP 47 tag of one of Whisper's, which are the same but for Javanese."""
    return _BCP47.get(whisper_tag, whisper_tag)


def is_written_otherwise(text: str, tag: str) -> bool:
    """Whether most letters of a text are in no script that its language, a BCP 47 tag, is written in."""
    scripts = WRITTEN_IN.get(primary(tag))
    return scripts is not None and script_of(text) not in (*scripts, NO_LETTERS)


def _likeliest(guess: Mapping[str, float], heard: Mapping[str, float], hint: str) -> tuple[str, float]:
    scores = {
        tag: probability
        * UNLIKELY.get(tag, 1.0)
        * (ANYWHERE_WEIGHT + heard.get(tag, 0.0) + (DECLARED_WEIGHT if bcp47(tag) == hint else 0.0))
        for tag, probability in guess.items()
    }
    total = sum(scores.values())
    if total <= 0.0:
        return UNDETERMINED, 0.0
    best = max(scores, key=lambda tag: (scores[tag], tag))
    return best, scores[best] / total
