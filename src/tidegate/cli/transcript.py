"""`--transcript`: what was said as WebVTT, one file for one upload, a folder of files for several."""

import os
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate.cli.paths import Refusal
from tidegate.cli.replacing import check_writable, replacing
from tidegate.cli.terminal import say
from tidegate.errors import UsageError
from tidegate.explain.visible import is_unsafe, one_line, visible
from tidegate.records import AbstentionReason, Screening

if TYPE_CHECKING:
    from tidegate.screening import Screened

STDOUT = "-"
SUFFIX = ".vtt"
MAX_NAME_BYTES = 200

_FORBIDDEN = frozenset('/\\:*?"<>|')
_DEVICES = frozenset(
    ("con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10)))
)
"""What some file systems do not take in a name, and names that are devices on Windows."""


class Transcripts:
    """Where transcripts go: stdout, one file, or a folder that gets NAME.vtt for each upload.

    `place` is a folder when it is one, ends in a slash, or the command line names more than one file (`is_one` false)
    and it is not called `.vtt`. Raises UsageError, before any work, when the place does not suit `total` uploads.
    """

    def __init__(self, place: str, *, total: int, is_one: bool) -> None:
        self.is_stdout = place == STDOUT
        self._path = Path(place)
        is_folder = self._path.is_dir() or place.endswith(os.sep)
        self._is_folder = is_folder or not (is_one or place.endswith(SUFFIX) or self.is_stdout)
        self._taken: set[str] = set()
        if total > 1 and not self._is_folder:
            what = "several transcripts cannot be one file" if not self.is_stdout else "stdout holds one transcript"
            raise UsageError(what, where=f"--transcript {visible(place)}", next_step="name a folder")
        if self._is_folder:
            self._make_folder()
        elif not self.is_stdout:
            check_writable(self._path, "transcript")

    def _make_folder(self) -> None:
        try:
            self._path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"the folder of transcripts cannot be made: {error.strerror}", where=visible(str(self._path))
            ) from error
        check_writable(self._path / SUFFIX, "transcript")

    def write(self, name: str, result: "Screened | Refusal") -> None:
        """Write the transcript of one upload; what could not be read has none. Raises UsageError."""
        if isinstance(result, Refusal):
            say(f"no transcript of {visible(name, 200)}: it was not screened")
            return
        if result.screening.media is None:
            say(f"no transcript of {visible(name, 200)}: there is no sound that could be read")
            return
        from tidegate.signals.speech.webvtt import webvtt

        text = webvtt(result.screening.utterances)
        if self.is_stdout:
            # WebVTT is UTF-8, whatever the terminal's own encoding.
            sys.stdout.flush()
            sys.stdout.buffer.write(text.encode(errors="replace"))
            sys.stdout.buffer.flush()
        else:
            path = self._path / self._free_name(name) if self._is_folder else self._path
            with replacing(path, "transcript") as file:
                file.write(text)
        if not result.screening.utterances:
            say(f"the transcript of {visible(name, 200)} is empty: {silence_text(result.screening)}")

    def _free_name(self, name: str) -> str:
        """A name that no upload of this run has: `clip.vtt`, then `clip-2.vtt`; case makes no difference."""
        stem, number = safe_stem(name), 1
        candidate = stem
        while unicodedata.normalize("NFKC", candidate).casefold() in self._taken:
            number += 1
            candidate = f"{stem}-{number}"
        self._taken.add(unicodedata.normalize("NFKC", candidate).casefold())
        return candidate + SUFFIX


def safe_stem(name: str) -> str:
    """The name of an upload as the name of a file without folder and suffix, good on any file system.

    What steers, hides, or stands for a folder becomes `_`. Never empty, never hidden, at most `MAX_NAME_BYTES` bytes.
    """
    stem = os.path.splitext(os.path.basename(name))[0]  # noqa: PTH119, PTH122 - names are no paths of this system
    plain = "".join("_" if is_unsafe(c) or c in _FORBIDDEN or not c.isprintable() else c for c in stem)
    cut = plain.encode()[:MAX_NAME_BYTES].decode(errors="ignore").strip(". ")
    if not cut:
        return "upload"
    return f"{cut}_" if cut.partition(".")[0].casefold() in _DEVICES else cut


def silence_text(screening: Screening) -> str:
    """Why a transcript holds nothing: that nothing was said, or that nothing listened."""
    if not any(name.startswith("speech.") for name in screening.detector_ids):
        return "no detector of speech ran"
    for one in screening.abstentions:
        if one.detector_id.startswith("speech.") and one.is_blind:
            detail = f" ({one_line(one.detail, 160)})" if one.detail else ""
            is_heard = one.reason is AbstentionReason.LOW_CONFIDENCE
            what = "speech was not understood" if is_heard else "speech was not listened to"
            return f"{what}: {one.reason.value.replace('_', ' ')}{detail}"
    if screening.media is not None and screening.media.audio is None:
        return "there is no sound"
    return "no speech was heard"
