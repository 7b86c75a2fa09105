"""Links in text, written plainly or disguised. They are read, never fetched."""

import re
from collections.abc import Callable, Iterator

from tidegate.signals.wording.confusables import read_mixed
from tidegate.signals.wording.find import Find
from tidegate.signals.wording.wordlist import words

LABEL = "pattern.link"

OriginalOf = Callable[[int, int], str]
"""Gives the original characters behind a stretch of the normalised text."""

_SOLID_TLDS = (
    "com net org info biz app dev shop store online site xyz top club vip live link page blog media news click icu cfd "
    "sbs bond cyou rest monster quest lol fun space website tech pro mobi gg ly ru cn kr jp de fr "
    "uk br mx ar tr pl nl se "
    "ch at eu io ai co cc tv tk ml ga cf gq ws pw ee gy lnk win bid loan stream cash money finance "
    "exchange trade market "
    "chat ltd group agency support help center top work gold poker bet casino dating sex xxx porn onion"
)
_WORDLIKE_TLDS = "me is it to in so my no do be us am la id st ms vc"
_TLD = "|".join(sorted(set(_SOLID_TLDS.split()), key=len, reverse=True))
_WORDLIKE = "|".join(_WORDLIKE_TLDS.split())
_LABEL = r"[a-z0-9\u00a1-\uffff](?:[a-z0-9\u00a1-\uffff-]{0,62})"
_PATH = r"(?:[:/?#][^\s<>\"']{0,500})?"

_SCHEME = re.compile(
    r"(?<!\w)(?:h(?:tt|xx)ps?|ftp|tg|whatsapp)\s?(?:://|\[:\]//|: //|:\\\\)\s?([^\s<>\"']{2,500})", re.I
)
_DOMAIN = re.compile(
    rf"(?<![\w@./-])((?:{_LABEL}\.){{1,5}}(?:{_TLD}|xn--[a-z0-9-]{{2,59}}))(?![\w-]|\.[a-z0-9]){_PATH}", re.I
)
_DOMAIN_WITH_PATH = re.compile(rf"(?<![\w@./-])((?:{_LABEL}\.){{1,5}}(?:{_WORDLIKE}))/[^\s<>\"']{{1,500}}", re.I)
_SPELLED = re.compile(
    r"(?<![\w@])([a-z0-9][a-z0-9-]{1,62})\s{0,3}"
    r"(?:\[\.\]|\(\.\)|\{\.\}|[\[({]\s?(?:dot|punkt|punto|ponto|point|점|닷)\s?[\])}]|\s(?:dot|punkt|punto|ponto|점|닷)\s)\s{0,3}"
    rf"(?:{_TLD}|me|to)(?![\w-]){_PATH}",
    re.I,
)
_GAPPED = re.compile(
    rf"(?<![\w@])([a-z0-9][a-z0-9-]{{2,62}})(?: \. |\.[ ]| \.)(?:com|net|org|xyz|top|vip|shop|club|info)(?!\w){_PATH}",
    re.I,
)
_ADDRESS = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?::\d{2,5})?/[^\s]{0,500}")
_SHORTENERS = words(
    "bit.ly tinyurl.com t.co goo.gl is.gd cutt.ly rb.gy ow.ly buff.ly shorturl.at rebrand.ly lnkd.in tiny.cc v.gd s.id "
    "vo.la han.gl me2.do url.kr abit.ly t.ly adf.ly soo.gd clck.ru u.to x.gd qr.ae shrtco.de bl.ink lc.chat"
)
_LARGE_SITES = words(
    "youtube.com youtu.be instagram.com tiktok.com facebook.com twitter.com x.com twitch.tv spotify.com apple.com "
    "google.com wikipedia.org naver.com daum.net amazon.com netflix.com github.com linktr.ee reddit.com"
)
_CHEAP_TLDS = words("xyz top vip icu cfd sbs bond cyou click rest monster quest tk ml ga cf gq win bid loan stream")
_NO_HOST = words("the a an this that our that's der die das el la le il")


def links(text: str, original_of: OriginalOf) -> Iterator[Find]:
    """Links in a normalised text. `original_of(start, end)` gives the original characters of a stretch."""
    for match in _SCHEME.finditer(text):
        yield _link(
            match,
            _host(match[1]),
            original_of,
            is_defanged="xx" in match.group()[:5].lower() or "[" in match.group()[:9],
        )
    for pattern in (_DOMAIN, _DOMAIN_WITH_PATH):
        for match in pattern.finditer(text):
            if not _is_abbreviation(match[1]):
                yield _link(match, match[1].lower(), original_of)
    for pattern in (_SPELLED, _GAPPED):
        for match in pattern.finditer(text):
            if match[1].lower() not in _NO_HOST and (pattern is _SPELLED or "/" in match.group()):
                yield Find(match.start(), match.end(), LABEL, 0.7, "link spelled out so that filters miss it")
    for match in _ADDRESS.finditer(text):
        yield Find(match.start(), match.end(), LABEL, 0.7, "link to a bare network address")


def _link(match: re.Match[str], host: str, original_of: OriginalOf, *, is_defanged: bool = False) -> Find:
    start, end = match.start(), match.start() + len(match.group().rstrip(".,;:!?)]}'\""))
    score, note = _judged(host)
    at = match.group().lower().find(host)
    is_odd = at >= 0 and original_of(start + at, start + at + len(host)).lower() != host
    if is_odd or _is_look_alike(host):
        score, note = 0.85, "link whose name imitates other letters"
    elif is_defanged:
        score, note = 0.6, "link with a disguised scheme"
    return Find(start, end, LABEL, score, note)


def _judged(host: str) -> tuple[float, str]:
    bare = host.removeprefix("www.")
    if bare in _SHORTENERS:
        return 0.6, "shortened link that hides its target"
    if bare in _LARGE_SITES or any(bare.endswith("." + site) for site in _LARGE_SITES):
        return 0.15, "link to a large site"
    if bare.replace(".", "").isdigit():
        return 0.7, "link to a bare network address"
    if bare.rpartition(".")[2] in _CHEAP_TLDS:
        return 0.45, "link under a cheap top-level domain"
    return 0.3, "link"


def _is_look_alike(host: str) -> bool:
    """Whether an internationalised name reads as Latin although it is not."""
    for label in host.split("."):
        name = label
        if label.startswith("xn--"):
            try:
                name = label[4:].encode("ascii").decode("punycode")
            except (UnicodeError, ValueError, OverflowError):
                return True
        if not name.isascii() and read_mixed(name, text_is_latin=True).isascii():
            return True
    return False


def _host(rest: str) -> str:
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    return authority.rpartition("@")[2].partition(":")[0].replace("[.]", ".").lower()


def _is_abbreviation(host: str) -> bool:
    """Whether a dotted word is prose: a version, an initial, a missing blank after a full stop in another script."""
    first, _, last = host.rpartition(".")
    is_initial = len(first) < 2 and first.isalpha() and last not in ("co", "ly", "me")
    return is_initial or (host[0].isupper() and last[0].isupper())
