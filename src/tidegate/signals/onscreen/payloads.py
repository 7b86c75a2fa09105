"""What a code's payload is for, and how it is shown: the payload cleaned and cut, then the links hidden in it.

Pure: nothing is fetched, opened or looked up.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

from tidegate.signals.onscreen.expansion import Expansion, expand
from tidegate.signals.onscreen.targets import RUNS_CODE, Mark, read_link, words

MAX_PAYLOAD_BYTES = 4096
"""UTF-8 bytes of a payload that are shown; a QR code holds 2,953 at most."""

MAX_ADDED_CHARS = 6000
"""Characters of links and words added below a payload."""

_DIRECTION_MARKS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_BREAKS = re.compile("[\u2028\u2029]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_LEAST_CONTROLS = 0.1


class PayloadKind(StrEnum):
    """What scanning a code would do, in words for a note."""

    LINK = "link"
    APP_LINK = "link into an app"
    SCRIPT = "runs code or opens what is on the device"
    PHONE = "phone call"
    MESSAGE = "text message"
    EMAIL = "e-mail"
    PLACE = "place"
    WIFI = "network access"
    CONTACT = "contact"
    EVENT = "appointment"
    PAYMENT = "payment"
    SECRET = "one-time password key"  # noqa: S105 - a kind, no password
    PRODUCT = "product number"
    BINARY = "binary data"
    TEXT = "text"


_KIND_OF_SCHEME = {
    **dict.fromkeys(("http", "https", "ftp", "ws", "wss"), PayloadKind.LINK),
    **dict.fromkeys(("tel", "callto", "facetime", "facetime-audio", "sip", "sips"), PayloadKind.PHONE),
    **dict.fromkeys(("sms", "smsto", "mms", "mmsto"), PayloadKind.MESSAGE),
    **dict.fromkeys(("mailto", "matmsg", "smtp"), PayloadKind.EMAIL),
    "geo": PayloadKind.PLACE,
    "wifi": PayloadKind.WIFI,
    **dict.fromkeys(("mecard", "bizcard"), PayloadKind.CONTACT),
    **dict.fromkeys(("otpauth", "otpauth-migration"), PayloadKind.SECRET),
    **dict.fromkeys(
        words(
            "bitcoin bitcoincash ethereum litecoin dogecoin monero dash zcash ripple xrp solana tron ton cardano "
            "stellar lightning lnurl lnurlp lnurlw upi alipay alipays alipayqr wxp paypal venmo cashapp payto "
            "swish bizum gcash phonepe paytmmp gpay tez zelle mbway promptpay momo vnpay kakaopay toss twint "
            "eip681 wc"
        ),
        PayloadKind.PAYMENT,
    ),
    **dict.fromkeys(RUNS_CODE, PayloadKind.SCRIPT),
}
_KIND_OF_START = (
    (re.compile(r"BEGIN:VCARD", re.I), PayloadKind.CONTACT),
    (re.compile(r"BEGIN:(?:VEVENT|VCALENDAR)", re.I), PayloadKind.EVENT),
    (re.compile(r"000201(?:\d{2}\d{2})"), PayloadKind.PAYMENT),
    (re.compile(r"BCD\r?\n00[12]\r?\n"), PayloadKind.PAYMENT),
    (re.compile(r"SPC\r?\n0[12]00\r?\n"), PayloadKind.PAYMENT),
    (re.compile(r"SPD\*\d\.\d\*|ST0001\d\|"), PayloadKind.PAYMENT),
    (re.compile(r"ln(?:bc|tb|url)[0-9a-z]{20,}\Z", re.I), PayloadKind.PAYMENT),
    (
        re.compile(
            r"(?:bc1[02-9ac-hj-np-z]{20,80}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|0x[0-9a-fA-F]{40}|T[1-9A-HJ-NP-Za-km-z]{33})\Z"
        ),
        PayloadKind.PAYMENT,
    ),
)
"""vCard and iCalendar, EMVCo merchant codes, the European Payments Council's and Swiss codes, Czech and Russian payment
strings, Lightning invoices, bare Bitcoin, Ethereum and Tron addresses."""

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{0,40}):(?=\S)", re.I)
_MERCHANT_NAME = "59"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """A payload as people and detectors of words get it.

    `text` is the cleaned payload on one line and below it, a line each, links and words that it carries hidden.
    `marks` say what is odd, in words for a note; never content. `is_cut` says that something was left out.
    """

    kind: PayloadKind
    text: str
    marks: tuple[str, ...] = ()
    is_cut: bool = False


def examine(text: str, data: bytes, *, is_product: bool = False) -> Payload:
    """Everything about one payload: `text` as the decoder reads it, `data` its bytes. Never raises.

    `is_product` is true for the number of an EAN or UPC code. Cost: under a millisecond; 4 kB of links a few.
    """
    read = _readable(text, data)
    if read is None:
        shown = f"binary {data[: MAX_PAYLOAD_BYTES // 2 - 8].hex()}".strip()
        return Payload(kind=PayloadKind.BINARY, text=shown, is_cut=len(data) > MAX_PAYLOAD_BYTES // 2 - 8)
    shown = cleaned(read[: 2 * MAX_PAYLOAD_BYTES])
    cut = _cut(shown)
    kind = PayloadKind.PRODUCT if is_product else kind_of(read)
    found = expand(cut) if kind is not PayloadKind.PRODUCT else Expansion()
    marks = [str(mark) for mark in found.marks if mark is not Mark.RUNS_CODE or kind is not PayloadKind.SCRIPT]
    if _DIRECTION_MARKS.search(read):
        marks.append("holds hidden marks of direction")
    added = list(_added(cut, found, kind))
    kept = _within(added, MAX_ADDED_CHARS)
    return Payload(
        kind=kind,
        text="\n".join([cut, *kept]),
        marks=tuple(marks),
        is_cut=cut != shown or len(read) > 2 * MAX_PAYLOAD_BYTES or found.is_cut or len(kept) < len(added),
    )


def kind_of(text: str) -> PayloadKind:
    """What scanning a payload would do, by its first characters."""
    clean = re.sub(r"[\t\r\n\x00-\x1f]", "", text[:2048]).strip()
    start = text.lstrip()[:400]
    for pattern, kind in _KIND_OF_START:
        if pattern.match(start):
            return kind
    match = _SCHEME.match(clean)
    if match and (known := _KIND_OF_SCHEME.get(match[1].lower())):
        return known
    link = read_link(clean)
    if link is None:
        return PayloadKind.TEXT
    if link.scheme in ("http", "https"):
        return PayloadKind.LINK
    is_url = clean[len(link.scheme) + 1 :].startswith("//")
    return PayloadKind.APP_LINK if is_url else PayloadKind.TEXT


def cleaned(text: str) -> str:
    """A payload on one line: controls and breaks become blanks, marks of direction go, surrogates become U+FFFD."""
    whole = _SURROGATES.sub("\ufffd", _BREAKS.sub(" ", _DIRECTION_MARKS.sub("", text)))
    spaced = "".join(" " if unicodedata.category(one) == "Cc" else one for one in whole)
    return re.sub(r" {2,}", " ", spaced).strip()


def _readable(text: str, data: bytes) -> str | None:
    """The payload as text: UTF-8 where it is, else what the decoder made of it; `None` where it is no text."""
    try:
        decoded = data.decode("utf-8") if data else text
    except UnicodeDecodeError:
        decoded = "" if _is_raw(text, data) else text
    controls = sum(unicodedata.category(one) in ("Cc", "Cn", "Co") and one not in "\t\r\n" for one in decoded)
    return decoded if decoded and controls <= _LEAST_CONTROLS * len(decoded) else None


def _is_raw(text: str, data: bytes) -> bool:
    """Whether the decoder only widened bytes to characters, which says nothing about what they are."""
    return text.encode("latin-1", "ignore") == data


def _cut(text: str) -> str:
    raw = text.encode("utf-8", "replace")
    return text if len(raw) <= MAX_PAYLOAD_BYTES else raw[:MAX_PAYLOAD_BYTES].decode("utf-8", "ignore")


def _added(cut: str, found: Expansion, kind: PayloadKind) -> Iterator[str]:
    said = list(found.words)
    if kind in (PayloadKind.MESSAGE, PayloadKind.EMAIL, PayloadKind.PAYMENT) and "%" in cut and not said:
        said.append(unquote(cut, errors="replace"))
    if kind is PayloadKind.PAYMENT and (name := _merchant(cut)):
        said.append(name)
    seen = {cut}
    for line in map(cleaned, [*found.links, *said]):
        if line and line not in seen:
            seen.add(line)
            yield line


def _merchant(text: str) -> str:
    """The merchant's name of an EMVCo code (tag 59 of its tag-length-value rows); empty where there is none."""
    at, steps = 0, 0
    while text.startswith("000201") and at + 4 <= len(text) and steps < 60:
        tag, size = text[at : at + 2], text[at + 2 : at + 4]
        if not (size.isascii() and size.isdigit()):
            return ""
        value = text[at + 4 : at + 4 + int(size)]
        if tag == _MERCHANT_NAME:
            return value
        at += 4 + int(size)
        steps += 1
    return ""


def _within(lines: list[str], most_chars: int) -> list[str]:
    kept: list[str] = []
    for line in lines:
        most_chars -= len(line) + 1
        if most_chars < 0:
            break
        kept.append(line)
    return kept
