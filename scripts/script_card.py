"""The card for people of the script network. Used by train_scripts.py only."""

import re
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from script_fonts import FONT_PACKAGES, OTHER_HELD_OUT, OTHER_TRAIN
from script_scenes import SIDE_PX

_NAMES = {
    "Latn": "Latin",
    "Hani": "Chinese characters",
    "Jpan": "Japanese (with kana)",
    "Hang": "Hangul",
    "Cyrl": "Cyrillic",
    "Grek": "Greek",
    "Arab": "Arabic",
    "Hebr": "Hebrew",
    "Deva": "Devanagari",
    "Beng": "Bengali",
    "Guru": "Gurmukhi",
    "Gujr": "Gujarati",
    "Orya": "Odia",
    "Taml": "Tamil",
    "Telu": "Telugu",
    "Knda": "Kannada",
    "Mlym": "Malayalam",
    "Sinh": "Sinhala",
    "Thai": "Thai",
    "Laoo": "Lao",
    "Mymr": "Burmese",
    "Khmr": "Khmer",
    "Geor": "Georgian",
    "Armn": "Armenian",
    "Ethi": "Ethiopic",
    "Zzzz": "another script",
    "Zyyy": "no letters",
}

_HEAD = """# Model card: scripts

A convolutional network that tells the script of one line of text from its picture: 0.8 million weights, kept in
half precision, {size_kb} kB, ONNX opset 17. Input: grey windows of 32 x 128 pixels of a line; output: {count} codes
of ISO 15924, with `Zyyy` for no letters and `Zzzz` for a script that has no code of its own. Written by
`python scripts/train_scripts.py --seed {seed} --lines {lines} --found-lines {found_lines} --epochs {epochs}`; do
not edit. Used by `tidegate.signals.onscreen.scripts`.

Code and weights: Apache-2.0.

## Trained on

Lines drawn by the training script itself, nothing else: words of Unicode CLDR (names of languages, territories,
currencies, months and days, through Babel; Unicode licence), pairs of characters of GB 2312 and KS X 1001, and
characters of JIS X 0208 with kana endings, in the fonts of {packages} Debian packages, coloured, outlined, shadowed,
blurred, turned by a few degrees, slanted, compressed as JPEG, on plain, shaded and busy backgrounds. Three fifths of
the windows are of lines drawn alone, 10 to 48 pixels high; the others come from captions of one or two lines over
drawn scenes with the longest side of {side_px} pixels, found and cropped by the detector that Tidegate reads with
(PP-OCRv6, `signals/onscreen/detect.py`), so that they are cut as lines are cut when they are read. No picture,
font or text of anybody is in this package. The fonts' licences, as their packages state them (number of packages):
{licences}.

`Zzzz` was trained with {other_train} and measured with {other_held_out}, which training never saw.

## Measured

In designs of fonts and with words that training never saw (a tenth of the words, a quarter of the designs, at least
one of each script; editions, widths and weights of one design count as one), made in the same two ways as the training
lines: figures for real video are not known. Every script is as frequent as any other.

| | found by the detector | drawn alone |
| - | --------------------- | ----------- |
{both}

"""

_LIMITS = """
## Limits

- figures are for drawn lines; handwriting, lettering as drawn pictures, neon and very ornate faces are harder
- words of one or two letters, and capitals that Latin, Cyrillic and Greek share, cannot be told apart by anybody
- a Japanese line without kana is called Chinese; Chinese is not told into simplified and traditional
- a line in two scripts gets one answer, with little confidence
- vertical writing and lines turned by more than about ten degrees are not known
- scripts with one or two held-out designs are measured in these only; several share the design FreeSerif
- Gurmukhi in a face not trained with is called Devanagari as often as not; Lao and Thai are mixed up at times
- `Zzzz` is a guess: a script that nobody taught is often called one that looks like it
- languages are not told: Urdu and Arabic are one script, and so are Russian and Kazakh
"""


_ROWS = (
    ("right", "accuracy"),
    ("at least {sure_at:g} sure, the rule for relying on an answer", "sure"),
    ("of these, right", "accuracy_sure"),
    ("Latin called a script that the bundled recogniser cannot read", "latin_called_unreadable"),
    ("the same, surely", "latin_called_unreadable_surely"),
    ("a script that it cannot read called Latin, Chinese or Japanese", "unreadable_called_readable"),
    ("the same, surely", "unreadable_called_readable_surely"),
)


def card_text(card: Mapping[str, Any]) -> str:
    """The card as Markdown, from what `card.json` holds. Licences are read from the installed packages."""
    head = _HEAD.format(
        size_kb=round(card["graph"]["size_bytes"] / 1000),
        count=len(card["codes"]),
        seed=card["seed"],
        lines=card["lines"],
        found_lines=card["found_lines"],
        epochs=card["epochs"],
        packages=len(FONT_PACKAGES),
        side_px=SIDE_PX,
        licences=_licences(),
        other_train=", ".join(OTHER_TRAIN),
        other_held_out=", ".join(OTHER_HELD_OUT),
        both="\n".join(_both(card)),
    )
    return _wrapped(head) + "\n".join(_table(card)) + "\n" + _LIMITS


def _both(card: Mapping[str, Any]) -> Iterator[str]:
    """Rows of the rates on lines that were found, and on lines that were drawn."""
    found, drawn = card["measured"]["found"], card["measured"]["drawn"]
    yield f"| lines | {found['line_count']} | {drawn['line_count']} |"
    for words, name in _ROWS:
        yield f"| {words.format(sure_at=card['sure'])} | {found[name]:.1%} | {drawn[name]:.1%} |"
    for height in drawn["accuracy_by_height"]:
        rates = [side["accuracy_by_height"].get(height) for side in (found, drawn)]
        told = " | ".join("" if rate is None else f"{rate:.1%}" for rate in rates)
        yield f"| right, of lines {height} pixels high | {told} |"


def _wrapped(text: str) -> str:
    """Paragraphs and list items in lines of at most 118 characters; tables as they are."""
    blocks = []
    for block in text.split("\n\n"):
        if block.startswith("|"):
            blocks.append(block)
            continue
        items = re.split(r"\n(?=- )", block)
        blocks.append(
            "\n".join(
                textwrap.fill(
                    " ".join(item.split()), 118, subsequent_indent="  " * item.startswith("- "), break_on_hyphens=False
                )
                for item in items
            )
        )
    return "\n\n".join(blocks)


def _table(card: Mapping[str, Any]) -> Iterator[str]:
    found, drawn, fonts = card["measured"]["found"], card["measured"]["drawn"], card["fonts"]
    yield "Of the lines found by the detector, and of those drawn alone in the last column but two:"
    yield ""
    heads = ["code", "script", "told", "right when told", "most often taken for", "told, drawn alone"]
    heads += ["designs trained", "held out"]
    yield f"| {' | '.join(heads)} |"
    yield f"| {' | '.join('-' * len(head) for head in heads)} |"
    for code, told in found["told"].items():
        lines = found["lines"][code]
        others = [f"{other} {count / lines:.1%}" for other, count in told.items() if other != code][:2]
        designs = fonts.get(code, {"trained": [], "held_out": []})
        trained, held_out = (len(designs[side]) or "" for side in ("trained", "held_out"))
        rates = f"{found['recall'][code]:.1%} | {found['precision'][code]:.1%}"
        alone = f"{drawn['recall'][code]:.1%}" if code in drawn["recall"] else ""
        yield f"| {code} | {_NAMES[code]} | {rates} | {', '.join(others)} | {alone} | {trained} | {held_out} |"


def _licences() -> str:
    """The licences that the font packages name in their copyright files, most frequent first."""
    counts: Counter[str] = Counter()
    for package in FONT_PACKAGES:
        path = Path("/usr/share/doc") / package / "copyright"
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        named = set(re.findall(r"^License: *(\S.{0,40})$", text, re.M))
        counts.update(_family_of(name) for name in named or {"in words of its own"})
    return ", ".join(f"{name} {count}" for name, count in counts.most_common(14))


def _family_of(licence: str) -> str:
    """The licence without its many spellings."""
    for pattern, name in (
        (r"OFL|SIL", "SIL Open Font License"),
        (r"AGPL", "AGPL with font exception"),
        (r"LGPL", "LGPL"),
        (r"GPL.*exception", "GPL with font exception"),
        (r"GPL", "GPL (fonts or packaging)"),
        (r"Apache", "Apache-2.0"),
        (r"CC0", "CC0-1.0"),
        (r"IPA", "IPA Font License"),
        (r"[Vv]era", "Bitstream Vera"),
        (r"CC-BY", "Creative Commons BY or BY-SA"),
        (r"LPPL|LaTeX", "LaTeX Project Public License"),
        (r"MIT|Expat|ISC|BSD", "MIT or BSD"),
    ):
        if re.search(pattern, licence):
            return name
    return "in words of its own"
