"""The clips of `tidegate demo`: benign, made by code, each with what is true of it."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from tidegate.cli import demo_readings
from tidegate.cli.demo_case import Case, Made, write
from tidegate.cli.demo_readings import MONEY_MULE, SCAM_OFFER
from tidegate.cli.demo_truth import Clean, Cuts, Damaged, Fact, Present, Unreadable, Written
from tidegate.records import Span
from tidegate.testing.clips import Insert, Writing
from tidegate.testing.drawing import picture

BANNED_SEED = 4711
"""Seed of the picture that the demo's bank bans: coloured shapes, like every other picture here."""

_MATCH = ("matching.frame",)


def cases() -> tuple[Case, ...]:
    """Every clip of the demo, in the order it is shown. Deterministic."""
    return (*_pictures(), *demo_readings.cases(), *_everyday_words(), *_look_alikes(), *_offers(), *_damage())


def bank_lines(made: Sequence[Made]) -> bytes:
    """The demo's bank file: the banned picture by its look, and `exact-copy.mp4` by its bytes."""
    from tidegate.signals.matching.bank import Algorithm, BankEntry, format_bank
    from tidegate.signals.matching.enrol import entries_from_frames

    reason = "made for the demo"
    entries = entries_from_frames([picture(BANNED_SEED)], bank="demo", entry="banned picture", reason=reason)
    for one in made:
        if one.path.name == "exact-copy.mp4":
            digest = hashlib.sha256(one.path.read_bytes()).hexdigest()
            entries.append(
                BankEntry(algorithm=Algorithm.SHA256, hash=digest, bank="demo", entry="banned clip", reason=reason)
            )
    return format_bank(entries)


def _pictures() -> tuple[Case, ...]:
    copy = Insert(span=Span(start_s=2.0, end_s=4.0), picture_seed=BANNED_SEED, border_share=0.06)
    flash = Insert(span=Span(start_s=3.4, end_s=3.9), picture_seed=BANNED_SEED)
    words = Writing(text="HIGH TIDE 7:40", span=Span(start_s=0.5, end_s=3.0), size=0.07)
    return (
        Case(
            name="harbour.mp4",
            caption="Early walk along the harbour before the boats went out",
            hashtags=("harbour", "morning"),
            write=_shapes_and_words,
            fields={"seed": 1, "duration_s": 4.5, "cuts_s": (1.6, 3.2), "writings": (words,)},
        ),
        Case(
            name="banned-copy.mp4",
            caption="Colours I put together this afternoon",
            write=_banned,
            fields={"seed": 2, "duration_s": 5.0, "inserts": (copy,)},
        ),
        Case(
            name="hidden-flash.mp4",
            caption="Shapes for a calm evening",
            write=_banned,
            fields={
                "seed": 3,
                "duration_s": 7.0,
                "inserts": (flash,),
                "keyframe_every_s": 60.0,
                "scene_cut": False,
            },
        ),
        Case(name="exact-copy.mp4", caption="Look at this again", write=_exact, fields={"seed": 4, "duration_s": 2.0}),
    )


def _everyday_words() -> tuple[Case, ...]:
    captions = {
        "bread-en.mp4": ("en", "Second try at sourdough: the crust finally sings when it cools"),
        "market-ko.mp4": ("ko", "오늘 시장에서 딸기를 샀어요. 내일은 엄마랑 잼을 만들 거예요 🍓"),
        "rice-es.mp4": ("es", "La receta de mi abuela para un arroz con verduras, lista en media hora"),
        "hike-de.mp4": ("de", "Heute sind wir bis zur Hütte gewandert und haben dort Kuchen gegessen"),
    }
    return tuple(_words(name, *words, what="an everyday caption", seed=10) for name, words in captions.items())


def _look_alikes() -> tuple[Case, ...]:
    captions = {
        "places-en.mp4": ("en", "By train from Scunthorpe to Penistone, then a class in shiitake and cocktail sauces"),
        "stations-ko.mp4": ("ko", "시발점은 서울역, 종점은 부산역. 기차 여행을 떠나요"),
        "computer-es.mp4": ("es", "Mi computadora nueva: sin disputas, tiene la mejor reputación de la tienda"),
        "facade-de.mp4": ("de", "Unser Assistent analysiert die klassische Fassade in Essen"),
    }
    return tuple(_words(name, *words, what="a caption with look-alikes", seed=20) for name, words in captions.items())


def _offers() -> tuple[Case, ...]:
    return (
        _words(
            "offer-en.mp4",
            "en",
            "GUARANTEED returns: send $100 today, get $1,000 back within 24 hours. Message me on Telegram @example",
            what="a scam offer",
            seed=30,
            labels=SCAM_OFFER,
            words="GUARANTEED returns: send $100 today, get $1,000 back within 24 hours",
        ),
        _words(
            "account-ko.mp4",
            "ko",
            "통장만 빌려주시면 하루 30만원 드려요. 입금된 돈을 전달만 하면 됩니다. 텔레그램 문의",
            what="a money-mule offer",
            seed=31,
            labels=MONEY_MULE,
            words="통장만 빌려주시면 하루 30만원 드려요. 입금된 돈을 전달만 하면 됩니다",
        ),
        _words(
            "account-es.mp4",
            "es",
            "Trabajo fácil: recibes dinero en tu cuenta bancaria, lo reenvías y te quedas con el 10 %. Escríbeme",
            what="a money-mule offer",
            seed=32,
            labels=MONEY_MULE,
            words="recibes dinero en tu cuenta bancaria, lo reenvías y te quedas con el 10 %",
        ),
        _words(
            "account-de.mp4",
            "de",
            "Nebenjob: Stell dein Konto zur Verfügung, leite das Geld weiter und behalte 10 % Provision",
            what="a money-mule offer",
            seed=33,
            labels=MONEY_MULE,
            words="Stell dein Konto zur Verfügung, leite das Geld weiter und behalte 10 % Provision",
        ),
    )


def _damage() -> tuple[Case, ...]:
    return (
        Case(
            name="cut-short.mp4",
            caption="The upload broke off on the way",
            write=_cut_short,
            fields={"seed": 40, "duration_s": 6.0, "movflags": "+faststart", "has_audio": False},
        ),
        Case(name="not-a-clip.mp4", caption="A text under the name of a clip", write=_text, fields={}),
    )


def _words(
    name: str, language: str, caption: str, *, what: str, seed: int, labels: tuple[str, ...] = (), words: str = ""
) -> Case:
    shown = f"{what} ({language})"
    fact: Fact = Present(what=shown, labels=labels, words=words) if labels else Clean(what=shown)

    def made(path: Path, fields: Mapping[str, object]) -> tuple[Fact, ...]:
        write(path, fields)
        return (fact,)

    return Case(name=name, caption=caption, language=language, write=made, fields={"seed": seed, "duration_s": 2.0})


def _shapes_and_words(path: Path, fields: Mapping[str, object]) -> tuple[Fact, ...]:
    truth = write(path, fields)
    cuts_s = tuple(shot.start_s for shot in truth.shots[1:])
    (written,) = truth.written
    shown = f"{written.text!r} on the picture at {written.span.start_s:.1f}–{written.span.end_s:.1f} s"
    return (
        Clean(what="moving shapes, nothing wrong"),
        Cuts(what=f"cuts at {', '.join(f'{at:.1f}' for at in cuts_s)} s", at_s=cuts_s, tolerance_s=1 / 15),
        Written(what=shown, words=written.text, can_read=_reads_pictures()),
    )


def _reads_pictures() -> bool:
    """Whether a detector of this installation belongs to the family that reads words on pictures."""
    from tidegate.signals.registry import available

    return any(detector.id.startswith("onscreen.") for detector in available())


def _banned(path: Path, fields: Mapping[str, object]) -> tuple[Fact, ...]:
    truth = write(path, fields)
    (span,) = truth.inserts
    between = not any(span.start_s <= at_s < span.end_s for at_s in truth.keyframe_times_s)
    hidden = ", between keyframes" if between else ""
    what = f"the banned picture at {span.start_s:.1f}–{span.end_s:.1f} s{hidden}"
    return (Present(what=what, labels=_MATCH, span=span),)


def _exact(path: Path, fields: Mapping[str, object]) -> tuple[Fact, ...]:
    truth = write(path, fields)
    whole = Span(start_s=0.0, end_s=truth.duration_s)
    return (Present(what="the same bytes as a banned clip", labels=("matching.file",), span=whole),)


def _cut_short(path: Path, fields: Mapping[str, object]) -> tuple[Fact, ...]:
    truth = write(path, fields)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 55 // 100])
    # Sizes of frames vary, so the place is said with a margin: by 80% of the time 55% of the bytes are surely over.
    what = f"cut off after 55% of its bytes, {truth.duration_s:.0f} s declared"
    return (Damaged(what=what, from_s=0.8 * truth.duration_s, end_s=truth.duration_s),)


def _text(path: Path, _fields: Mapping[str, object]) -> tuple[Fact, ...]:
    path.write_text("The tide comes in twice a day.\n" * 40)
    return (Unreadable(what="a text file, no clip"),)
