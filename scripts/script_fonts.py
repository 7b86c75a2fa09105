"""Fonts and words to draw lines of text in: Debian packages and the names that CLDR keeps in every language.

Used by train_scripts.py and script_lines.py only. Needs fonttools and Babel (CLDR, Unicode licence).
"""

import re
import subprocess
import sys
import unicodedata
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


def _listed(names: str) -> list[str]:
    return names.split()


FONT_PACKAGES = _listed(
    "fonts-aksharyogini2 fonts-alee fonts-arphic-bsmi00lp fonts-arphic-gbsn00lp fonts-arphic-ukai "
    "fonts-arphic-uming fonts-arundina fonts-averia-sans-gwf fonts-baekmuk fonts-bebas-neue "
    "fonts-beng-extra fonts-bpg-georgian fonts-cabin fonts-cabinsketch fonts-cantarell fonts-cherrybomb "
    "fonts-comfortaa fonts-comic-neue fonts-courier-prime fonts-cwtex-kai fonts-cwtex-ming "
    "fonts-cwtex-yen fonts-dancingscript fonts-ddc-uchen fonts-dejavu-core fonts-dejavu-extra "
    "fonts-deva-extra fonts-dosis fonts-dotgothic16 fonts-ebgaramond fonts-farsiweb fonts-freefarsi "
    "fonts-freefont-ttf fonts-gargi fonts-gemunu-libre fonts-gfs-artemisia fonts-gfs-bodoni-classic "
    "fonts-gfs-didot fonts-gfs-neohellenic fonts-gfs-olga fonts-gubbi fonts-gujr-extra fonts-guru-extra "
    "fonts-hosny-amiri fonts-hosny-thabit fonts-humor-sans fonts-inter fonts-ipafont-gothic "
    "fonts-ipafont-mincho fonts-jura fonts-kacst fonts-kacst-one fonts-kalapi fonts-kaushanscript "
    "fonts-khmeros fonts-klee fonts-kristi fonts-lao fonts-lato fonts-league-spartan fonts-leckerli-one "
    "fonts-lemonada fonts-lexi-gulim fonts-lexi-saebom fonts-liberation fonts-linuxlibertine "
    "fonts-lklug-sinhala fonts-lobster fonts-lobstertwo fonts-lohit-beng-assamese "
    "fonts-lohit-beng-bengali fonts-lohit-deva fonts-lohit-deva-marathi fonts-lohit-gujr fonts-lohit-guru "
    "fonts-lohit-knda fonts-lohit-mlym fonts-lohit-orya fonts-lohit-taml fonts-lohit-taml-classical "
    "fonts-lohit-telu fonts-lxgw-wenkai fonts-manrope fonts-meera-inimai fonts-motoya-l-maruberi "
    "fonts-mplus fonts-nafees fonts-nakula fonts-nanum fonts-nanum-extra fonts-navilu fonts-noto-cjk "
    "fonts-noto-core fonts-noto-ui-core fonts-oldstandard fonts-open-sans fonts-paktype fonts-paratype "
    "fonts-play fonts-quicksand fonts-rampart fonts-reggae fonts-roboto-slab fonts-roboto-unhinted "
    "fonts-rocknroll fonts-sahadeva fonts-samyak-deva fonts-samyak-gujr fonts-samyak-mlym "
    "fonts-samyak-orya fonts-samyak-taml fonts-sarai fonts-sawarabi-gothic fonts-sawarabi-mincho "
    "fonts-senamirmir-washra fonts-sil-abyssinica fonts-sil-andika fonts-sil-annapurna fonts-sil-ezra "
    "fonts-sil-gentiumplus fonts-sil-harmattan fonts-sil-lateef fonts-sil-mondulkiri fonts-sil-padauk "
    "fonts-sil-scheherazade fonts-smc-chilanka fonts-smc-manjari fonts-smiley-sans fonts-staypuft "
    "fonts-stick fonts-takao-gothic fonts-takao-mincho fonts-telu-extra fonts-teluguvijayam "
    "fonts-tibetan-machine fonts-tlwg-garuda-ttf fonts-tlwg-kinnari-ttf fonts-tlwg-laksaman-ttf "
    "fonts-tlwg-loma-ttf fonts-tlwg-mono-ttf fonts-tlwg-norasi-ttf fonts-tlwg-purisa-ttf "
    "fonts-tlwg-sawasdee-ttf fonts-tlwg-typewriter-ttf fonts-tlwg-typist-ttf fonts-tlwg-typo-ttf "
    "fonts-tlwg-umpush-ttf fonts-tlwg-waree-ttf fonts-ukij-uyghur fonts-unfonts-core fonts-unfonts-extra "
    "fonts-urw-base35 fonts-vlgothic fonts-woowa-bm fonts-wqy-microhei fonts-wqy-zenhei "
    "fonts-yanone-kaffeesatz fonts-yrsa-rasa fonts-yusei-magic culmus"
)
"""Debian packages (bookworm) whose fonts are drawn with; one that is not installed is left out with a warning."""

RANGES: Mapping[str, tuple[tuple[int, int], ...]] = {
    "Latn": ((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x24F), (0x1E00, 0x1EFF)),
    "Hani": ((0x3400, 0x4DBF), (0x4E00, 0x9FFF)),
    "Jpan": ((0x3041, 0x30FF), (0x4E00, 0x9FFF)),
    "Hang": ((0xAC00, 0xD7A3),),
    "Cyrl": ((0x400, 0x52F),),
    "Grek": ((0x370, 0x3FF), (0x1F00, 0x1FFF)),
    "Arab": ((0x600, 0x6FF), (0x750, 0x77F)),
    "Hebr": ((0x590, 0x5FF),),
    "Deva": ((0x900, 0x97F),),
    "Beng": ((0x980, 0x9FF),),
    "Guru": ((0xA00, 0xA7F),),
    "Gujr": ((0xA80, 0xAFF),),
    "Orya": ((0xB00, 0xB7F),),
    "Taml": ((0xB80, 0xBFF),),
    "Telu": ((0xC00, 0xC7F),),
    "Knda": ((0xC80, 0xCFF),),
    "Mlym": ((0xD00, 0xD7F),),
    "Sinh": ((0xD80, 0xDFF),),
    "Thai": ((0xE00, 0xE7F),),
    "Laoo": ((0xE80, 0xEFF),),
    "Mymr": ((0x1000, 0x109F),),
    "Khmr": ((0x1780, 0x17FF),),
    "Geor": ((0x10D0, 0x10FF),),
    "Armn": ((0x531, 0x58F),),
    "Ethi": ((0x1200, 0x137F),),
}
LOCALES: Mapping[str, str] = {
    "Latn": "en de fr es pt it nl sv da fi hu pl cs sk hr ro tr az vi id sw lt lv et is ga cy eu sq mt yo ha zu",
    "Hani": "zh zh_Hant yue",
    "Jpan": "ja",
    "Hang": "ko",
    "Cyrl": "ru uk bg sr mk be kk ky mn tg",
    "Grek": "el",
    "Arab": "ar fa ur ps ckb ug sd",
    "Hebr": "he yi",
    "Deva": "hi mr ne",
    "Beng": "bn as",
    "Guru": "pa",
    "Gujr": "gu",
    "Orya": "or",
    "Taml": "ta",
    "Telu": "te",
    "Knda": "kn",
    "Mlym": "ml",
    "Sinh": "si",
    "Thai": "th",
    "Laoo": "lo",
    "Mymr": "my",
    "Khmr": "km",
    "Geor": "ka",
    "Armn": "hy",
    "Ethi": "am ti",
}
OTHER_TRAIN: Mapping[str, tuple[int, int]] = {
    "Tibt": (0xF40, 0xF6C),
    "Cans": (0x1401, 0x1676),
    "Olck": (0x1C5A, 0x1C77),
    "Vaii": (0xA500, 0xA60B),
    "Yiii": (0xA000, 0xA48C),
    "Nkoo": (0x7CA, 0x7EA),
    "Java": (0xA984, 0xA9B2),
    "Syrc": (0x712, 0x72F),
    "Mong": (0x1820, 0x1877),
    "Mtei": (0xABC0, 0xABE2),
    "Sund": (0x1B83, 0x1BA0),
    "Kali": (0xA90A, 0xA925),
}
"""Scripts that are only ever called unknown; letters are drawn at random."""
OTHER_HELD_OUT: Mapping[str, tuple[int, int]] = {
    "Thaa": (0x780, 0x7A5),
    "Tfng": (0x2D30, 0x2D65),
    "Cher": (0x13A0, 0x13F4),
    "Bali": (0x1B05, 0x1B33),
    "Cham": (0xAA00, 0xAA28),
    "Bamu": (0xA6A0, 0xA6E5),
    "Lana": (0x1A20, 0x1A54),
    "Lepc": (0x1C00, 0x1C23),
}
"""Scripts that training never shows: how often is a script that nobody taught called a known one?"""

_CODECS = {"Hani": ("gb2312", 0xB0, 0xD7), "Hang": ("euc_kr", 0xB0, 0xC8)}
_KANA = (
    "は が を に で と も の へ から まで より です ます でした ました ません "
    "する した して している される ない なかった たい ように という こと もの これ "
    "それ あれ この その どこ いつ なに だれ とても すごい いい ありがとう ください "
    "お願いします おはよう こんにちは さん ちゃん くん だよ だね かな けど でも だから "
    "また もっと すぐ みんな あなた わたし ぼく たち いる ある なる くる いく みる "
    "きく いう おもう つくる かった くて しい しく れば なら まで カメラ アニメ "
    "ゲーム チャンネル ニュース スマホ コメント フォロー ライブ セール カフェ ラーメン "
    "ダンス メイク"
)
"""Particles, endings and everyday words in kana."""
_UNFIT = re.compile(
    r"symbol|emoji|math|icon|dingbat|blank|unifont|cmsy|cmmi|cmex|D050000|stroke|ornament|jsMath|esint|standard sym",
    re.I,
)
_MAX_FILES_PER_FAMILY = 6
_LEAST_COVERAGE = 0.6
"""Share of a script's letters a face must have; a line is drawn only in a face that has all of its letters."""
_SAME_DESIGN = re.compile(
    r" ?(\b(UI|Display|Mono|Sharp|Condensed|Condenced|Condencerd|Cond|Narrow|Medium|Light|Book|Bold|Thin|Black|Caps|"
    r"Caption|"
    r"Code|Latin|Eco|YetHangul|Classical|Slanted|CJK|SC|TC|JP|KR|HK|TW|CN|MBE|SR|PS|O|Plus|Compact|Regular|Pro|Air|"
    r"GPL&GNU|GNU&GPL|GNU-GPL|SemiBold|ExtraBold|Heavy|\d+)\b|_\w+)",
    re.I,
)
_LATIN_AND_ARABIC_ONLY = ("UKIJ",)
"""Families whose other alphabets are stand-ins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """One face of a font file, and the characters it can draw."""

    path: str
    index: int
    family: str
    characters: frozenset[int]


def is_of(character: str, code: str) -> bool:
    """Whether a character belongs to the ranges of a script."""
    return any(start <= ord(character) <= end for start, end in RANGES[code])


def words_of(code: str) -> list[str]:
    """Words of a script: territories, languages, currencies, months, days and units of CLDR, sorted."""
    from babel import Locale

    found: set[str] = set()
    for name in LOCALES[code].split():
        locale = Locale.parse(name)
        tables: list[Any] = [locale.territories, locale.languages, locale.currencies, locale.variants, locale.scripts]
        tables += [locale.months["format"]["wide"], locale.days["format"]["wide"]]
        for table in tables:
            for value in table.values():
                found.update(re.split(r"[\s()\[\],/·・（）、\u200b-]+", str(value)))
    kept = {word for word in found if word and _is_pure(word, code)}
    if code == "Jpan":
        kept = {word for word in kept if any(0x3041 <= ord(character) <= 0x30FF for character in word)}
        kept.update(_with_kana())
    return sorted(kept | set(_pairs(code)))


def is_for_validation(word: str) -> bool:
    """A tenth of all words, chosen by checksum, is never trained on."""
    return zlib.crc32(word.encode()) % 10 == 0


def _is_pure(word: str, code: str) -> bool:
    letters = [character for character in word if unicodedata.category(character)[0] in "LM"]
    return bool(letters) and all(is_of(character, code) for character in letters)


def _with_kana() -> list[str]:
    """Japanese as it is written: characters of JIS X 0208 followed by endings and particles, and kana alone."""
    rows = [bytes([lead, trail]) for lead in range(0xB0, 0xC8) for trail in range(0xA1, 0xFF)]
    drawn = "".join(row.decode("euc_jp", "ignore") for row in rows)
    endings = _KANA.split()
    found = [drawn[at : at + 1 + at % 2] + endings[at % len(endings)] for at in range(0, len(drawn) - 2)]
    hiragana = [chr(code) for code in range(0x3042, 0x3094)]
    found += [one + hiragana[(at * 7 + 3) % 80] + hiragana[(at * 3) % 82] for at, one in enumerate(hiragana)]
    return found + endings


def _pairs(code: str) -> list[str]:
    """Pairs of neighbours of a national character set, so that common characters that CLDR lacks are seen."""
    if code not in _CODECS:
        return []
    codec, first, last = _CODECS[code]
    rows = [bytes([lead, trail]) for lead in range(first, last + 1) for trail in range(0xA1, 0xFF)]
    drawn = "".join(row.decode(codec, "ignore") for row in rows)
    step = len(drawn) // 2
    return [a + b for a, b in zip(drawn[:step], drawn[step:], strict=False)]


def faces() -> list[Face]:
    """Every usable face of the font packages, in the order of their paths. About a minute."""
    from fontTools.ttLib import TTCollection, TTFont, TTLibError

    found: list[Face] = []
    for path in _files():
        try:
            fonts = TTCollection(path, lazy=True).fonts if path.endswith(".ttc") else [TTFont(path, lazy=True)]
            for index, font in enumerate(fonts):
                family = font["name"].getBestFamilyName() or Path(path).stem
                if _UNFIT.search(f"{family} {Path(path).stem}"):
                    continue
                cmap = font.getBestCmap() or {}
                found.append(Face(path=path, index=index, family=family, characters=frozenset(cmap)))
        except (TTLibError, KeyError, AssertionError, ValueError) as error:
            sys.stderr.write(f"left out {path}: {error}\n")
    return found


def _files() -> list[str]:
    paths: set[str] = set()
    for package in FONT_PACKAGES:
        listed = subprocess.run(  # noqa: S603 - a fixed program, names from the table above
            ["/usr/bin/dpkg-query", "-L", package], capture_output=True, text=True, check=False
        )
        if listed.returncode:
            sys.stderr.write(f"{package} is not installed: its fonts are left out\n")
        paths.update(line for line in listed.stdout.split("\n") if re.search(r"\.(ttf|otf|ttc)$", line))
    return sorted(path for path in paths if Path(path).is_file())


def families_of(all_faces: Sequence[Face], letters: str, code: str) -> dict[str, list[Face]]:
    """The designs that can draw these letters of a script, each with at most six of its faces.

    Widths, weights and editions of one design ("Noto Sans Thai UI", "Noto Sans CJK JP") count as one, so that none
    of them is trained with while another is held out.
    """
    wanted = {ord(letter) for letter in letters}
    found: dict[str, list[Face]] = {}
    for face in all_faces:
        if code not in ("Latn", "Arab") and face.family.startswith(_LATIN_AND_ARABIC_ONLY):
            continue
        if len(wanted & face.characters) >= _LEAST_COVERAGE * len(wanted):
            found.setdefault(design_of(face.family), []).append(face)
    return {family: _spread(list_of) for family, list_of in sorted(found.items())}


def design_of(family: str) -> str:
    """The name of a family without what only tells its width, weight or edition."""
    return _SAME_DESIGN.sub("", family).strip() or family


def _spread(of_family: list[Face]) -> list[Face]:
    step = max(1, len(of_family) // _MAX_FILES_PER_FAMILY)
    return of_family[::step][:_MAX_FILES_PER_FAMILY]


def held_out_families(by_script: Mapping[str, Mapping[str, list[Face]]]) -> frozenset[str]:
    """Families that no script is trained with: a quarter of each script's, at least one, scripts with fewest first.

    A script with one family only is trained with it, and validated on nothing but unseen words.
    """
    chosen: set[str] = set()
    trained: set[str] = set()
    for families in sorted(by_script.values(), key=len):
        names = sorted(families, key=lambda name: zlib.crc32(name.encode()))
        want = max(1, len(names) // 4) if len(names) > 1 else 0
        have = len(chosen.intersection(names))
        free = [name for name in names if name not in chosen and name not in trained]
        chosen.update(free[: max(0, want - have)])
        trained.update(name for name in names if name not in chosen)
    return frozenset(chosen)
