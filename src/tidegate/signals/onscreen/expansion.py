"""Links inside links: redirect parameters, wrapped and encoded targets, aliases of messengers. Never fetched."""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, unquote_plus

from tidegate.signals.onscreen.targets import MAX_LINK_CHARS, Link, Mark, read_link, words

MAX_DEPTH = 3
"""Links inside links inside a link are followed so far."""

MAX_LINKS = 8
MAX_WORDS = 4
_MAX_WORDS_CHARS = 300
_MAX_PARAMETERS = 40

_IN_TEXT = re.compile(r"(?:https?|ftp):[/\\]{1,3}[^\s<>\"'`]{2,2048}", re.I)
_STARTS_A_LINK = re.compile(
    r"(?:(?:https?|ftp|wss?):|//\w|www\.|[a-z][a-z0-9+.-]{1,40}://|(?:javascript|vbscript|data|file|intent):)", re.I
)
_LEADS_ON = words(
    "url u q uri link target to dest destination redirect redirect_url redirect_uri redir r return "
    "returnurl return_to next continue goto go out href ref adurl imgurl site forward callback fallback "
    "link_url l"
)
_SAYS = words("text body subject message msg tn pn note label title caption content quote description")
_AFTER_TEXT = ".,;:!?)]}'\""
_AMP = re.compile(r"/(?:amp|c|v|i)/(?:s/)?(?=[\w-]+\.)")
_AMP_HOSTS = ("google.", "www.google.", "cdn.ampproject.org")
_WRAPPING_SCHEMES = frozenset({"view-source", "microsoft-edge", "feed", "firefox", "opera-http", "web+http"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """What a text says without being asked: links it holds or leads on to, words that it carries encoded, marks.

    `links` are in the order found: those inside other links, and plainly written forms of disguised ones. `is_cut`
    says that there were more than 8, or deeper ones than 3.
    """

    links: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    is_cut: bool = False


def expand(text: str) -> Expansion:
    """Everything that the links of a text give away. Pure; at most 8 links and 4 texts of 300 characters.

    A link with a disguised host is repeated plainly, with the host in ASCII and in its own letters.
    """
    links: list[str] = []
    words: list[str] = []
    marks: list[Mark] = []
    is_cut = False
    waiting = [(found, 0) for found in links_in(text)]
    seen: set[str] = set()
    while waiting:
        written, depth = waiting.pop(0)
        link = read_link(written)
        if link is None or written in seen:
            continue
        if depth > MAX_DEPTH or len(seen) >= MAX_LINKS:
            is_cut = True
            break
        seen.add(written)
        marks += link.marks
        links += [form for form in _forms(link, written, is_inner=depth > 0) if form not in links]
        words += [said for said in _words(link) if said not in words]
        inner = [found for found in _inner(link) if found != written]
        if inner and depth == 0 and link.scheme in ("http", "https"):
            marks.append(Mark.LEADS_ON)
        waiting += [(found, depth + 1) for found in inner]
    return Expansion(
        links=tuple(links[:MAX_LINKS]),
        words=tuple(words[:MAX_WORDS]),
        marks=tuple(dict.fromkeys(marks)),
        is_cut=is_cut or len(links) > MAX_LINKS,
    )


def links_in(text: str) -> list[str]:
    """The text itself where it is one link, else the web links that stand in it; at most 9."""
    whole = text.strip()
    if "\n" not in whole and " " not in whole.partition("?")[0] and read_link(whole) is not None:
        return [whole]
    found = (match.group().rstrip(_AFTER_TEXT) for match in _IN_TEXT.finditer(text))
    return [link for link, _ in zip(dict.fromkeys(found), range(MAX_LINKS + 1), strict=False)]


def _forms(link: Link, written: str, *, is_inner: bool) -> Iterator[str]:
    """The link as it should be read: itself where it was hidden in another, and plainly where it is disguised."""
    if is_inner:
        yield written
    if set(link.marks) & {Mark.USER_INFO, Mark.DISGUISED, Mark.PUNYCODE}:
        yield link.plain()[:MAX_LINK_CHARS]
        if link.shown_host != link.host:
            yield link.plain(host=link.shown_host)[:MAX_LINK_CHARS]


def _parameters(link: Link) -> Iterator[tuple[str, str]]:
    """Names and values of query and fragment, still encoded, at most 40."""
    _, _, behind = link.rest.partition("?")
    query, _, fragment = behind.partition("#")
    fragment = fragment or link.rest.partition("#")[2]
    count = 0
    for part in re.split(r"[&;?]", f"{query}&{fragment}"):
        if part and count < _MAX_PARAMETERS:
            count += 1
            name, equals, value = part.partition("=")
            yield (name.lower(), value) if equals else ("", name)


def _decodings(value: str) -> list[str]:
    """A value as it stands, then percent-decoded up to three times, then from base64 or hexadecimal."""
    found = [value]
    for _ in range(3):
        decoded = unquote(found[-1], errors="replace")
        if decoded == found[-1]:
            break
        found.append(decoded)
    last = found[-1]
    if re.fullmatch(r"aHR0c[\w+/=-]{8,2000}", last):
        found.append(_from_base64(last))
    elif re.fullmatch(r"(?:68747470)[0-9a-fA-F]{8,2000}", last) and len(last) % 2 == 0:
        found.append(bytes.fromhex(last).decode("utf-8", "replace"))
    return found


def _from_base64(text: str) -> str:
    padded = re.sub(r"[^\w+/-]", "", text).replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(padded + "=" * (-len(padded) % 4)).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _inner(link: Link) -> Iterator[str]:
    """The links that a link leads on to, as far as it says so itself."""
    for name, value in _parameters(link):
        for decoded in _decodings(value):
            is_link = _STARTS_A_LINK.match(decoded) is not None
            if (is_link or (name in _LEADS_ON and "." in decoded)) and read_link(decoded) is not None:
                yield decoded[:MAX_LINK_CHARS]
                break
    yield from _in_path(link)
    yield from _of_scheme(link)


def _in_path(link: Link) -> Iterator[str]:
    path = unquote(re.split(r"[?#]", link.rest, maxsplit=1)[0], errors="replace")
    if match := re.search(r".(https?:/{1,2}[^/].{2,})", path):
        target = re.sub(r"^(https?):/+", r"\1://", match[1], flags=re.I)
        yield target[:MAX_LINK_CHARS]
    elif (link.host.startswith(_AMP_HOSTS) or link.host.endswith(".cdn.ampproject.org")) and (
        match := _AMP.search(link.rest)
    ):
        yield "https://" + link.rest[match.end() :][:MAX_LINK_CHARS]


def _of_scheme(link: Link) -> Iterator[str]:
    """Targets of schemes that wrap a web link or stand for one."""
    parameters = {name: unquote_plus(value, errors="replace") for name, value in _parameters(link)}
    rest = link.rest.lstrip("/")
    if link.scheme == "intent":
        if fallback := parameters.get("s.browser_fallback_url"):
            yield fallback
        if link.host and parameters.get("scheme") in ("http", "https"):
            yield f"{parameters['scheme']}://{link.host}{link.rest.partition('#')[0]}"
    elif link.scheme in ("data", "javascript", "vbscript"):
        head, _, body = link.rest.partition(",")
        decoded = _from_base64(body) if head.lower().endswith(";base64") else unquote(link.rest, errors="replace")
        yield from links_in(" " + decoded)[:MAX_LINKS] if " " in decoded or "<" in decoded else _within(decoded)
    elif link.scheme in _WRAPPING_SCHEMES and _STARTS_A_LINK.match(rest):
        yield rest
    elif link.scheme.startswith("x-safari-http"):
        yield f"{link.scheme.removeprefix('x-safari-')}://{link.host}{link.rest}"
    yield from _of_messenger(link, parameters)


def _within(text: str) -> Iterator[str]:
    yield from (match.group().rstrip(_AFTER_TEXT) for match in _IN_TEXT.finditer(text))


def _of_messenger(link: Link, parameters: dict[str, str]) -> Iterator[str]:
    """The web form of a messenger's own links, which names the account or number to write to."""
    name = next((parameters[key] for key in ("domain", "phone", "number", "invite") if parameters.get(key)), "")
    account = re.sub(r"[^\w+.-]", "", name)[:64]
    if link.scheme == "tg" and account:
        yield f"https://t.me/{'+' if 'invite' in parameters else ''}{account}"
    elif link.scheme == "whatsapp" and account:
        yield f"https://wa.me/{account.lstrip('+')}"
    elif link.scheme in ("line", "viber", "kakaoopen", "weixin", "snapchat") and (link.host or account):
        path = link.rest.partition("?")[0]
        yield f"https://{link.scheme}.me/{account or (link.host + path).lstrip('/')}"[:MAX_LINK_CHARS]


def _words(link: Link) -> Iterator[str]:
    """Words that a link carries encoded: the text of a message, a subject, a note."""
    for name, value in _parameters(link):
        said = " ".join(unquote_plus(value, errors="replace").split())
        if name in _SAYS and " " in said:
            yield said[:_MAX_WORDS_CHARS]
