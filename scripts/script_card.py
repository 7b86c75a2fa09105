"""The card for people of the script network. Used by train_scripts.py only."""

import re
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from script_fonts import FONT_PACKAGES, OTHER_HELD_OUT, OTHER_TRAIN

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

A convolutional network that tells the script of one line of text from its picture: 0.38 million weights, kept in
half precision, {size_kb} kB, ONNX opset 17. Input: grey windows of 32 x 128 pixels of a line; output: {count} codes
of ISO 15924, with `Zyyy` for no letters and `Zzzz` for a script that has no code of its own. Written by
`python scripts/train_scripts.py --seed {seed} --lines {lines} --epochs {epochs}`; do not edit. Used by
`tidegate.signals.onscreen.scripts`.

Code and weights: Apache-2.0.

## Trained on

Lines drawn by the training script itself, nothing else: words of Unicode CLDR (names of languages, territories,
currencies, months and days, through Babel; Unicode licence), pairs of characters of GB 2312 and KS X 1001, and
characters of JIS X 0208 with kana endings, in the fonts of {packages} Debian packages, coloured, outlined, shadowed,
blurred, turned by a few degrees, slanted, 10 to 48 pixels high, compressed as JPEG, on plain, shaded and busy
backgrounds. No picture, font or text of anybody is in this
package. The fonts' licences, as their packages state them (number of packages): {licences}.

`Zzzz` was trained with {other_train} and measured with {other_held_out}, which training never saw.

## Measured

{line_count} lines, in designs of fonts and with words that training never saw (a tenth of the words, a quarter of the
designs, at least one of each script; editions, widths and weights of one design count as one). They are drawn in the
same way as the training lines: figures for real video are not known. Every script is as frequent as any other.

- right: {accuracy:.1%}; by height of the crop in pixels: {by_height}
- at least {sure_at:g} sure, which is the rule for relying on an answer: {sure:.1%} of the lines, and of them
  {accuracy_sure:.1%} are right
- Latin called a script that the bundled recogniser cannot read: {latin_called_unreadable:.1%}, and surely
  {latin_called_unreadable_surely:.1%}
- a script that it cannot read called Latin, Chinese or Japanese: {unreadable_called_readable:.1%}, and surely
  {unreadable_called_readable_surely:.1%}

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


def card_text(card: Mapping[str, Any]) -> str:
    """The card as Markdown, from what `card.json` holds. Licences are read from the installed packages."""
    measured = card["measured"]
    heights = ", ".join(f"{height}: {rate:.1%}" for height, rate in measured["accuracy_by_height"].items())
    head = _HEAD.format(
        **{name: value for name, value in measured.items() if isinstance(value, int | float)},
        size_kb=round(card["graph"]["size_bytes"] / 1000),
        count=len(card["codes"]),
        seed=card["seed"],
        lines=card["lines"],
        epochs=card["epochs"],
        packages=len(FONT_PACKAGES),
        licences=_licences(),
        other_train=", ".join(OTHER_TRAIN),
        other_held_out=", ".join(OTHER_HELD_OUT),
        by_height=heights,
        sure_at=card["sure"],
    )
    return _wrapped(head) + "\n".join(_table(card)) + "\n" + _LIMITS


def _wrapped(text: str) -> str:
    """Paragraphs and list items in lines of at most 118 characters."""
    blocks = []
    for block in text.split("\n\n"):
        items = re.split(r"\n(?=- )", block)
        blocks.append(
            "\n".join(
                textwrap.fill(" ".join(item.split()), 118, subsequent_indent="  " * item.startswith("- "))
                for item in items
            )
        )
    return "\n\n".join(blocks)


def _table(card: Mapping[str, Any]) -> Iterator[str]:
    measured, fonts = card["measured"], card["fonts"]
    yield "| code | script | found | right when told | most often taken for | designs trained | held out |"
    yield "| ---- | ------ | ----- | --------------- | -------------------- | --------------- | -------- |"
    for code, told in measured["told"].items():
        lines = sum(told.values())
        others = [f"{other} {count / lines:.1%}" for other, count in told.items() if other != code][:2]
        designs = fonts.get(code, {"trained": [], "held_out": []})
        trained, held_out = (len(designs[side]) or "" for side in ("trained", "held_out"))
        rates = f"{measured['recall'][code]:.1%} | {measured['precision'][code]:.1%}"
        yield f"| {code} | {_NAMES[code]} | {rates} | {', '.join(others)} | {trained} | {held_out} |"


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
