"""Cards of third-party weights: what they are, whose, under which licence, and the bytes that are expected.

A card is one JSON file in `tidegate/models/cards`. Weights come inside an installed package and are never
imported from it: the file is found, its SHA-256 checked, and only then read.
"""

import functools
import hashlib
import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from tidegate.errors import MissingDependencyError, ModelFileError


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """One third-party model: package and version it ships in, its file there, digest, licences and known limits.

    `module` is the importable name of the package, `file` the path below it; `install` is the command that brings it.
    """

    name: str
    task: str
    package: str
    version: str
    module: str
    file: str
    sha256: str
    size_bytes: int
    install: str
    code_licence: str
    weights_licence: str
    source: str
    trained_on: str
    preprocessing: str
    used_by: tuple[str, ...]
    known_limits: tuple[str, ...]


def cards() -> Mapping[str, ModelCard]:
    """Every card by name."""
    folder = resources.files("tidegate") / "models" / "cards"
    found = [_read(item.read_text("utf-8")) for item in folder.iterdir() if item.name.endswith(".json")]
    return {card.name: card for card in sorted(found, key=lambda card: card.name)}


def locate(card: ModelCard) -> Path:
    """The weights of a card in the installed package, their SHA-256 checked.

    Raises MissingDependencyError when the package is absent, ModelFileError when the file is not the card's.
    Cost: about 1 ms per 2 MB. Does not import the package.
    """
    spec = importlib.util.find_spec(card.module)
    if spec is None or not spec.submodule_search_locations:
        raise MissingDependencyError(f"{card.task} needs the package {card.package}", next_step=card.install)
    path = Path(next(iter(spec.submodule_search_locations))) / card.file
    if not path.is_file():
        raise ModelFileError("the model file is missing", where=str(path), next_step=f"install again: {card.install}")
    if _sha256(path) != card.sha256:
        raise ModelFileError(
            f"the model file is not the one the card of {card.name} names",
            where=str(path),
            next_step=f"install {card.package}=={card.version}: {card.install}",
        )
    return path


def _read(text: str) -> ModelCard:
    values = json.loads(text)
    lists = {name: tuple(values[name]) for name in ("used_by", "known_limits")}
    return ModelCard(**{**values, **lists})


@functools.cache
def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
