"""Banks: known media by hash, in files of JSON Lines that are read whole or not at all.

The first line is `{"format": "tidegate-bank", "version": 1}`; every further line is one entry:
`{"algorithm": "pdq", "hash": "<64 hex>", "bank": "...", "entry": "...", "reason": "...", "added_by": "...",
"quality": 100}`. `reason`, `added_by` and `quality` may be absent. An entry may have several hashes, one a line.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidegate.errors import BankFileError, InputNotFoundError
from tidegate.signals.matching.pdq import PDQ_BYTES, QUALITY_FLOOR

HEADER: Mapping[str, object] = {"format": "tidegate-bank", "version": 1}
MAX_LINE_CHARS = 8192
MAX_TEXT_CHARS = 500

_HASH_PATTERN = re.compile(r"[0-9a-f]{64}\Z")
_FIELDS = ("algorithm", "hash", "bank", "entry", "reason", "added_by", "quality")
_REQUIRED = ("algorithm", "hash", "bank", "entry")


class Algorithm(StrEnum):
    """What a bank's hash is of: the bytes of a file, or the look of a picture. Both are 256 bits."""

    SHA256 = "sha256"
    PDQ = "pdq"


@dataclass(frozen=True, slots=True, kw_only=True)
class BankEntry:
    """One hash of one known medium. `hash` is 64 lower-case hex digits; `quality` is PDQ's (0 to 100).

    `bank` and `entry` are its address, `reason` why it is kept and `added_by` who put it there: printable texts of
    at most 500 characters. Raises BankFileError, naming the field, on any other value.
    """

    algorithm: Algorithm
    hash: str
    bank: str
    entry: str
    reason: str = ""
    added_by: str = ""
    quality: int = 100

    def __post_init__(self) -> None:
        if not _HASH_PATTERN.match(self.hash):
            raise BankFileError("the hash is not 64 lower-case hex digits", where="hash")
        for name in ("bank", "entry", "reason", "added_by"):
            _check_text(name, getattr(self, name))
        if not 0 <= self.quality <= 100:
            raise BankFileError(f"quality {self.quality} is outside 0 to 100", where="quality")

    @property
    def digest(self) -> bytes:
        """The hash as 32 bytes."""
        return bytes.fromhex(self.hash)


class Bank:
    """Entries to match against. Frozen after construction; holds every entry in memory (about 0.6 kB each)."""

    def __init__(self, entries: Iterable[BankEntry] = ()) -> None:
        self.entries = tuple(entries)

    def __len__(self) -> int:
        return len(self.entries)

    @classmethod
    def load(cls, paths: Iterable[Path]) -> "Bank":
        """Read bank files into one bank. Raises BankFileError or InputNotFoundError; then nothing was taken."""
        return cls([entry for path in paths for entry in read_bank(path)])

    @cached_property
    def by_sha256(self) -> Mapping[str, tuple[BankEntry, ...]]:
        """Entries by SHA-256 of the file."""
        found: dict[str, tuple[BankEntry, ...]] = {}
        for entry in self.entries:
            if entry.algorithm is Algorithm.SHA256:
                found[entry.hash] = (*found.get(entry.hash, ()), entry)
        return found

    @cached_property
    def pictures(self) -> tuple[BankEntry, ...]:
        """Entries with a PDQ hash good enough to match (`QUALITY_FLOOR`)."""
        return tuple(e for e in self.entries if e.algorithm is Algorithm.PDQ and e.quality >= QUALITY_FLOOR)

    @cached_property
    def picture_codes(self) -> NDArray[np.uint8]:
        """The hashes of `pictures` as uint8 (n, 32)."""
        joined = b"".join(entry.digest for entry in self.pictures)
        return np.frombuffer(joined, np.uint8).reshape(-1, PDQ_BYTES)


def read_bank(path: Path) -> tuple[BankEntry, ...]:
    """Every entry of one bank file; a `.txt` file is a plain list of PDQ hashes, its bank named after the file.

    Raises BankFileError with line and column, InputNotFoundError if unreadable.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputNotFoundError(
            f"cannot read the bank file: {error.strerror}", where=str(path), next_step="check the path"
        ) from error
    if path.suffix == ".txt":
        from tidegate.signals.matching.lists import parse_pdq_lines

        return parse_pdq_lines(data.decode("utf-8", "replace"), bank=path.stem, where=str(path))
    return parse_bank(data, where=str(path))


def parse_bank(data: bytes, *, where: str = "bank") -> tuple[BankEntry, ...]:
    """Every entry of a bank file's bytes (UTF-8, lines end in LF or CRLF, empty lines are skipped).

    Raises BankFileError as `where:line:column`. Cost: about 8 us an entry.
    """
    entries: list[BankEntry] = []
    first_line: dict[BankEntry, int] = {}
    is_headed = False
    for number, line in _lines(data, where):
        if not is_headed:
            _check_header(line, where, number)
            is_headed = True
            continue
        entry = _entry(line, where, number)
        if entry in first_line:
            raise _error(f"repeats line {first_line[entry]}", where, number, 1, "remove one of the two lines")
        first_line[entry] = number
        entries.append(entry)
    if not is_headed:
        raise _error("the file is empty", where, 1, 1, f"begin it with {json.dumps(HEADER)}")
    return tuple(entries)


def format_bank(entries: Iterable[BankEntry]) -> bytes:
    """The bytes of a bank file; the inverse of `parse_bank`. ASCII only."""
    lines = [json.dumps(HEADER)]
    for entry in entries:
        values = {name: getattr(entry, name) for name in _FIELDS}
        lines.append(json.dumps(values))
    return ("\n".join(lines) + "\n").encode("ascii")


def _lines(data: bytes, where: str) -> Iterator[tuple[int, str]]:
    for number, raw in enumerate(data.split(b"\n"), start=1):
        try:
            line = raw.removesuffix(b"\r").decode("utf-8")
        except UnicodeDecodeError as error:
            column = len(raw[: error.start].decode("utf-8")) + 1
            raise _error("the line is not UTF-8", where, number, column, "save the file as UTF-8") from error
        if len(line) > MAX_LINE_CHARS:
            raise _error(f"the line is longer than {MAX_LINE_CHARS} characters", where, number, MAX_LINE_CHARS + 1)
        if line.strip():
            yield number, line


def _check_header(line: str, where: str, number: int) -> None:
    if _object(line, where, number) != HEADER:
        raise _error("the first line is no bank header", where, number, 1, f"begin the file with {json.dumps(HEADER)}")


def _entry(line: str, where: str, number: int) -> BankEntry:
    values = _object(line, where, number)
    for name in values:
        if name not in _FIELDS:
            next_step = f"known fields: {', '.join(_FIELDS)}"
            raise _error(f"unknown field {name[:40]!r}", where, number, _column(line, name), next_step)
    for name in _REQUIRED:
        if name not in values:
            raise _error(f"the field {name!r} is missing", where, number, len(line) + 1, "add it")
    for name, value in values.items():
        wanted = int if name == "quality" else str
        if type(value) is not wanted:
            kind = "a whole number" if wanted is int else "a text"
            raise _error(f"{name!r} is not {kind}", where, number, _column(line, name))
    if values["algorithm"] not in list(Algorithm):
        known = ", ".join(Algorithm)
        column = _column(line, "algorithm")
        raise _error("unknown algorithm", where, number, column, f"known algorithms: {known}")
    try:
        return BankEntry(**{**values, "algorithm": Algorithm(values["algorithm"])})
    except BankFileError as error:
        raise _error(error.what, where, number, _column(line, error.where), error.next_step) from error


def _object(line: str, where: str, number: int) -> dict[str, Any]:
    try:
        value = json.loads(line, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        raise _error(f"not JSON: {error.msg}", where, number, error.colno, "one JSON object a line") from error
    except (RecursionError, ValueError) as error:
        column = _column(line, error.where) if isinstance(error, BankFileError) else 1
        what = error.what if isinstance(error, BankFileError) else "not JSON that can be read"
        raise _error(what, where, number, column, "one JSON object a line") from error
    if not isinstance(value, dict):
        raise _error("the line is no JSON object", where, number, 1, "one JSON object a line")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in pairs:
        if name in values:
            raise BankFileError(f"the field {name[:40]!r} stands twice", where=name)
        values[name] = value
    return values


def _check_text(name: str, text: str) -> None:
    if name in _REQUIRED and not text.strip():
        raise BankFileError(f"{name!r} is empty", where=name)
    if len(text) > MAX_TEXT_CHARS:
        raise BankFileError(f"{name!r} is longer than {MAX_TEXT_CHARS} characters", where=name)
    if not text.isprintable():
        raise BankFileError(f"{name!r} holds a control character or half a character", where=name)


def _column(line: str, name: str) -> int:
    """Column, from 1, of the last place where the line writes the key `name`; 1 if it is written in escapes."""
    places = list(re.finditer(re.escape(json.dumps(name)) + r"\s*:", line))
    return places[-1].start() + 1 if places else 1


def _error(what: str, where: str, line: int, column: int, next_step: str = "") -> BankFileError:
    return BankFileError(
        what, where=f"{where}:{line}:{column}", next_step=next_step or "correct the line; nothing was read"
    )
