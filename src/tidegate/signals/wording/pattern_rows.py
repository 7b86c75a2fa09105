"""Rows of the pattern files: text parted by tabs, and many patterns joined into one."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from tidegate.errors import ModelFileError

_UNSPACED = re.compile("[ㄱ-ㅣ가-힣ぁ-ヿ㐀-鿿]")


def rows(path: Path, columns: int) -> Iterator[Sequence[str]]:
    """The rows of a file without comments. Raises ModelFileError naming the line that has another count of columns."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if line and not line.startswith("#"):
            row = line.split("\t")
            if len(row) != columns:
                raise ModelFileError(
                    f"{len(row)} columns instead of {columns}",
                    where=f"{path.name}:{number}",
                    next_step="part the columns by tabs",
                )
            yield row


def joined(patterns: Sequence[str]) -> re.Pattern[str]:
    """One pattern of many: whole words in alphabets, anywhere in Korean, Japanese and Chinese, which join words."""
    words = "|".join(pattern for pattern in patterns if not _UNSPACED.search(pattern))
    parts = "|".join(pattern for pattern in patterns if _UNSPACED.search(pattern))
    both = [rf"(?<![\w-])(?:{words})(?!\w)"] if words else []
    return re.compile("|".join([*both, *([f"(?:{parts})"] if parts else [])]))
