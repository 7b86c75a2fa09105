"""Marks of origin as decoding hands them over: what tags, manifest and stream say about where a file comes from.

All of it is text that whoever wrote the file chose. It is bounded and cleaned here, and judged in signals/provenance.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from tidegate.errors import RecordError

MOST_TAGS = 64
"""Most tags kept of one file."""

MOST_FIELD_CHARS = 80
MOST_VALUE_CHARS = 2_000
"""Longest value kept. The AIGC label of GB 45438-2025 carries signatures and reaches 1,000 characters."""

MOST_TEXT_CHARS = 200
MOST_ITEMS = 64

_UNSHOWABLE = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\uffff\ud800-\udfff]"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """One text that the file carries beside picture and sound: `field` says where, such as `xmp:CreatorTool`."""

    field: str
    value: str

    def __post_init__(self) -> None:
        _check(self.field, MOST_FIELD_CHARS, "Tag.field")
        _check(self.value, MOST_VALUE_CHARS, "Tag.value")


class ManifestStatus(StrEnum):
    """How far reading a C2PA manifest got. `FOUND` is there and not read; `EMPTY` is a store that makes no claim."""

    FOUND = "found"
    VALID = "valid"
    INVALID = "invalid"
    EMPTY = "empty"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestReport:
    """What a C2PA manifest inside the file says, and whether it holds.

    `place` is the box, segment or chunk that holds it, `size_bytes` its size. `is_trusted` only with a trust list.
    `source_types` are the IPTC digital source types of its own actions, `ingredient_source_types` those of the files
    it was made from. `problems` are validation codes, `detail` says why it was not read.
    """

    status: ManifestStatus
    place: str
    size_bytes: int
    is_trusted: bool = False
    generator: str = ""
    signer: str = ""
    signed_at: str = ""
    actions: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    source_types: tuple[str, ...] = ()
    ingredient_source_types: tuple[str, ...] = ()
    ingredient_count: int = 0
    problems: tuple[str, ...] = ()
    detail: str = ""

    def __post_init__(self) -> None:
        for text in (self.place, self.generator, self.signer, self.signed_at, self.detail):
            _check(text, MOST_TEXT_CHARS, "ManifestReport")
        for texts in (self.actions, self.agents, self.source_types, self.ingredient_source_types, self.problems):
            _check_all(texts, "ManifestReport")
        if self.size_bytes < 0 or self.ingredient_count < 0:
            raise RecordError("a negative count", where="ManifestReport")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMarks:
    """All marks of origin of one file.

    `tags` are at most MOST_TAGS of an allow-list of fields: names, places and dates of people are left in the file.
    `traces` say what remains of a manifest that is gone. `unread` says what was not read because a limit was reached.
    """

    tags: tuple[Tag, ...] = ()
    manifest: ManifestReport | None = None
    traces: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.tags) > MOST_TAGS:
            raise RecordError(f"{len(self.tags)} tags", where="FileMarks.tags")
        _check_all(self.traces, "FileMarks.traces")
        _check_all(self.unread, "FileMarks.unread")


def cleaned(text: object, most_chars: int = MOST_TEXT_CHARS) -> str:
    """`text` on one line without control, invisible and direction characters, cut to `most_chars`."""
    shown = str(text)[: 4 * most_chars]
    return " ".join(_UNSHOWABLE.sub(" ", shown).split())[:most_chars].rstrip()


def cleaned_all(texts: "list[object]") -> tuple[str, ...]:
    """The first MOST_ITEMS different texts, cleaned, in order; empty ones left out."""
    kept = dict.fromkeys(found for text in texts[: 16 * MOST_ITEMS] if (found := cleaned(text)))
    return tuple(kept)[:MOST_ITEMS]


def tag(field: str, value: object) -> Tag:
    """A Tag of whatever a file holds, cleaned; of a value that is too long both ends are kept."""
    text = str(value)
    if len(text) > MOST_VALUE_CHARS:
        half = MOST_VALUE_CHARS // 2 - 2
        text = f"{text[:half]} … {text[-half:]}"
    return Tag(field=cleaned(field, MOST_FIELD_CHARS), value=cleaned(text, MOST_VALUE_CHARS))


def _check(text: str, most_chars: int, where: str) -> None:
    if len(text) > most_chars or _UNSHOWABLE.search(text):
        raise RecordError(f"a text of {len(text)} characters, or with characters that cannot be shown", where=where)


def _check_all(texts: tuple[str, ...], where: str) -> None:
    if len(texts) > MOST_ITEMS:
        raise RecordError(f"{len(texts)} texts", where=where)
    for text in texts:
        _check(text, MOST_TEXT_CHARS, where)
