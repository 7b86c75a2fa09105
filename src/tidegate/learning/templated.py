"""Texts of our own writing: for every violating form a harmless twin, and everyday captions that must stay harmless."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import cycle
from typing import Any

import numpy as np
import yaml

from tidegate.errors import TrainingDataError
from tidegate.learning.datasets import LABEL_OF, LabelledText

SOURCE = "templates"

RELATED: tuple[frozenset[str], ...] = (
    frozenset({"hate", "harassment", "toxicity", "threat", "violence"}),
    frozenset({"hate", "extremism", "threat", "violence", "weapons"}),
    frozenset({"sexual", "sexual_crime", "minors"}),
    frozenset({"weapons", "violence", "crime", "threat"}),
    frozenset({"crime", "drugs", "scam", "weapons", "sexual_crime", "minors"}),
    frozenset({"scam", "spam"}),
    frozenset({"self_harm", "disordered_eating", "dangerous_acts", "violence"}),
)
"""Names that one text often carries together; about these, a text marked with one says nothing of the others."""

_SLOTS = "slots.yaml"
EVERYDAY = "everyday"
_TAILS = ("", "", "", "!", " 🙂", "!!", " ❤️", "...", " 😂", " 🔥")


def related(name: str) -> frozenset[str]:
    """The names about which a text marked `name` says nothing, `name` included."""
    return frozenset({name}).union(*(group for group in RELATED if name in group))


def templated_rows(*, per_template: int = 3, seed: int = 0) -> list[LabelledText]:
    """Every line of the template files with its slots filled: up to `per_template` distinct texts each.

    A violating line is positive for its file's label and negative for unrelated ones; a harmless line is negative
    for all; harmless lines of one idea are also strung together. `group` is the idea, shared by its twins and
    translations, so that held-out ideas are truly unseen. Raises TrainingDataError naming file and idea when a file
    is malformed.
    """
    folder = resources.files("tidegate.learning") / "templates"
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".yaml")), key=lambda item: item.name)
    slots = _read(folder / _SLOTS)
    rng = np.random.default_rng(seed)
    rows: dict[str, LabelledText] = {}
    for file in files:
        if file.name != _SLOTS:
            for line, lang, labels, group in _lines(file):
                for text in _filled(line, lang, slots, per_template, rng):
                    rows.setdefault(text, LabelledText(text=text, lang=lang, labels=labels, source=SOURCE, group=group))
    return [*rows.values(), *_stories(list(rows.values()), rng)]


def _stories(rows: Sequence[LabelledText], rng: np.random.Generator) -> Iterator[LabelledText]:
    """Harmless captions of two to four sentences of one idea, so that length alone is no sign of anything."""
    lines: dict[tuple[str, str], list[LabelledText]] = {}
    for row in rows:
        if not any(row.labels.values()):
            lines.setdefault((row.group, row.lang), []).append(row)
    for mine in lines.values():
        for count in (2, 3, 4):
            if len(mine) >= count:
                picked = [mine[place] for place in rng.permutation(len(mine))[:count]]
                text = str(rng.choice((". ", "\n", " "))).join(row.text for row in picked)
                yield replace(picked[0], text=text)


def _read(file: Traversable) -> dict[str, Any]:
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise TrainingDataError("no mapping", where=file.name, next_step="see the other template files")
    return content


def _lines(file: Traversable) -> Iterator[tuple[str, str, Mapping[str, bool], str]]:
    content = _read(file)
    name = str(content.get("label", "")).removeprefix("wording.")
    if name not in LABEL_OF and name != EVERYDAY:
        raise TrainingDataError(f"unknown label {name!r}", where=file.name, next_step="use a wording label")
    harmless = dict.fromkeys(LABEL_OF, False)
    violating = {other: other == name for other in LABEL_OF if other == name or other not in related(name)}
    for number, idea in enumerate(content.get("ideas", [])):
        group = f"{name}/{idea.get('idea', number)}"
        for kind, labels in (("violating", violating), ("benign", harmless)):
            for lang, lines in idea.get(kind, {}).items():
                if not isinstance(lines, list) or not all(isinstance(line, str) and line for line in lines):
                    raise TrainingDataError(f"{kind} {lang} is no list of texts", where=f"{file.name} {group}")
                for line in lines:
                    yield line, str(lang), labels, group


def _filled(
    line: str, lang: str, slots: Mapping[str, Mapping[str, Sequence[str]]], count: int, rng: np.random.Generator
) -> Iterator[str]:
    names = [name for name in slots if f"{{{name}}}" in line]
    choices = {name: cycle(rng.permutation(_values(slots[name], lang)).tolist()) for name in names}
    for _ in range(count if names else min(2, count)):
        text = line
        for name in names:
            text = text.replace(f"{{{name}}}", next(choices[name]))
        text = text.lower() if rng.random() < 0.3 else text
        yield text + str(rng.choice(_TAILS))


def _values(slot: Mapping[str, Sequence[str]], lang: str) -> Sequence[str]:
    return slot.get(lang) or slot.get("any") or slot["en"]
