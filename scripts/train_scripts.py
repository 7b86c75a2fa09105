"""Trains the script network of tidegate.signals.onscreen.scripts on lines drawn here, and writes graph and cards.

    python scripts/train_scripts.py --cache FOLDER

Run it in an environment of its own: torch 2.13, numpy, pillow (with Raqm), onnx, onnxruntime, Babel 2.18 and fonttools,
with `src` on PYTHONPATH and the Debian packages of script_fonts.FONT_PACKAGES installed. Nothing of Tidegate imports
torch. Same seed, fonts and versions give the same lines; training is repeatable on one thread of one kind of processor.
About 15 minutes to draw and 25 to train on one core. Drawn windows are kept in `--cache` and used again.
"""

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

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
from script_metrics import Scores, score, temperature_of

from tidegate.signals.onscreen.script_model import BUILT_IN_FOLDER, CARD_NAME, GRAPH_NAME, windows
from tidegate.signals.onscreen.scripts import SURE

CODES = (*RANGES, "Zzzz", "Zyyy")
TIMES_DRAWN: Mapping[str, float] = {
    "Latn": 4.0,
    "Jpan": 2.0,
    "Thai": 1.5,
    "Zyyy": 2.0,
    "Cyrl": 2.0,
    "Grek": 1.5,
    "Hani": 1.5,
    "Zzzz": 1.5,
}
"""How many times as many lines of a script are drawn: Latin is most frequent, and most easily taken for another."""

CHANNELS = (24, 32, 64, 96, 128, 160)
_SCALE = 32.0
"""Windows are kept as int8 in steps of 1/32."""


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
        graph = graph_of(_trained(x, y, options))
        _tell(f"trained, graph of {len(graph)} bytes", started)
    rng = np.random.default_rng([options.seed, 1])
    fit = _lines(rng, held_out_scripts, options.check_lines // 3)
    temperature = temperature_of(graph, CODES, fit)
    scores = score(graph, CODES, temperature, _lines(rng, held_out_scripts, options.check_lines))
    _write(options.out, graph, temperature, scores, names, options)
    _tell(f"accuracy on held-out fonts {scores.accuracy:.3f}", started)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, default=BUILT_IN_FOLDER)
    parser.add_argument("--cache", type=Path, required=True, help="folder for drawn windows")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--lines", type=int, default=2500, help="lines drawn of an ordinary script")
    parser.add_argument("--check-lines", type=int, default=300, help="held-out lines of each script")
    parser.add_argument("--epochs", type=int, default=5)
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
    """One window of each drawn line: int8 (n, 1, 32, 128), and the index of its code. Kept by script in the cache."""
    options.cache.mkdir(parents=True, exist_ok=True)
    others = sum(script.code == "Zzzz" for script in scripts)
    x: list[NDArray[np.int8]] = []
    y: list[NDArray[np.int64]] = []
    for index, script in enumerate(scripts):
        count = round(options.lines * TIMES_DRAWN.get(script.code, 1.0) / (others if script.code == "Zzzz" else 1))
        path = options.cache / f"{options.seed}-{index}-{script.code}-{count}.npy"
        if not path.exists():
            np.save(path, _windows_of(script, count, np.random.default_rng([options.seed, 0, index])))
            sys.stderr.write(f"{script.code}: {count} lines\n")
        x.append(np.load(path, allow_pickle=False))
        y.append(np.full(count, CODES.index(script.code), np.int64))
    return np.concatenate(x), np.concatenate(y)


def _windows_of(script: Script, count: int, rng: np.random.Generator) -> NDArray[np.int8]:
    found: list[NDArray[np.int8]] = []
    for _ in range(count):
        views = windows(_line(rng, script))
        view = views[int(rng.integers(len(views)))]
        found.append(np.clip(np.round(view * _SCALE), -127, 127).astype(np.int8))
    return np.stack(found)


def _lines(rng: np.random.Generator, scripts: Sequence[Script], count: int) -> list[tuple[str, NDArray[np.uint8]]]:
    """Whole lines of every held-out script, with the code that is true of each."""
    others = sum(script.code == "Zzzz" for script in scripts)
    return [
        (script.code, _line(rng, script))
        for script in scripts
        for _ in range(max(1, count // others) if script.code == "Zzzz" else count)
        if script.families
    ]


def _trained(x: NDArray[np.int8], y: NDArray[np.int64], options: argparse.Namespace) -> list[dict[str, Any]]:
    """The network's layers with batch normalisation folded in, ready for a graph."""
    import torch
    from torch import nn

    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(mode=True)
    model = nn.Sequential(*_blocks(nn)).to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2)
    batch = 128
    steps = options.epochs * (len(y) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=4e-3, total_steps=steps)
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.03)
    rng = np.random.default_rng([options.seed, 2])
    for epoch in range(options.epochs):
        order, total = rng.permutation(len(y)), 0.0
        for start in range(0, len(y) - batch + 1, batch):
            chosen = np.sort(order[start : start + batch])
            inputs = torch.from_numpy(x[chosen].astype(np.float32) / _SCALE).contiguous(
                memory_format=torch.channels_last
            )
            optimiser.zero_grad()
            loss = loss_of(model(inputs), torch.from_numpy(y[chosen]))
            loss.backward()
            optimiser.step()
            schedule.step()
            total += float(loss.detach())
        sys.stderr.write(f"epoch {epoch}: loss {total / (len(y) // batch):.3f}\n")
    return _folded(model.eval(), nn)


def _blocks(nn: Any) -> list[Any]:
    """Six convolutions, 32 x 128 down to 2 x 8, the mean over all places, and one linear layer: 0.38 M weights."""
    layers: list[Any] = []
    before = 1
    for index, channels in enumerate(CHANNELS):
        size, stride = (5, 2) if index == 0 else (3, 1)
        layers += [
            nn.Conv2d(before, channels, size, stride, size // 2, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
        ]
        if index in (1, 2, 4):
            layers.append(nn.MaxPool2d(2))
        before = channels
    return [*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.1), nn.Linear(before, len(CODES))]


def _folded(model: Any, nn: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    modules = list(model)
    for index, module in enumerate(modules):
        if isinstance(module, nn.Conv2d):
            norm = modules[index + 1]
            scale = (norm.weight / (norm.running_var + norm.eps).sqrt()).detach().numpy()
            weight = module.weight.detach().numpy() * scale[:, None, None, None]
            bias = norm.bias.detach().numpy() - norm.running_mean.numpy() * scale
            found.append({"kind": "conv", "weight": weight, "bias": bias, "stride": module.stride[0]})
        elif isinstance(module, nn.MaxPool2d):
            found.append({"kind": "pool"})
        elif isinstance(module, nn.Linear):
            weight, bias = module.weight.detach().numpy(), module.bias.detach().numpy()
            found.append({"kind": "linear", "weight": weight, "bias": bias})
    return found


def _write(
    out: Path,
    graph: bytes,
    temperature: float,
    scores: Scores,
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
        "epochs": options.epochs,
        "codes": list(CODES),
        "temperature": round(temperature, 3),
        "sure": SURE,
        "graph": {"file": GRAPH_NAME, "sha256": hashlib.sha256(graph).hexdigest(), "size_bytes": len(graph)},
        "measured": scores.as_json(),
        "fonts": names,
    }
    (out / CARD_NAME).write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (out / "README.md").write_text(card_text(card), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
