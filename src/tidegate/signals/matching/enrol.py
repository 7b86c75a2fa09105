"""Bank entries from media that people decided about: the file's digest and the look of its frames."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from tidegate.media.clip import Clip, Frame
from tidegate.signals.matching.bank import Algorithm, BankEntry
from tidegate.signals.matching.frame import cropped
from tidegate.signals.matching.pdq import QUALITY_FLOOR, hamming, pdq

_NEW_FRAME_BITS = 8
"""A frame this close to one already taken from the same medium adds nothing a radius of 31 does not reach."""


def entries_from_clip(clip: Clip, *, bank: str, entry: str, reason: str = "", added_by: str = "") -> list[BankEntry]:
    """The file hash of a clip and the PDQ hashes of its sampled frames, under one bank entry."""
    file_entry = BankEntry(
        algorithm=Algorithm.SHA256, hash=clip.info.sha256, bank=bank, entry=entry, reason=reason, added_by=added_by
    )
    return [file_entry, *entries_from_frames(clip.frames, bank=bank, entry=entry, reason=reason, added_by=added_by)]


def entries_from_frames(
    frames: Iterable[Frame | NDArray[np.uint8]], *, bank: str, entry: str, reason: str = "", added_by: str = ""
) -> list[BankEntry]:
    """PDQ entries of pictures: sampled frames, or uint8 (h, w, 3) sRGB arrays of any size.

    Borders are cut off first. Flat pictures (quality below 50) and near-repeats are left out, so the list may be
    empty. Raises MissingDependencyError; BankFileError on texts a bank may not hold.
    """
    taken: list[BankEntry] = []
    for picture in _pictures(frames):
        code, quality = pdq(picture)
        is_new = all(hamming(code, other.digest) > _NEW_FRAME_BITS for other in taken)
        if quality >= QUALITY_FLOOR and is_new:
            made = BankEntry(
                algorithm=Algorithm.PDQ,
                hash=code.hex(),
                bank=bank,
                entry=entry,
                reason=reason,
                added_by=added_by,
                quality=quality,
            )
            taken.append(made)
    return taken


def _pictures(frames: Iterable[Frame | NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
    for frame in frames:
        yield cropped(frame, frame.content_box) if isinstance(frame, Frame) else frame
