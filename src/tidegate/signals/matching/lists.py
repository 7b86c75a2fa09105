"""Hash lists that others publish: plain PDQ lines, and vPDQ files with one line a frame."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidegate.errors import BankFileError
from tidegate.signals.matching.bank import Algorithm, BankEntry
from tidegate.signals.matching.pdq import QUALITY_FLOOR, pdq

_HEX = re.compile(r"[0-9a-fA-F]{64}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameHash:
    """One line of a vPDQ file: frame number from 0, PDQ quality (0 to 100), hash (32 bytes), time in seconds."""

    frame: int
    quality: int
    code: bytes
    time_s: float


def parse_pdq_lines(text: str, *, bank: str, reason: str = "", where: str = "list") -> tuple[BankEntry, ...]:
    """Entries of a list with one 64-digit PDQ hash a line; an entry is named after its hash, repeats count once.

    Empty lines are skipped. Raises BankFileError as `where:line:column`.
    """
    entries: dict[str, BankEntry] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        word = line.strip()
        if not word:
            continue
        if not _HEX.match(word):
            raise BankFileError(
                "the line is no PDQ hash of 64 hex digits",
                where=f"{where}:{number}:{len(line) - len(line.lstrip()) + 1}",
                next_step="correct the line; nothing was read",
            )
        code = word.lower()
        entries[code] = BankEntry(algorithm=Algorithm.PDQ, hash=code, bank=bank, entry=code, reason=reason)
    return tuple(entries.values())


def frame_hashes(pictures: Iterable[tuple[float, NDArray[np.uint8]]]) -> Iterator[FrameHash]:
    """VPDQ hashes of every given picture, hashed at full size: pairs of time in seconds and uint8 (h, w, 3) sRGB.

    Raises MissingDependencyError. Cost: about 85 ms a 1080p picture.
    """
    for frame, (time_s, rgb) in enumerate(pictures):
        code, quality = pdq(rgb, is_shrunk_first=False)
        yield FrameHash(frame=frame, quality=quality, code=code, time_s=time_s)


def parse_vpdq(text: str, *, where: str = "vpdq") -> tuple[FrameHash, ...]:
    """The lines `frame,quality,hash,time_s` of a vPDQ file, in order. Raises BankFileError as `where:line:column`."""
    found: list[FrameHash] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        found.append(_frame_hash(line.rstrip("\r"), f"{where}:{number}"))
    return tuple(found)


def format_vpdq(hashes: Iterable[FrameHash]) -> str:
    """The inverse of `parse_vpdq`; times are written to the millisecond, as the reference implementation does."""
    return "".join(f"{h.frame},{h.quality},{h.code.hex()},{h.time_s:.3f}\n" for h in hashes)


def entries_from_vpdq(
    hashes: Iterable[FrameHash], *, bank: str, entry: str, reason: str = "", quality_floor: int = QUALITY_FLOOR
) -> tuple[BankEntry, ...]:
    """Bank entries for the frames of a vPDQ file that are good enough to match; repeated hashes once."""
    good = {h.code.hex(): h.quality for h in hashes if h.quality >= quality_floor}
    return tuple(
        BankEntry(algorithm=Algorithm.PDQ, hash=code, bank=bank, entry=entry, reason=reason, quality=quality)
        for code, quality in good.items()
    )


def _frame_hash(line: str, where: str) -> FrameHash:
    parts = line.split(",")
    checks = (r"[0-9]{1,9}\Z", r"(100|[0-9]{1,2})\Z", _HEX.pattern, r"[0-9]{1,9}(\.[0-9]{1,9})?\Z")
    if len(parts) != len(checks):
        raise BankFileError("the line is not frame,quality,hash,time_s", where=f"{where}:1")
    column = 1
    for part, check in zip(parts, checks, strict=True):
        if not re.match(check, part):
            raise BankFileError("the value does not fit its column", where=f"{where}:{column}")
        column += len(part) + 1
    frame, quality, code, time_s = parts
    return FrameHash(frame=int(frame), quality=int(quality), code=bytes.fromhex(code), time_s=float(time_s))
