"""What opens the gates that should not: photographs without words, drawn scenes, music and noise without a voice.

python benchmarks/gate_scores.py
"""

import importlib.util
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import measure  # noqa: F401 - one thread for NumPy, before it loads

# isort: split
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from measure import arguments, table
from tidegate.signals.frames import resize
from tidegate.signals.onscreen import lettering as letters
from tidegate.signals.sound.aed import CLASSES, EventNetwork
from tidegate.signals.sound.spans import FLOORS
from tidegate.signals.visual import detail as details
from tidegate.testing import noise_mix, noises
from tidegate.testing.clips import ClipSpec, Look, truth_of
from tidegate.testing.painting import frames

LONG_SIDE_PX = 512
SMOOTH_FRAMES = 20
"""Posteriors averaged before they are compared, 0.2 s, as `sound.spans` does."""

PHOTOGRAPHS = {
    "skimage": "data/{astronaut,brick,camera,chelsea,coffee,coins,grass,gravel,motorcycle_left}.png data/rocket.jpg",
    "sklearn": "datasets/images/{china,flower}.jpg",
}
"""Package -> photographs inside it that show no words, or next to none."""

Picture = NDArray[np.uint8]


def main() -> None:
    given = arguments(__doc__ or "", seeds=(int, 20, "drawn scenes of each look, and sounds of each kind"))
    pictures: dict[str, Sequence[Picture]] = {"photographs": list(_photographs())}
    for look in Look:
        pictures[f"drawn: {look}"] = [_drawn(look, seed) for seed in range(given.seeds)]
    rows = [
        _row(
            name,
            [letters.lettering(letters.grey(one)) for one in some],
            letters.ENOUGH,
            [float(details.detail(resize(one, 256, 256)[None])[0]) for one in some],
            details.ENOUGH,
        )
        for name, some in pictures.items()
        if some
    ]
    gates = (f"lettering >= {letters.ENOUGH}", f"detail >= {details.ENOUGH}")
    _print("Pictures without words", rows, gates)
    _sounds(given.seeds)


def _print(title: str, rows: Sequence[Sequence[object]], gates: Sequence[str]) -> None:
    spread = [f"{name.split(' ')[0]}, least / median / most" for name in gates]
    table(f"{title}: share that opens a gate", ("what", "count", gates[0], spread[0], gates[1], spread[1]), rows)


def _row(
    name: str, one: Sequence[float], enough: float, other: Sequence[float], other_enough: float
) -> Sequence[object]:
    return (name, len(one), _opens(one, enough), _spread(one), _opens(other, other_enough), _spread(other))


def _opens(scores: Sequence[float], enough: float) -> str:
    return f"{sum(score >= enough for score in scores) / len(scores):.0%}"


def _spread(scores: Sequence[float]) -> str:
    return f"{min(scores):.2f} / {statistics.median(scores):.2f} / {max(scores):.2f}"


def _photographs() -> Iterator[Picture]:
    """The photographs of packages that are installed, at the size of sampled frames."""
    for package, patterns in PHOTOGRAPHS.items():
        found = importlib.util.find_spec(package)
        if found is None or found.origin is None:
            print(f"left out: the photographs of {package}, which is not installed")
            continue
        for path in _paths(Path(found.origin).parent, patterns):
            image = Image.open(path).convert("RGB")
            image.thumbnail((LONG_SIDE_PX, LONG_SIDE_PX))
            yield np.asarray(image)


def _paths(folder: Path, patterns: str) -> Iterator[Path]:
    for pattern in patterns.split():
        before, _, rest = pattern.partition("{")
        names, _, after = rest.partition("}")
        for name in names.split(",") if rest else ("",):
            yield folder / f"{before}{name}{after}"


def _drawn(look: Look, seed: int) -> Picture:
    spec = ClipSpec(seed=1000 + seed, duration_s=0.1, frame_rate_hz=10.0, width_px=1080, height_px=1920, look=look)
    return resize(next(islice(frames(spec, truth_of(Path("drawn.mp4"), spec)), 1)), 288, LONG_SIDE_PX)


def _sounds(seeds: int) -> None:
    network = EventNetwork()
    kinds: Mapping[str, Callable[[int], NDArray[np.float32]]] = {
        "music of noise_mix": lambda seed: noise_mix.at_level(noise_mix.music(seed, 20.0), -20.0),
        "music of noises": lambda seed: noises.music(20.0, seed),
        "street": lambda seed: noise_mix.at_level(noise_mix.street(seed, 20.0), -20.0),
        "pink noise": lambda seed: noises.pink_noise(20.0, seed),
        "white noise": lambda seed: noises.white_noise(20.0, seed),
        "one tone": lambda seed: noises.tone(20.0, 110.0 * 2 ** (seed / 6)),
        "three tones": lambda seed: _three_tones(110.0 * 2 ** (seed / 6)),
    }
    rows: list[Sequence[object]] = []
    for name, made in kinds.items():
        each = [_scores(network, made(seed)) for seed in range(seeds)]
        speech, singing = ([one[kind] for one in each] for kind in ("speech", "singing"))
        rows.append(_row(name, speech, FLOORS["speech"], singing, FLOORS["singing"]))
    gates = tuple(f"{kind} >= {FLOORS[kind]}" for kind in ("speech", "singing"))
    _print("Sound without a voice", rows, gates)


def _three_tones(lowest_hz: float) -> NDArray[np.float32]:
    parts = [noises.tone(20.0, lowest_hz * ratio, 0.08) for ratio in (1.0, 1.26, 1.5)]
    return np.asarray(np.sum(parts, axis=0), np.float32)


def _scores(network: EventNetwork, wave: NDArray[np.float32]) -> dict[str, float]:
    """The highest mean posterior of any 0.2 s, by class."""
    posteriors = network.posteriors(wave)
    kernel = np.full(SMOOTH_FRAMES, 1.0 / SMOOTH_FRAMES)
    smooth = (np.convolve(posteriors[:, column], kernel, mode="valid") for column in range(len(CLASSES)))
    return {name: float(np.max(one)) for name, one in zip(CLASSES, smooth, strict=True)}


if __name__ == "__main__":
    main()
