"""Trains the script network of tidegate.signals.onscreen.scripts on lines drawn here, and writes graph and cards.

    python scripts/train_scripts.py --cache FOLDER

Run it in an environment of its own: torch 2.14, numpy, pillow (with Raqm), onnx, onnxruntime, Babel 2.18, fonttools,
and what the extra `onscreen` of Tidegate installs, with `src` on PYTHONPATH and the Debian packages of
script_fonts.FONT_PACKAGES installed. Nothing of Tidegate imports torch. Same seed, fonts and versions give the same
lines; training is repeatable on one thread of one kind of processor. On one core about 15 minutes to draw lines, 10 to
find some on pictures, and 25 to train. Windows are kept in `--cache` and used again.
"""

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from script_card import card_text
from script_fonts import (
    OTHER_HELD_OUT,
    OTHER_TRAIN,
    RANGES,
    Face,
    faces,
    families_of,
    held_out_families,
    is_for_validation,
    is_of,
    words_of,
)
from script_graph import graph_of
from script_lines import Script, draw_line, draw_nothing
from script_metrics import Line, Scores, score, temperature_of
from script_network import SCALE, trained
from script_scenes import found_lines

from tidegate.signals.onscreen.networks import networks
from tidegate.signals.onscreen.script_model import BUILT_IN_FOLDER, CARD_NAME, GRAPH_NAME, windows
from tidegate.signals.onscreen.scripts import SURE

CODES = (*RANGES, "Zzzz", "Zyyy")
TIMES_DRAWN: Mapping[str, float] = {
    "Latn": 4.0,
    "Thai": 3.0,
    "Jpan": 2.0,
    "Hang": 2.0,
    "Cyrl": 2.0,
    "Grek": 2.0,
    "Arab": 2.0,
    "Zyyy": 2.0,
    "Hani": 1.5,
    "Zzzz": 1.5,
}
"""How many times as many lines of a script are drawn: Latin is most frequent, and most easily taken for another."""


def main() -> int:
    """Draw, train, measure on fonts and words that training never saw, write."""
    options = _options()
    started = time.time()
    train_scripts, held_out_scripts, names = _scripts()
    if options.measure_only:
        graph = (options.out / GRAPH_NAME).read_bytes()
    else:
        x, y = _drawn(train_scripts, options)
        _tell(f"{len(y)} windows drawn", started)
        layers = trained(x, y, classes=len(CODES), epochs=options.epochs, seed=options.seed, threads=options.threads)
        graph = graph_of(layers)
        _tell(f"trained, graph of {len(graph)} bytes", started)
    known = [script for script in held_out_scripts if script.families]
    rng = np.random.default_rng([options.seed, 1])
    fit = [line for of in (_lines, _lines_found) for line in of(rng, known, options.check_lines // 5)]
    temperature = temperature_of(graph, CODES, fit)
    scores = {
        kind: score(graph, CODES, temperature, of(rng, known, options.check_lines))
        for kind, of in (("found", _lines_found), ("drawn", _lines))
    }
    _write(options.out, graph, temperature, scores, names, options)
    for kind, told in scores.items():
        _tell(f"accuracy on {kind} lines in held-out fonts {told.accuracy:.3f}", started)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, default=BUILT_IN_FOLDER)
    parser.add_argument("--cache", type=Path, required=True, help="folder for drawn windows")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--lines", type=int, default=2500, help="lines drawn of an ordinary script")
    parser.add_argument("--found-lines", type=int, default=1000, help="lines found on pictures, of an ordinary script")
    parser.add_argument("--check-lines", type=int, default=200, help="held-out lines of each script")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1, help="of torch; more than one makes training unrepeatable")
    parser.add_argument("--measure-only", action="store_true", help="keep the graph, measure and write the cards again")
    return parser.parse_args()


def _tell(what: str, started: float) -> None:
    sys.stderr.write(f"[{time.time() - started:6.0f} s] {what}\n")


def _scripts() -> tuple[list[Script], list[Script], dict[str, dict[str, list[str]]]]:
    """Every script twice: with the fonts and words to train on, and with those held out; and the fonts' names."""
    all_faces = faces()
    words = {code: words_of(code) for code in RANGES}
    families = {code: families_of(all_faces, _letters(words[code], code), code) for code in RANGES}
    held_out = held_out_families(families)
    sides: list[list[Script]] = [[], []]
    names: dict[str, dict[str, list[str]]] = {}
    for code in RANGES:
        for is_check, side in enumerate(sides):
            chosen = {name: of for name, of in families[code].items() if (name in held_out) == bool(is_check)}
            kept = [word for word in words[code] if is_for_validation(word) == bool(is_check)]
            side.append(Script(code=code, words=kept, families=chosen))
        names[code] = {"trained": list(sides[0][-1].families), "held_out": list(sides[1][-1].families)}
    for side, others in zip(sides, (OTHER_TRAIN, OTHER_HELD_OUT), strict=True):
        side.extend(_others(all_faces, others))
        side.append(Script(code="Zyyy", words=(), families=side[0].families))
    return sides[0], sides[1], names


def _letters(words: Sequence[str], code: str) -> str:
    """The letters by which fonts are chosen: all, or of thousands of characters a sample."""
    sample = words[::9] if code in ("Hani", "Hang") else words
    return "".join(sorted({one for word in sample for one in word if is_of(one, code)}))


def _others(all_faces: list[Face], others: Mapping[str, tuple[int, int]]) -> Iterator[Script]:
    """Scripts called unknown, with random letters for words."""
    for index, (_, (first, last)) in enumerate(sorted(others.items())):
        letters = "".join(chr(code) for code in range(first, last + 1) if chr(code).isalpha())
        rng = np.random.default_rng([7, index])
        words = ["".join(rng.choice(list(letters), int(rng.integers(2, 8)))) for _ in range(400)]
        if fitting := families_of(all_faces, letters, "Zzzz"):
            yield Script(code="Zzzz", words=words, families=fitting)


def _line(rng: np.random.Generator, script: Script) -> NDArray[np.uint8]:
    while True:
        try:
            return draw_nothing(rng, script) if script.code == "Zyyy" else draw_line(rng, script)
        except RuntimeError:
            continue


def _drawn(scripts: Sequence[Script], options: argparse.Namespace) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """Windows of lines, drawn and found: int8 (n, 1, 32, 128), and the index of each one's code. Kept in the cache."""
    options.cache.mkdir(parents=True, exist_ok=True)
    x: list[NDArray[np.int8]] = []
    y: list[NDArray[np.int64]] = []
    for index, script in enumerate(scripts):
        for kind, lines in enumerate((options.lines, options.found_lines)):
            count = _share(scripts, script, round(lines * TIMES_DRAWN.get(script.code, 1.0)))
            path = options.cache / f"{options.seed}-{index}-{script.code}-{('', 'found-')[kind]}{count}.npy"
            if not path.exists():
                rng = np.random.default_rng([options.seed, kind * 2, index])
                np.save(path, _windows_found(script, count, rng) if kind else _windows_drawn(script, count, rng))
                sys.stderr.write(f"{script.code}: {count} lines {('drawn', 'found')[kind]}\n")
            x.append(np.load(path, allow_pickle=False))
            y.append(np.full(len(x[-1]), CODES.index(script.code), np.int64))
    return np.concatenate(x), np.concatenate(y)


def _share(scripts: Sequence[Script], script: Script, lines: int) -> int:
    """How many of the lines of a code fall to a script: those called unknown share them."""
    return max(1, round(lines / sum(other.code == script.code for other in scripts)))


def _windows_drawn(script: Script, count: int, rng: np.random.Generator) -> NDArray[np.int8]:
    """One window of each line."""
    return np.concatenate([_some_windows(rng, _line(rng, script), 1) for _ in range(count)])


def _windows_found(script: Script, count: int, rng: np.random.Generator) -> NDArray[np.int8]:
    """One or two windows of each line that the detector finds: such lines are dear."""
    return np.concatenate([_some_windows(rng, crop, 2) for crop, _ in _found(script, count, rng)])


def _found(script: Script, count: int, rng: np.random.Generator) -> Iterator[tuple[NDArray[np.uint8], float]]:
    return islice(found_lines(rng, script, networks().finder), count)


def _some_windows(rng: np.random.Generator, crop: NDArray[np.uint8], most: int) -> NDArray[np.int8]:
    views = windows(crop)
    chosen = views[rng.permutation(len(views))[:most]] if most > 1 else views[int(rng.integers(len(views)))][None]
    kept: NDArray[np.int8] = np.clip(np.round(chosen * SCALE), -127, 127).astype(np.int8)
    return kept


def _lines(rng: np.random.Generator, scripts: Sequence[Script], count: int) -> list[Line]:
    """Lines of every held-out script as they are drawn."""
    drawn = [(script.code, _line(rng, script)) for script in scripts for _ in range(_share(scripts, script, count))]
    return [(code, crop, float(crop.shape[0])) for code, crop in drawn]


def _lines_found(rng: np.random.Generator, scripts: Sequence[Script], count: int) -> list[Line]:
    """Lines of every held-out script as the detector finds them."""
    return [
        (script.code, crop, height_px)
        for script in scripts
        for crop, height_px in _found(script, _share(scripts, script, count), rng)
    ]


def _write(
    out: Path,
    graph: bytes,
    temperature: float,
    scores: Mapping[str, Scores],
    names: Mapping[str, Mapping[str, Sequence[str]]],
    options: argparse.Namespace,
) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / GRAPH_NAME).write_bytes(graph)
    card = {
        "name": "scripts",
        "task": "telling scripts of lines of text apart",
        "code_licence": "Apache-2.0",
        "weights_licence": "Apache-2.0",
        "seed": options.seed,
        "lines": options.lines,
        "found_lines": options.found_lines,
        "epochs": options.epochs,
        "codes": list(CODES),
        "temperature": round(temperature, 3),
        "sure": SURE,
        "graph": {"file": GRAPH_NAME, "sha256": hashlib.sha256(graph).hexdigest(), "size_bytes": len(graph)},
        "measured": {kind: told.as_json() for kind, told in scores.items()},
        "fonts": names,
    }
    (out / CARD_NAME).write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (out / "README.md").write_text(card_text(card), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
