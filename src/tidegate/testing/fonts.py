"""Finds fonts of the system by script and family, for captions that look as they do in real clips. Ships none."""

import functools
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tidegate.errors import MissingDependencyError, UsageError


@dataclass(frozen=True, slots=True, order=True)
class Font:
    """A font file and which face of a collection it is. `family` is the name it was asked for by."""

    path: Path
    face: int = 0
    family: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """A font's file name, its face in a collection, and the Debian package that carries it."""

    file: str
    package: str
    face: int = 0


_NOTO, _CJK = "fonts-noto-core", "fonts-noto-cjk"

SCRIPTS: Mapping[str, _Place] = {
    "Latn": _Place("NotoSans-Bold.ttf", _NOTO),
    "Cyrl": _Place("NotoSans-Bold.ttf", _NOTO),
    "Grek": _Place("NotoSans-Bold.ttf", _NOTO),
    "Arab": _Place("NotoSansArabic-Bold.ttf", _NOTO),
    "Hebr": _Place("NotoSansHebrew-Bold.ttf", _NOTO),
    "Deva": _Place("NotoSansDevanagari-Bold.ttf", _NOTO),
    "Beng": _Place("NotoSansBengali-Bold.ttf", _NOTO),
    "Taml": _Place("NotoSansTamil-Bold.ttf", _NOTO),
    "Telu": _Place("NotoSansTelugu-Bold.ttf", _NOTO),
    "Thai": _Place("NotoSansThai-Bold.ttf", _NOTO),
    "Geor": _Place("NotoSansGeorgian-Bold.ttf", _NOTO),
    "Armn": _Place("NotoSansArmenian-Bold.ttf", _NOTO),
    "Ethi": _Place("NotoSansEthiopic-Bold.ttf", _NOTO),
    "Jpan": _Place("NotoSansCJK-Bold.ttc", _CJK, 0),
    "Hang": _Place("NotoSansCJK-Bold.ttc", _CJK, 1),
    "Kore": _Place("NotoSansCJK-Bold.ttc", _CJK, 1),
    "Hani": _Place("NotoSansCJK-Bold.ttc", _CJK, 2),
    "Hans": _Place("NotoSansCJK-Bold.ttc", _CJK, 2),
    "Hant": _Place("NotoSansCJK-Bold.ttc", _CJK, 3),
}
"""ISO 15924 code -> the font that writes it when no family is named."""

FAMILIES: Mapping[str, _Place] = {
    "DejaVu Sans": _Place("DejaVuSans-Bold.ttf", "fonts-dejavu-core"),
    "DejaVu Serif": _Place("DejaVuSerif-Bold.ttf", "fonts-dejavu-core"),
    "Liberation Sans": _Place("LiberationSans-Bold.ttf", "fonts-liberation2"),
    "Liberation Mono": _Place("LiberationMono-Bold.ttf", "fonts-liberation2"),
    "FreeSerif": _Place("FreeSerifBold.ttf", "fonts-freefont-ttf"),
    "Roboto": _Place("Roboto-Black.ttf", "fonts-roboto-unhinted"),
    "Roboto Condensed": _Place("RobotoCondensed-Bold.ttf", "fonts-roboto-unhinted"),
    "Open Sans": _Place("OpenSans-ExtraBold.ttf", "fonts-open-sans"),
    "Lato": _Place("Lato-Black.ttf", "fonts-lato"),
    "Comfortaa": _Place("Comfortaa-Bold.ttf", "fonts-comfortaa"),
    "Bebas Neue": _Place("BebasNeue-Bold.otf", "fonts-bebas-neue"),
    "Comic Neue": _Place("ComicNeue-Bold.otf", "fonts-comic-neue"),
    "Quicksand": _Place("Quicksand-Bold.ttf", "fonts-quicksand"),
    "EB Garamond": _Place("EBGaramond12-Bold.otf", "fonts-ebgaramond"),
    "Lobster": _Place("lobster.otf", "fonts-lobster"),
}
"""Family -> its boldest face in Debian; all write Latin, some Cyrillic and Greek too."""


def font_for(script: str) -> Font:
    """The font that writes an ISO 15924 script. Raises MissingDependencyError naming the Debian package."""
    return _found(SCRIPTS, script, "script")


def font_of(family: str) -> Font:
    """The bold face of one of `FAMILIES`. Raises MissingDependencyError naming the Debian package."""
    return _found(FAMILIES, family, "family")


def has_font(name: str) -> bool:
    """Whether the font of a script or family is installed."""
    place = SCRIPTS.get(name) or FAMILIES.get(name)
    return place is not None and place.file.lower() in _installed()


def _found(places: Mapping[str, _Place], name: str, kind: str) -> Font:
    if name not in places:
        raise UsageError(
            f"no font is known for the {kind} {name!r}", where="fonts", next_step=f"use {', '.join(places)}"
        )
    place = places[name]
    path = _installed().get(place.file.lower())
    if path is None:
        raise MissingDependencyError(
            f"the font of the {kind} {name!r} is not installed",
            where="fonts",
            next_step=f"apt-get install {place.package}",
        )
    return Font(path, place.face, name)


@functools.lru_cache(maxsize=1)
def _installed() -> Mapping[str, Path]:
    """Lower-case file name -> path of every font below the usual folders; the first found wins."""
    homes = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")
    found: dict[str, Path] = {}
    for home in homes:
        for folder, _, names in os.walk(home):
            for name in names:
                if name.lower().endswith((".ttf", ".otf", ".ttc")):
                    found.setdefault(name.lower(), Path(folder) / name)
    return found
