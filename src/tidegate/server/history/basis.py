"""What detectors are made from in this process: the version, their settings, and the files that these name."""

import dataclasses
import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path

import tidegate
from tidegate.server.ledger.journal import canonical
from tidegate.server.project.setup import settings_in_use
from tidegate.settings import Settings

_SECTIONS = ("media", "sampling", "matching", "screening", "speech", "onscreen", "sound", "provenance")
_WITHOUT_EFFECT = {("screening", "jobs")}


@functools.cache
def basis() -> str:
    """SHA-256 of it, read once a process, as models and banks are: another bank or threshold, another basis.

    Raises OSError for a file that cannot be read. Cost: one read of every bank and model that the settings name.
    """
    return basis_of(settings_in_use().settings)


def basis_of(settings: Settings) -> str:
    """The same for these settings. Files count by what is in them, not by where they lie."""
    parts: list[object] = [tidegate.__version__]
    for section in _SECTIONS:
        values = getattr(settings, section)
        names = [field.name for field in dataclasses.fields(values) if (section, field.name) not in _WITHOUT_EFFECT]
        parts += [[section, name, _plain(getattr(values, name))] for name in names]
    return hashlib.sha256(canonical(parts).encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, Path):
        return [_digest(path) for path in _files(value)]
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | None) else str(value)


def _files(path: Path) -> Iterator[Path]:
    """The file, or every file of the folder in the order of their names."""
    if path.is_dir():
        yield from sorted(inner for inner in path.rglob("*") if inner.is_file())
    else:
        yield path


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
