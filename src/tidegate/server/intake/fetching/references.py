"""References as text: what is refused by its form alone, and the parts of what is left. Pure.

Addresses are read more narrowly than browsers do. What two readers could understand differently (user names, other
spellings of IPv4, backslashes, control characters) is refused, so that what is checked is what is connected to.
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

import idna

from tidegate.errors import RefusedReferenceError

MAX_CHARACTERS = 8192
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*)://")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ud800-\udfff]")
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PORT = re.compile(r"[0-9]{1,5}")
_DEFAULT_PORT = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class WebReference:
    """An address of the web in its one accepted form. `host` is ASCII in small letters, without brackets."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Host and port as a `Host` header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORT[self.scheme] else f"{host}:{self.port}"

    @property
    def text(self) -> str:
        """The whole address with its query, which may be a secret: never for logs."""
        return f"{self.scheme}://{self.authority}{self.target}"

    @property
    def shown(self) -> str:
        """The address as logs, errors and records may carry it: without its query."""
        return f"{self.scheme}://{self.authority}{self.target.partition('?')[0]}"


def scheme_of(reference: str) -> str:
    """The scheme of a reference in small letters; raises RefusedReferenceError where none can be read safely."""
    if len(reference) > MAX_CHARACTERS:
        raise _refused(reference, f"the reference is longer than {MAX_CHARACTERS} characters", "give a shorter address")
    if _FORBIDDEN.search(reference):
        what = "the reference has a space, a backslash or a control character"
        raise _refused(reference, what, "percent-encode it")
    found = _SCHEME.match(reference)
    if not found:
        raise _refused(reference, "the reference does not begin with a scheme and `://`", "give a whole address")
    return found[1].lower()


def read_web(reference: str) -> WebReference:
    """The parts of an `http` or `https` address. Raises RefusedReferenceError. Its scheme is not judged here."""
    scheme = scheme_of(reference)
    if scheme not in _DEFAULT_PORT:
        raise _refused(reference, f"`{scheme}` is no scheme of the web", "give an https address")
    try:
        parts = urlsplit(reference)
    except ValueError:
        raise _refused(reference, "the host of the reference cannot be read", "write it as a plain name") from None
    if "@" in parts.netloc:
        raise _refused(reference, "the reference carries a user name or password", "use a signed address instead")
    host, port = _split(reference, parts.netloc)
    target = quote(parts.path or "/", safe="/%:;@!$&'()*+,=~[]^|{}`\"<>") + (
        "?" + quote(parts.query, safe="/?%:;@!$&'()*+,=~[]^|{}`\"<>") if parts.query else ""
    )
    return WebReference(
        scheme=scheme, host=_host(reference, host), port=_port(reference, port, _DEFAULT_PORT[scheme]), target=target
    )


def follow(here: WebReference, location: bytes) -> WebReference:
    """Where a redirect leads, read by the same rules. Raises RefusedReferenceError."""
    try:
        text = location.decode("ascii")
    except UnicodeDecodeError:
        raise _refused(here.shown, "a redirect leads to an address that is not ASCII", "ask its owner") from None
    if _FORBIDDEN.search(text):
        what = "a redirect leads to an address with a space, a backslash or a control character"
        raise _refused(here.shown, what, "give the address of the video itself")
    try:
        joined = urljoin(here.text, text)
    except ValueError:
        raise _refused(here.shown, "a redirect leads to no address", "give the address of the video itself") from None
    return read_web(joined)


def shown(reference: str) -> str:
    """Any reference as errors and logs may carry it: no query, no fragment, no user name, no control characters."""
    head = re.split(r"[?#]", reference[:MAX_CHARACTERS], maxsplit=1)[0]
    scheme, mark, rest = head.partition("://")
    authority, slash, path = re.sub(r"\\", "/", rest).partition("/")
    text = f"{scheme}{mark}{authority.rpartition('@')[2]}{slash}{path}" if mark else head.rpartition("@")[2]
    clean = "".join(character if character.isprintable() else "?" for character in text)
    return clean if len(clean) <= 200 else f"{clean[:199]}…"


def _split(reference: str, netloc: str) -> tuple[str, str]:
    """Host and port of an authority; the host keeps its brackets."""
    if netloc.startswith("["):
        host, bracket, rest = netloc.partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise _refused(reference, "the host of the reference cannot be read", "write it as a plain name")
        return host + bracket, rest[1:]
    host, _, port = netloc.partition(":")
    return host, port


def _port(reference: str, text: str, default: int) -> int:
    if not text:
        return default
    if not _PORT.fullmatch(text) or not 0 < int(text) < 65536:
        raise _refused(reference, "the port of the reference is no port", "name a port from 1 to 65535")
    return int(text)


def _host(reference: str, text: str) -> str:
    """A host in its one accepted spelling: a name in ASCII, four decimal numbers, or the shortest form of IPv6."""
    if text.startswith("["):
        try:
            if "%" in text:
                raise ValueError
            return str(ipaddress.IPv6Address(text[1:-1]))
        except ValueError:
            raise _refused(reference, "the address in brackets is no IPv6 address", "write a name instead") from None
    name = _ascii(reference, text).removesuffix(".")
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        try:
            return str(ipaddress.IPv4Address(name))
        except ValueError:
            what = "the host is a number, but not an IPv4 address of four decimal numbers"
            raise _refused(reference, what, "write four decimal numbers or a name") from None
    if not _NAME.fullmatch(name):
        raise _refused(reference, "the host of the reference is no name", "write letters, digits, dots and hyphens")
    return name


def _ascii(reference: str, text: str) -> str:
    """A host as the name that is looked up: small letters, and IDNA 2008 with the mapping of UTS 46 for the rest."""
    if text.isascii():
        return text.lower()
    try:
        return idna.encode(text, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        what = "the host of the reference is no international name"
        raise _refused(reference, what, "write it in its `xn--` form") from None


def _refused(reference: str, what: str, next_step: str) -> RefusedReferenceError:
    return RefusedReferenceError(what, where=shown(reference), next_step=next_step)
