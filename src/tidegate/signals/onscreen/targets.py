"""Where a link leads, as far as its characters tell. Links are taken apart, never fetched, and no name is looked up.

Links are read as browsers read them (WHATWG URL Standard): controls and line breaks inside are dropped, backslashes
count as slashes, the host stands after the last `@`, numbers of any base are addresses.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import unquote

MAX_LINK_CHARS = 2048
_MAX_HOST_CHARS = 253


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


_SPECIAL = frozenset({"http", "https", "ftp", "ws", "wss"})
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{0,40}):", re.I)
_DROPPED = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_IGNORED_IN_HOSTS = re.compile("[\u00ad\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff]")
_USUAL_PORTS = frozenset({"", "80", "443", "21"})
_DOMAIN = re.compile(r"(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?:[:/?#]|\Z)")

RUNS_CODE = words(
    "javascript vbscript livescript data file content blob jar mhtml intent ms-msdt search-ms shell smb "
    "ldap view-source chrome about res telnet ssh"
)
"""Schemes that run something on the device, open what lies on it, or reach into its network."""

_SHORTENERS = words(
    "bit.ly bitly.com tinyurl.com t.co goo.gl is.gd v.gd cutt.ly rb.gy ow.ly buff.ly shorturl.at "
    "rebrand.ly lnkd.in tiny.cc s.id vo.la han.gl me2.do url.kr abit.ly t.ly adf.ly soo.gd clck.ru u.to "
    "x.gd qr.ae shrtco.de bl.ink qrco.de qr.link q-r.to l.ead.me qrs.ly scnv.io dub.sh dub.co short.gy "
    "shorturl.gg tny.im urlz.fr t2m.io me-qr.com dwz.cn t.cn url.cn suo.im 0rz.tw reurl.cc ppt.cc lihi.cc "
    "bitly.ws surl.li kutt.it zpr.io rebrandly.com linkr.it amzn.to youtu.be fb.me wp.me db.tt trib.al "
    "app.link page.link onelink.me smart.link"
)


_FREQUENT_ENDINGS = words(
    "com net org info biz app dev shop store online site xyz top club vip live link page io ai co cc me tv to ly ru cn "
    "jp kr de fr uk it es nl pl br in id vn th tr us ca au eu ua ch at se gg click icu"
)
_SHORT_UNDER = (".page.link", ".app.link", ".onelink.me")


class Mark(StrEnum):
    """Something odd about a link, in words for a note."""

    SHORT = "short link, target unknown"
    USER_INFO = "a name stands before the host"
    ADDRESS = "the host is a bare network address"
    PRIVATE = "the host is inside a private network"
    PUNYCODE = "the host is an internationalised name"
    DISGUISED = "the host is written in an unusual way"
    PORT = "unusual port"
    RUNS_CODE = "runs code or opens what is on the device"
    LEADS_ON = "leads on to another link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link taken apart. `host` is as a browser would ask for it (ASCII), `shown_host` in its own letters.

    `rest` is everything from the path on. `marks` tells what is odd about it.
    """

    scheme: str
    host: str
    shown_host: str
    port: str
    rest: str
    marks: tuple[Mark, ...]

    def plain(self, *, host: str = "") -> str:
        """The link without user names and disguises; with another spelling of its host where one is given."""
        port = f":{self.port}" if self.port else ""
        slashes = "//" if self.host else ""
        return f"{self.scheme}:{slashes}{host or self.host}{port}{self.rest}"


def read_link(text: str) -> Link | None:
    """Take a link apart; `None` where a text is no link. Linear in the text, of which 2,048 characters are read.

    A bare domain (`www.example.co`, `example.com`, `example.co/a`) is read as https, as cameras do.
    """
    clean = _DROPPED.sub("", text[:MAX_LINK_CHARS]).strip()
    if not clean or " " in clean.partition("?")[0].partition("#")[0]:
        return None
    match = _SCHEME.match(clean)
    if match is None or (match[1].lower() not in _SPECIAL and _is_host_and_port(clean)):
        bare = clean.lstrip("/")
        return _with_host("https", "//" + bare) if _is_bare_link(bare) else None
    scheme, rest = match[1].lower(), clean[match.end() :]
    if scheme in _SPECIAL:
        return _with_host(scheme, rest)
    marks = (Mark.RUNS_CODE,) if scheme in RUNS_CODE else ()
    authority = re.match(r"//([^/?#]*)", rest)
    host = authority[1][:_MAX_HOST_CHARS] if authority else ""
    tail = rest[authority.end() :] if authority else rest
    return Link(scheme=scheme, host=host, shown_host=host, port="", rest=tail, marks=marks)


def _is_bare_link(text: str) -> bool:
    """Whether a text without a scheme is a link: a domain with `www.`, with a path, or under a frequent ending."""
    match = _DOMAIN.match(text)
    if match is None:
        return False
    is_named = text[:4].lower() == "www." or match.group().endswith("/")
    return is_named or match.group().rstrip(":/?#").rpartition(".")[2].lower() in _FREQUENT_ENDINGS


def _is_host_and_port(clean: str) -> bool:
    return re.match(r"(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}:\d{1,5}(?:[/?#]|\Z)", clean, re.I) is not None


def _with_host(scheme: str, rest: str) -> Link | None:
    stripped = rest.lstrip("/\\")
    end = re.search(r"[/\\?#]", stripped)
    authority, tail = (stripped[: end.start()], stripped[end.start() :]) if end else (stripped, "")
    user, at, host_and_port = authority.rpartition("@")
    written, port = _without_port(host_and_port)
    host, shown, odd = _host(written)
    if not host:
        return None
    slashes = rest[: len(rest) - len(stripped)]
    marks = [
        (Mark.USER_INFO, bool(at and user)),
        (Mark.PRIVATE, _is_private(host)),
        (Mark.ADDRESS, _address(host) is not None),
        (Mark.PUNYCODE, host != shown),
        (Mark.DISGUISED, odd or slashes != "//" or tail.startswith("\\")),
        (Mark.PORT, port not in _USUAL_PORTS),
        (
            Mark.SHORT,
            host.removeprefix("www.") in _SHORTENERS or host.endswith((".page.link", ".app.link", ".onelink.me")),
        ),
    ]
    return Link(
        scheme=scheme,
        host=host,
        shown_host=shown,
        port="" if port in _USUAL_PORTS else port,
        rest=tail.replace("\\", "/") if tail.startswith("\\") else tail,
        marks=tuple(mark for mark, holds in marks if holds),
    )


def _without_port(host_and_port: str) -> tuple[str, str]:
    if host_and_port.startswith("["):
        host, bracket, port = host_and_port.partition("]")
        return host + bracket, port.removeprefix(":")[:5]
    host, colon, port = host_and_port.rpartition(":")
    return (host, port[:5]) if colon and (port.isdigit() or not port) else (host_and_port, "")


def _host(written: str) -> tuple[str, str, bool]:
    """A host as browsers ask for it, in its own letters, and whether it was written in a way that hides it."""
    raw = written[: _MAX_HOST_CHARS * 3]
    decoded = unicodedata.normalize("NFKC", _IGNORED_IN_HOSTS.sub("", unquote(raw, errors="replace")))
    decoded = decoded.replace("\u3002", ".").casefold().rstrip(".")[:_MAX_HOST_CHARS]
    if (address := _address(decoded)) is not None:
        plain = f"[{address}]" if isinstance(address, IPv6Address) else str(address)
        return plain, plain, plain != written
    labels = decoded.split(".")
    shown = ".".join(_own_letters(label) for label in labels)
    ascii_host = ".".join(_ascii(label) for label in labels)
    if not re.search(r"\w", ascii_host):
        return "", "", False
    return ascii_host, shown, decoded != written.lower().rstrip(".") and written.lower().rstrip(".") != shown


def _own_letters(label: str) -> str:
    if not label.startswith("xn--") or len(label) > 63:
        return label
    try:
        decoded = label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError, OverflowError):
        return label
    return decoded if decoded.isprintable() and not _DROPPED.search(decoded) and "." not in decoded else label


def _ascii(label: str) -> str:
    if label.isascii() or len(label) > 63:
        return label
    try:
        return "xn--" + label.encode("punycode").decode("ascii")
    except (UnicodeError, ValueError, OverflowError):
        return label


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """The address a host is, however written: dotted, one number, octal, hexadecimal, IPv6 in brackets."""
    if host.startswith("[") and host.endswith("]"):
        try:
            return IPv6Address(host[1:-1])
        except (AddressValueError, ValueError):
            return None
    parts = host.split(".")
    if not 1 <= len(parts) <= 4:
        return None
    numbers = [_number(part) for part in parts]
    if any(number is None for number in numbers):
        return None
    values = [number for number in numbers if number is not None]
    if any(value > 255 for value in values[:-1]) or values[-1] >= 256 ** (5 - len(values)):
        return None
    total = values[-1] + sum(value * 256 ** (3 - place) for place, value in enumerate(values[:-1]))
    return IPv4Address(total)


def _number(part: str) -> int | None:
    if re.fullmatch(r"0x[0-9a-f]{0,8}", part):
        return int(part[2:] or "0", 16)
    if re.fullmatch(r"0[0-7]{1,11}", part):
        return int(part, 8)
    return int(part) if re.fullmatch(r"0|[1-9][0-9]{0,9}", part) else None


def _is_private(host: str) -> bool:
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal", ".home.arpa", ".lan")):
        return True
    address = _address(host)
    return address is not None and not address.is_global
