"""Labelled texts from JSON lines: streamed, checked line by line, and each row knows where it came from."""

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO

from tidegate.errors import TrainingDataError

MAX_LINE_BYTES = 1 << 20

LABEL_OF: Mapping[str, str] = MappingProxyType(
    {
        name: f"wording.{name}"
        for name in (
            "hate",
            "harassment",
            "toxicity",
            "threat",
            "violence",
            "sexual",
            "sexual_crime",
            "minors",
            "self_harm",
            "weapons",
            "crime",
            "spam",
            "scam",
            "drugs",
            "disordered_eating",
            "extremism",
            "misinformation",
            "dangerous_acts",
        )
    }
)
"""Name in labelled data -> signal label. Other names are read and kept, but no head is trained for them."""

_PART = re.compile(r"_(train|dev|valid|test|[a-z]{2})\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledText:
    """One text with what is known of it: `labels` holds True or False, an absent name is unknown.

    `source` names the collection (parts and languages of one collection share it), `licence_group` is its folder
    under the data folder (empty at the top), `group` ties rows that must stay on one side of a split.
    """

    text: str
    lang: str
    labels: Mapping[str, bool]
    source: str
    licence_group: str = ""
    group: str = ""


def source_of(path: Path) -> str:
    """The collection a file belongs to: its name without endings such as `_train`, `_dev` or a language code.

    >>> source_of(Path("cold_zh_train.jsonl.gz")), source_of(Path("mlma_fr.jsonl"))
    ('cold', 'mlma')
    """
    name = path.name.partition(".")[0]
    while match := _PART.search(name):
        name = name[: match.start()]
    return name


def read_rows(path: Path, *, licence_group: str = "") -> Iterator[LabelledText]:
    """Stream the rows of one `.jsonl` or `.jsonl.gz` file.

    Every line is an object with `text` (str, not blank), `lang` (str), `labels` (name -> 0, 1, true or false) and
    optionally `group` (str). Raises TrainingDataError with file and line on anything else, and on a damaged file.
    The message never quotes the text. Memory: one line of at most MAX_LINE_BYTES.
    """
    source = source_of(path)
    try:
        with _opened(path) as lines:
            number = 0
            while line := lines.readline(MAX_LINE_BYTES + 1):
                number += 1
                if len(line) > MAX_LINE_BYTES:
                    raise _bad(path, number, f"the line is longer than {MAX_LINE_BYTES} bytes")
                if line.strip():
                    yield _row(line, path, number, source, licence_group)
    except (OSError, EOFError, zlib.error) as error:
        raise TrainingDataError(
            f"the file cannot be read: {error}", where=str(path), next_step="check that it is whole"
        ) from error


def read_folder(data_dir: Path) -> Iterator[LabelledText]:
    """Stream every `.jsonl` and `.jsonl.gz` under `data_dir`, in order of path.

    The path of a file's folder below `data_dir` becomes `licence_group`. Raises TrainingDataError if there is none.
    """
    paths = sorted(path for path in data_dir.rglob("*.jsonl*") if path.name.endswith((".jsonl", ".jsonl.gz")))
    if not paths:
        raise TrainingDataError(
            "no .jsonl or .jsonl.gz file", where=str(data_dir), next_step="pass the folder of labelled texts"
        )
    for path in paths:
        folder = path.parent.relative_to(data_dir)
        yield from read_rows(path, licence_group="" if folder == Path() else folder.as_posix())


def sources_with(rows: Sequence[LabelledText], name: str) -> tuple[str, ...]:
    """The sources that hold both a positive and a negative row for a label name, sorted."""
    seen: dict[str, set[bool]] = {}
    for row in rows:
        if name in row.labels:
            seen.setdefault(row.source, set()).add(row.labels[name])
    return tuple(sorted(source for source, values in seen.items() if len(values) == 2))


def _opened(path: Path) -> IO[bytes]:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def _row(line: bytes, path: Path, number: int, source: str, licence_group: str) -> LabelledText:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _bad(path, number, "no JSON") from error
    if not isinstance(data, dict):
        raise _bad(path, number, "no JSON object")
    text, lang, group = data.get("text"), data.get("lang"), data.get("group", "")
    if not isinstance(text, str) or not text.strip():
        raise _bad(path, number, "`text` is no string or blank")
    if not isinstance(lang, str) or not isinstance(group, str):
        raise _bad(path, number, "`lang` and `group` are strings")
    labels = _labels(data.get("labels"), path, number)
    return LabelledText(text=text, lang=lang, labels=labels, source=source, licence_group=licence_group, group=group)


def _labels(value: object, path: Path, number: int) -> dict[str, bool]:
    if not isinstance(value, dict):
        raise _bad(path, number, "`labels` is no object")
    for known in value.values():
        if not isinstance(known, (bool, int)) or known not in (0, 1):
            raise _bad(path, number, "a label is 0, 1, true or false; leave it out when unknown")
    return {str(name): bool(known) for name, known in value.items()}


def _bad(path: Path, number: int, what: str) -> TrainingDataError:
    return TrainingDataError(what, where=f"{path}:{number}", next_step='write {"text", "lang", "labels"} on the line')
