"""A second engine for scripts the bundled one cannot read: the program tesseract, with whatever data is installed."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from tidegate.signals.onscreen.script_model import contrastful

LANGUAGES: Mapping[str, tuple[str, ...]] = {
    "Latn": ("script/Latin", "eng"),
    "Hani": ("chi_sim", "script/HanS", "chi_tra"),
    "Jpan": ("jpn", "script/Japanese"),
    "Hang": ("kor", "script/Hangul"),
    "Cyrl": ("script/Cyrillic", "rus", "ukr", "bul", "srp", "bel", "kaz", "mkd"),
    "Grek": ("ell", "script/Greek"),
    "Arab": ("ara", "script/Arabic", "fas", "urd"),
    "Hebr": ("heb", "script/Hebrew", "yid"),
    "Deva": ("script/Devanagari", "hin", "mar", "nep"),
    "Beng": ("ben", "script/Bengali", "asm"),
    "Guru": ("pan", "script/Gurmukhi"),
    "Gujr": ("guj", "script/Gujarati"),
    "Orya": ("ori", "script/Oriya"),
    "Taml": ("tam", "script/Tamil"),
    "Telu": ("tel", "script/Telugu"),
    "Knda": ("kan", "script/Kannada"),
    "Mlym": ("mal", "script/Malayalam"),
    "Sinh": ("sin", "script/Sinhala"),
    "Thai": ("tha", "script/Thai"),
    "Laoo": ("lao", "script/Lao"),
    "Mymr": ("mya", "script/Myanmar"),
    "Khmr": ("khm", "script/Khmer"),
    "Geor": ("kat", "script/Georgian"),
    "Armn": ("hye", "script/Armenian"),
    "Ethi": ("amh", "script/Ethiopic", "tir"),
}
"""Data files for a script, best first: the first one that is installed is used."""

TIME_LIMIT_S = 20.0
MAX_LINES_PER_CALL = 32
_MAX_OUTPUT_BYTES = 1 << 20
_MAX_MEMORY_BYTES = 2 << 30
_MAX_WIDTH_PX = 2400

_LEAST_SIDE_PX = 4
_LEAST_SPREAD = 3.0
_HEIGHT_PX = 52
_BORDER_PX = 14
DOUBTFUL = 0.7
"""Confidence below which a line is read a second time with the other end of its greys taken for the letters."""

_NO_BLANKS = frozenset({"Hani", "Jpan"})
_BROKEN_UP = frozenset({"Hang", "Thai", "Laoo", "Khmr", "Mymr"})
_GAP = 0.2
_JOINERS = "\u200c\u200d\u200e\u200f"
"""Invisible characters that the program puts at the ends of words of Indic and right-to-left scripts."""
_STRAY = " |[]{}<>_=~^*\\'\"`´‘’“”„«»•·°"
"""Signs that the program makes of edges and outlines at the ends of a line; quotation marks around one go as well."""
_TSV_COLUMNS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class _Data:
    """One traineddata file: the folder to point the program at, and the language's name there."""

    folder: Path
    language: str


class Tesseract:
    """Lines of text read by a child process with one thread, bounded in time, memory and output.

    Nothing here raises: without the program or a script's data there is simply nothing that it reads. `program` and
    `folders` stand in for the ones found on this machine; no shell is involved and no file with a name is written.
    Starting the process and loading a script's data cost 0.03 to 0.18 CPU seconds, each further line about 0.02: read
    many at once.
    """

    def __init__(
        self,
        program: str | None = None,
        *,
        folders: Sequence[Path] | None = None,
        time_limit_s: float = TIME_LIMIT_S,
    ) -> None:
        self._program = shutil.which(program or "tesseract")
        self._folders = folders
        self._time_limit_s = time_limit_s
        self._data: dict[str, _Data] | None = None

    def available_scripts(self) -> frozenset[str]:
        """ISO 15924 codes of the scripts that can be read here. The disk is looked at once."""
        return frozenset(self._found())

    def language_of(self, script: str) -> str | None:
        """The data that a script is read with, as tesseract calls it: `rus`, `script/Cyrillic`."""
        data = self._found().get(script)
        return data.language if data else None

    def read(self, crop: NDArray[np.uint8], script: str) -> tuple[str, float] | None:
        """The words of one upright line crop, uint8 (h, w, 3), and their mean confidence in [0, 1]; `None` if none."""
        (found,) = self.read_many([crop], script)
        return found

    def read_many(
        self, crops: Sequence[NDArray[np.uint8]], script: str, *, time_limit_s: float = TIME_LIMIT_S
    ) -> list[tuple[str, float] | None]:
        """The words of many lines of one script, one answer for each crop, 32 lines to a process.

        What is not read when the time limit, counted over the whole call, has passed stays unread.
        """
        data = self._found().get(script)
        found: list[tuple[str, float] | None] = [None] * len(crops)
        if data is None or self._program is None:
            return found
        until_s = time.monotonic() + min(time_limit_s, self._time_limit_s)
        usable = [index for index, crop in enumerate(crops) if _may_hold_letters(crop)]
        for index, line in self._said(data, script, crops, usable, until_s):
            found[index] = line
        doubtful = [index for index in usable if (first := found[index]) is None or first[1] < DOUBTFUL]
        for index, second in self._said(data, script, crops, doubtful, until_s, is_other=True):
            kept = found[index]
            if kept is None or second[1] > kept[1]:
                found[index] = second
        return found

    def _said(
        self,
        data: _Data,
        script: str,
        crops: Sequence[NDArray[np.uint8]],
        indices: Sequence[int],
        until_s: float,
        *,
        is_other: bool = False,
    ) -> Iterator[tuple[int, tuple[str, float]]]:
        """The lines that are read before the clock's `until_s`, by index into the crops."""
        for start in range(0, len(indices), MAX_LINES_PER_CALL):
            batch = indices[start : start + MAX_LINES_PER_CALL]
            pages = [prepared(crops[index], is_other=is_other) for index in batch]
            left_s = until_s - time.monotonic()
            output = _run(str(self._program), data, pages, left_s) if left_s > 0 else ""
            for page, line in lines_of(output, script).items():
                if 0 <= page < len(batch):
                    yield batch[page], line

    def _found(self) -> Mapping[str, _Data]:
        if self._data is None:
            folders = _folders() if self._folders is None else self._folders
            self._data = {}
            for script, languages in LANGUAGES.items() if self._program else ():
                present = (
                    _Data(folder=folder, language=language)
                    for language in _spellings(languages)
                    for folder in folders
                    if (folder / f"{language}.traineddata").is_file()
                )
                if data := next(present, None):
                    self._data[script] = data
        return self._data


def _spellings(languages: Sequence[str]) -> Iterator[str]:
    """Each name, and for a script's data the one without a folder, which is how Debian installs it."""
    for language in languages:
        yield language
        if language.startswith("script/"):
            yield language.removeprefix("script/")


def _folders() -> list[Path]:
    """Where traineddata files usually lie, newest version first."""
    named = os.environ.get("TESSDATA_PREFIX")
    roots = [Path("/usr/share/tesseract-ocr"), Path("/usr/local/share/tesseract-ocr")]
    versions = [folder for root in roots for folder in sorted(root.glob("*/tessdata"), reverse=True)]
    plain = [Path("/usr/share/tessdata"), Path("/usr/local/share/tessdata")]
    folders = [*([Path(named), Path(named) / "tessdata"] if named else []), *versions, *plain]
    return [folder for folder in folders if folder.is_dir()]


def _may_hold_letters(crop: NDArray[np.uint8]) -> bool:
    """Whether a crop is more than a sliver, and of more than one shade."""
    return min(crop.shape[:2]) >= _LEAST_SIDE_PX and float(crop.std()) >= _LEAST_SPREAD


def prepared(crop: NDArray[np.uint8], *, is_other: bool = False) -> NDArray[np.uint8]:
    """A line as tesseract likes it: uint8 (80, w) grey, dark letters on white, a margin around it.

    The grey of the line's border is the background. Letters are what is farthest from it: light ones on a dark or
    middling background (white with an outline is the most frequent there), dark ones on a light one; `is_other` takes
    the other end. What is beyond halfway to the background, an outline too, becomes white.
    """
    from PIL import Image

    grey = contrastful(crop)
    height, width = grey.shape
    wide = min(max(round(width * _HEIGHT_PX / height), 8), _MAX_WIDTH_PX)
    line = np.asarray(Image.fromarray(grey).resize((wide, _HEIGHT_PX), Image.Resampling.BICUBIC), np.float32)
    low, high = (float(level) for level in np.percentile(line, (1, 99)))
    border = float(np.median(np.concatenate([line[:2].ravel(), line[-2:].ravel(), line[:, 0], line[:, -1]])))
    is_light = (border - low) < 0.65 * (high - low)
    ink = high if is_light != is_other else low
    reach = max(abs(border - ink), 0.25 * (high - low), 8.0)
    shown = np.clip(np.abs(line - ink) * (255.0 / reach), 0, 255)
    return np.pad(shown.astype(np.uint8), _BORDER_PX, constant_values=255)


def _run(program: str, data: _Data, lines: Sequence[NDArray[np.uint8]], time_limit_s: float) -> str:
    """What the program prints for pages of one line each; empty when it fails, hangs or is not there."""
    command = [program, "stdin", "stdout", "--tessdata-dir", str(data.folder), "-l", data.language]
    command += ["--psm", "7", "--oem", "1", "-c", "tessedit_create_tsv=1"]
    surroundings = {"OMP_THREAD_LIMIT": "1", "LC_ALL": "C.UTF-8"}
    try:
        with tempfile.TemporaryFile() as pages, tempfile.TemporaryFile() as output:
            _write_pages(pages, lines)
            child = subprocess.Popen(  # noqa: S603 - a fixed program, no shell; nothing of the upload is an argument
                command, stdin=pages, stdout=output, stderr=subprocess.DEVNULL, env=surroundings, close_fds=True
            )
            with child:
                try:
                    _bound(child.pid)
                    code = child.wait(time_limit_s)
                finally:
                    child.kill()
            output.seek(0)
            return output.read(_MAX_OUTPUT_BYTES).decode("utf-8", "replace") if code == 0 else ""
    except (OSError, ValueError, subprocess.SubprocessError):
        return ""


def _write_pages(file: IO[bytes], lines: Sequence[NDArray[np.uint8]]) -> None:
    """One TIFF with a page for each line: the program starts once for all of them."""
    from PIL import Image

    first, *others = [Image.fromarray(line) for line in lines]
    first.save(file, "TIFF", save_all=True, append_images=others, dpi=(300, 300))
    file.seek(0)


def _bound(pid: int) -> None:
    """Limit the child's memory and output where the system can."""
    try:
        import resource

        resource.prlimit(pid, resource.RLIMIT_AS, (_MAX_MEMORY_BYTES, _MAX_MEMORY_BYTES))
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (_MAX_OUTPUT_BYTES, _MAX_OUTPUT_BYTES))
    except (ImportError, AttributeError, OSError):
        return


def lines_of(tsv: str, script: str = "") -> dict[int, tuple[str, float]]:
    """Words and mean confidence by page, from 0, of the program's TSV output. Rows that are not words are passed over.

    The mean is weighted by the length of the words. Between words stands a blank; for scripts that the program breaks
    into single characters, only where the gap is a fifth of the line's height, and for Chinese and Japanese never.
    """
    words: dict[int, list[_Word]] = {}
    for word in _words(tsv):
        words.setdefault(word.page, []).append(word)
    found: dict[int, tuple[str, float]] = {}
    for page, said in words.items():
        total = sum(len(word.text) for word in said)
        mean = sum(word.confidence * len(word.text) for word in said) / total
        if text := _text(said, script).strip(_STRAY):
            found[page] = (text, mean)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Word:
    """A word of the TSV: its page from 0, its edges in pixels, its confidence in [0, 1]."""

    page: int
    left_px: int
    right_px: int
    confidence: float
    text: str


def _text(said: Sequence[_Word], script: str) -> str:
    parts = [said[0].text]
    for before, word in pairwise(said):
        is_gap = word.left_px - before.right_px >= _GAP * _HEIGHT_PX
        parts += [
            " " if script not in (_NO_BLANKS | _BROKEN_UP) or (is_gap and script in _BROKEN_UP) else "",
            word.text,
        ]
    return "".join(parts)


def _words(tsv: str) -> Iterator[_Word]:
    for row in tsv.split("\n"):
        cells = row.split("\t")
        text = cells[-1].strip(_JOINERS + " ")
        if len(cells) != _TSV_COLUMNS or cells[0] != "5" or not text:
            continue
        try:
            page, left, width, percent = int(cells[1]), int(cells[6]), int(cells[8]), float(cells[10])
        except ValueError:
            continue
        if 0.0 <= percent <= 100.0:
            yield _Word(
                page=page - 1,
                left_px=left,
                right_px=left + width,
                confidence=percent / 100.0,
                text=text,
            )
