"""Makes the small siren tagger that comes with Tidegate, from nothing but made-up sound.

    python scripts/train_sound_tagger.py            # writes src/tidegate/models/sound_tagger

Sirens are swept and two-tone oscillators with overtones in made-up rooms, over music, noise and synthetic speech;
everything else is music, speech, noise, beeps, glides, whistles, chirps and trills. Needs the program espeak-ng for the
speech. Numpy only; the same seed on the same machine gives the same network. About ten minutes on one core.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tidegate.media.clip import AUDIO_RATE_HZ
from tidegate.signals.network import Network
from tidegate.signals.sound.mel import LogMel, log_mel
from tidegate.signals.sound.tagger import tagged
from tidegate.signals.sound.tagger_form import FORMAT, read
from tidegate.signals.visual.onnx_graph import Graph
from tidegate.testing import near_sirens, noise_mix, noises
from tidegate.testing.voices import say

Array = NDArray[np.float32]

FOLDER = Path(__file__).parents[1] / "src" / "tidegate" / "models" / "sound_tagger"
WINDOW_S, HOP_S, THRESHOLD = 3.0, 1.0, 0.85
WINDOW = round(WINDOW_S * AUDIO_RATE_HZ)
HOW = LogMel(
    fft_size=512,
    window_size=512,
    hop_size=320,
    mel_count=48,
    low_hz=200.0,
    high_hz=7000.0,
    log_offset=1e-4,
)
CHANNELS = (1, 8, 12, 16, 24, 32, 40)
KERNELS = (5, 3, 3, 3, 3, 3)
STRIDE = 2
NEAR_SHARES = (0.2, 0.2, 0.1, 0.1, 0.4)
"""How often each kind of `near_sirens.ALL` is heard; plain melodies are the hardest."""

LINES = {
    "en-us": "Welcome back everyone, today we look at five small boats in the harbour and how they were built.",
    "en-gb+f3": "First chop two onions, then let them soften slowly while the water comes to the boil.",
    "en-us+m3": "I did not expect that at all, and honestly the second half was much better than the first.",
    "de": "Heute zeige ich euch, wie man in einer halben Stunde ein einfaches Brot backen kann.",
    "fr": "Ce matin il fait beau, alors nous allons marcher au bord de la mer avec les enfants.",
    "es+f2": "Hola a todos, hoy vamos a pintar una mesa vieja y dejarla como nueva.",
    "it": "Questo treno parte alle otto e arriva in città prima di mezzogiorno.",
    "pt+m5": "Se você gosta de plantas, este vaso pequeno cabe em qualquer janela.",
    "ru": "Сегодня мы готовим суп, а потом пойдём гулять к реке.",
    "tr+f4": "Bugün pazara gittik, taze domates ve biraz peynir aldık.",
}
HELD_OUT_LINES = {
    "en-us+f2": "The tide turns at noon, so we have an hour to find shells before lunch.",
    "nl": "Vandaag fietsen we langs het kanaal naar het oude dorp.",
    "pl+f3": "Dzisiaj pokażę wam, jak szybko posprzątać mały pokój.",
    "hi": "आज हम नदी के किनारे घूमने जा रहे हैं",
    "ar": "اليوم نمشي على شاطئ البحر مع الأصدقاء",
    "ko+f1": "오늘은 바다를 보러 갑니다 날씨가 아주 좋아요",
}


# --- sound ----------------------------------------------------------------------------------------


def siren(rng: np.random.Generator) -> Array:
    """A siren that sounds through all of the window or at least half of it."""
    kind = rng.choice(list(noises.Siren))
    longest_s, shortest_s = {"wail": (6.0, 1.6), "yelp": (0.5, 0.2), "hi_lo": (1.8, 0.8)}[str(kind)]
    low_hz = rng.uniform(300, 1000)
    ratio = rng.uniform(1.22, 1.9) if kind == noises.Siren.HI_LO else rng.uniform(1.4, 3.2)
    wave = noises.siren(
        WINDOW_S, noises.Siren(kind), period_s=rng.uniform(shortest_s, longest_s), low_hz=low_hz,
        high_hz=low_hz * ratio, harmonics=int(rng.integers(1, 10)), phase=rng.random(),
    )  # fmt: skip
    if rng.random() < 0.3:
        cut = int(rng.uniform(0, 0.5) * WINDOW)
        wave[:cut] = 0.0
        wave = wave if rng.random() < 0.5 else wave[::-1].copy()
    return wave


@dataclass(slots=True)
class Sounds:
    """Pools of background sound, and the examples made of them."""

    music: list[Array]
    speech: list[Array]
    noise: list[Array]

    @classmethod
    def made(cls, seed: int, lines: dict[str, str], music: Callable[[int], Array], count: int) -> "Sounds":
        """The pools; `music` makes a piece from a seed."""
        voices = [np.tile(say(text, voice.partition("+")[0], voice), 3) for voice, text in lines.items()]
        noise = [make(12.0, seed + at) for at in range(6) for make in (noises.white_noise, noises.pink_noise)]
        noise += [noises.clicks(12.0, seed + at, each_second=2.0 + 6 * at) for at in range(4)]
        return cls([music(seed + at) for at in range(count)], voices, noise)

    def crop(self, rng: np.random.Generator, pool: Sequence[Array]) -> Array:
        """Three seconds of one of the pool."""
        wave = pool[int(rng.integers(len(pool)))]
        start = int(rng.integers(0, wave.size - WINDOW))
        return wave[start : start + WINDOW]

    def other(self, rng: np.random.Generator) -> Array:
        """A window without a siren."""
        at = rng.random()
        if at < 0.2:
            return self.crop(rng, self.music)
        if at < 0.35:
            return self.crop(rng, self.speech)
        if at < 0.4:
            return self.crop(rng, self.noise)
        if at < 0.48:
            return noises.mixed(self.crop(rng, self.speech), self.crop(rng, self.music), rng.uniform(-5, 15))
        made = near_sirens.ALL[int(rng.choice(len(near_sirens.ALL), p=NEAR_SHARES))](rng, WINDOW_S)
        return self.over(rng, made) if rng.random() < 0.6 else made

    def over(self, rng: np.random.Generator, wave: Array) -> Array:
        """A sound over music, speech or noise."""
        pool = (self.music, self.speech, self.noise)[int(rng.integers(3))]
        return noises.mixed(wave, self.crop(rng, pool), rng.uniform(-3, 20))

    def example(self, rng: np.random.Generator, *, is_siren: bool) -> Array:
        """One window, in a room at times, at any level; siren or not."""
        wave = siren(rng) if is_siren else self.other(rng)
        if rng.random() < 0.6:
            decay_s, wet = rng.uniform(0.1, 1.2), rng.uniform(0, 1.5)
            wave = noises.in_a_room(wave, int(rng.integers(1 << 30)), decay_s=decay_s, wet=wet)
        if is_siren and rng.random() < 0.75:
            wave = self.over(rng, wave)
        peak = max(1e-6, float(np.abs(wave).max()))
        loud = wave * np.float32(10 ** (rng.uniform(-36, 6) / 20) / peak)
        return np.asarray(np.clip(loud, -1, 1), np.float32)


# --- the network ----------------------------------------------------------------------------------


@dataclass(slots=True)
class Layers:
    """A small convolutional network and its Adam state: six strided layers, mean and maximum of the map, one logit."""

    weights: list[Array]
    step_count: int = 0
    first: list[Array] = field(default_factory=list)
    second: list[Array] = field(default_factory=list)

    @classmethod
    def fresh(cls, rng: np.random.Generator) -> "Layers":
        """He-normal weights, no bias: kernels and biases in turn, then the last layer's."""
        weights: list[Array] = []
        for before, after, kernel in zip(CHANNELS[:-1], CHANNELS[1:], KERNELS, strict=True):
            scale = np.sqrt(2.0 / (before * kernel * kernel))
            weights.append(rng.normal(0, scale, (after, before, kernel, kernel)).astype(np.float32))
            weights.append(np.zeros(after, np.float32))
        weights += [rng.normal(0, 0.1, (2 * CHANNELS[-1], 1)).astype(np.float32), np.zeros(1, np.float32)]
        zeros = [np.zeros_like(weight) for weight in weights]
        return cls(weights, 0, zeros, [zero.copy() for zero in zeros])

    def forward(self, batch: Array) -> tuple[Array, list[tuple[Array, Array]], Array]:
        """Logits (n,), what each layer saw (patches, output), and the pooled features."""
        seen, values = [], (batch - batch.mean(axis=(1, 2), keepdims=True))[:, None]
        for at, kernel in enumerate(KERNELS):
            patches = _patches(values, kernel)
            out = np.tensordot(patches, self.weights[2 * at], ((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2)
            values = np.maximum(out + self.weights[2 * at + 1][:, None, None], 0.0)
            seen.append((patches, values))
        pooled = np.concatenate([values.mean(axis=(2, 3)), values.max(axis=(2, 3))], axis=1)
        return (pooled @ self.weights[-2] + self.weights[-1])[:, 0], seen, pooled

    def gradients(self, batch: Array, targets: Array) -> tuple[float, list[Array]]:
        """Mean logistic loss and its gradient for every weight."""
        logits, seen, pooled = self.forward(batch)
        loss = float(np.mean(np.logaddexp(0, logits) - targets * logits))
        back = ((1 / (1 + np.exp(-logits)) - targets) / len(batch))[:, None].astype(np.float32)
        found: list[Array] = [np.zeros(0, np.float32)] * len(self.weights)
        found[-2], found[-1] = pooled.T @ back, back.sum(axis=0)
        onto, last = back @ self.weights[-2].T, seen[-1][1]
        width = CHANNELS[-1]
        area = last.shape[2] * last.shape[3]
        is_most = last == last.max(axis=(2, 3), keepdims=True)
        spread = is_most / is_most.sum(axis=(2, 3), keepdims=True)
        down = onto[:, :width, None, None] / area + onto[:, width:, None, None] * spread
        for at in reversed(range(len(KERNELS))):
            patches, out = seen[at]
            down = (down * (out > 0)).astype(np.float32)
            found[2 * at] = np.tensordot(down, patches, ((0, 2, 3), (0, 2, 3)))
            found[2 * at + 1] = down.sum(axis=(0, 2, 3))
            if at:
                down = _unpatched(down, self.weights[2 * at], seen[at - 1][1].shape)
        return loss, found

    def step(self, gradients: list[Array], rate: float) -> None:
        """One step of Adam with weight decay on the kernels."""
        self.step_count += 1
        for at, (weight, gradient) in enumerate(zip(self.weights, gradients, strict=True)):
            self.first[at] += 0.1 * (gradient - self.first[at])
            self.second[at] += 0.001 * (gradient**2 - self.second[at])
            mean = self.first[at] / (1 - 0.9**self.step_count)
            square = self.second[at] / (1 - 0.999**self.step_count)
            decay = 1e-3 * weight if weight.ndim > 1 else 0.0
            self.weights[at] = weight - np.float32(rate) * (mean / (np.sqrt(square) + 1e-8) + decay)

    def to_onnx(self) -> bytes:
        """The network as a graph of (n, 1, mel, time) with one logit."""
        graph = Graph("sound_tagger")
        mean = graph.add("ReduceMean", ["x"], "mean", axes=(2, 3), keepdims=1)
        graph.add("Sub", ["x", mean], "v0")
        for at, kernel in enumerate(KERNELS):
            names = [graph.weight(f"w{at}", self.weights[2 * at]), graph.weight(f"b{at}", self.weights[2 * at + 1])]
            pad, ends = kernel // 2, (kernel, kernel)
            graph.add("Conv", [f"v{at}", *names], f"c{at}", kernel_shape=ends, strides=(STRIDE, STRIDE),
                      pads=(pad, pad, pad, pad), group=1)  # fmt: skip
            graph.add("Relu", [f"c{at}"], f"v{at + 1}")
        last = f"v{len(KERNELS)}"
        graph.add("Flatten", [graph.add("GlobalAveragePool", [last], "gap")], "flat_mean", axis=1)
        graph.add("Flatten", [graph.add("GlobalMaxPool", [last], "gmp")], "flat_most", axis=1)
        graph.add("Concat", ["flat_mean", "flat_most"], "pooled", axis=1)
        graph.add("Gemm", ["pooled", graph.weight("w", self.weights[-2]), graph.weight("b", self.weights[-1])], "y")
        frames = HOW.frame_count(WINDOW)
        return graph.to_bytes({"x": ("n", 1, HOW.mel_count, frames)}, {"y": ("n", 1)})


def _patches(values: Array, kernel: int) -> Array:
    """(n, channels, height, width, kernel, kernel): what each position of the next layer sees."""
    pad = kernel // 2
    padded = np.pad(values, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    return np.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel), (2, 3))[:, :, ::STRIDE, ::STRIDE]


def _unpatched(down: Array, kernel: Array, shape: tuple[int, ...]) -> Array:
    """The gradient of a layer's input from that of its output."""
    size, (_, _, height, width) = kernel.shape[2], down.shape
    pad = size // 2
    onto = np.zeros((shape[0], shape[1], shape[2] + 2 * pad, shape[3] + 2 * pad), np.float32)
    for row in range(size):
        for column in range(size):
            part = np.tensordot(down, kernel[:, :, row, column], (1, 0)).transpose(0, 3, 1, 2)
            onto[:, :, row : row + STRIDE * height : STRIDE, column : column + STRIDE * width : STRIDE] += part
    return onto[:, :, pad : pad + shape[2], pad : pad + shape[3]]


# --- training and measuring -----------------------------------------------------------------------


def batches(sounds: Sounds, seed: int, count: int) -> tuple[Array, Array]:
    """Log-mel windows (count, mel, time) and whether each holds a siren: one in two."""
    rng = np.random.default_rng(seed)
    targets = (rng.random(count) < 0.5).astype(np.float32)
    inputs = np.zeros((count, HOW.mel_count, HOW.frame_count(WINDOW)), np.float32)
    for at, target in enumerate(targets):
        inputs[at] = log_mel(sounds.example(rng, is_siren=bool(target)), HOW).T
    return inputs, targets


def trained(inputs: Array, targets: Array, seed: int, epochs: int) -> Layers:
    """The network after so many passes, with a falling rate; parts of the spectrum are blanked at random."""
    rng = np.random.default_rng(seed)
    layers, size = Layers.fresh(rng), 32
    total = epochs * (len(inputs) // size)
    for epoch in range(epochs):
        order, losses = rng.permutation(len(inputs)), []
        for start in range(0, len(order) - size + 1, size):
            batch = inputs[order[start : start + size]].copy()
            low = int(rng.integers(0, HOW.mel_count - 6))
            batch[: size // 2, low : low + int(rng.integers(1, 7))] = batch.mean()
            loss, gradients = layers.gradients(batch, targets[order[start : start + size]])
            layers.step(gradients, 2e-3 * 0.5 * (1 + np.cos(np.pi * layers.step_count / total)))
            losses.append(loss)
        say_progress(f"epoch {epoch + 1} of {epochs}: loss {np.mean(losses):.4f}")
    return layers


def say_progress(text: str) -> None:
    """Narration goes to stderr."""
    sys.stderr.write(f"{text}\n")


def ranking(positive: Array, negative: Array) -> float:
    """Area under the ROC curve."""
    order = np.searchsorted(np.sort(negative), positive, "left") + np.searchsorted(np.sort(negative), positive, "right")
    return float(order.mean() / (2 * len(negative)))


def measured(folder: Path, held_out: Sounds, seed: int) -> Iterator[tuple[str, int, str]]:
    """Rows of the card: what was heard, how often, and how it went, by the exported network as the detector runs it."""
    tagger = read(folder)
    network = Network(tagger.model_bytes(), name=tagger.name, extra="speech")
    rng = np.random.default_rng(seed)

    def scores(windows: Sequence[Array]) -> Array:
        return np.concatenate([tagged(network, tagger, window, [0])[:, 0] for window in windows])

    sirens = scores([held_out.example(rng, is_siren=True) for _ in range(1000)])
    others = scores([held_out.example(rng, is_siren=False) for _ in range(1000)])
    yield "area under the ROC curve, mixed windows", 2000, f"{ranking(sirens, others):.3f}"
    yield "sirens found, as trained (levels, rooms, backgrounds)", 1000, f"{(sirens >= THRESHOLD).mean():.1%}"
    yield "other windows flagged, as trained", 1000, f"{(others >= THRESHOLD).mean():.1%}"
    for ratio_db in (20, 10, 0, -5):
        mixed = [noises.mixed(siren(rng), held_out.crop(rng, held_out.music), ratio_db) for _ in range(300)]
        found = f"{(scores(mixed) >= THRESHOLD).mean():.1%}"
        yield f"sirens found over held-out music at {ratio_db} dB", 300, found
    kinds: dict[str, Callable[[], Array]] = {
        "music of another generator": lambda: held_out.crop(rng, held_out.music),
        "speech of other voices, lines and languages": lambda: held_out.crop(rng, held_out.speech),
        "noise and clicks": lambda: held_out.crop(rng, held_out.noise),
        "one slow glide": lambda: near_sirens.glide(rng, WINDOW_S),
        "vibrato and trills": lambda: near_sirens.wobble(rng, WINDOW_S),
        "chirps": lambda: near_sirens.chirps(rng, WINDOW_S),
        "beeps": lambda: near_sirens.beeps(rng, WINDOW_S),
        "plain melodies": lambda: near_sirens.melody(rng, WINDOW_S),
    }
    for name, make in kinds.items():
        yield f"flagged: {name}", 300, f"{(scores([make() for _ in range(300)]) >= THRESHOLD).mean():.1%}"


def write_form(folder: Path, model: bytes) -> None:
    """The network and its form."""
    (folder / "sirens.onnx").write_bytes(model)
    form = {
        "format": FORMAT,
        "name": "sirens",
        "version": "1",
        "file": "sirens.onnx",
        "sha256": hashlib.sha256(model).hexdigest(),
        "sample_rate_hz": AUDIO_RATE_HZ,
        "window_s": WINDOW_S,
        "hop_s": HOP_S,
        "input": {
            "kind": "log_mel",
            "layout": "channel_mel_time",
            **{name: getattr(HOW, name) for name in HOW.__slots__},
        },
        "activation": "sigmoid",
        "outputs": [{"index": 0, "label": "sound.siren", "threshold": THRESHOLD, "least_windows": 2}],
        "licence": "Apache-2.0",
        "trained_on": "made-up sirens, music, noise and espeak-ng speech; no recording (scripts/train_sound_tagger.py)",
    }
    (folder / "tagger.json").write_text(json.dumps(form, indent=1) + "\n", encoding="utf-8")


def write_measures(folder: Path, rows: list[tuple[str, int, str]], seed: int, size_bytes: int) -> None:
    """The measured part of the card, between its two marks."""
    path = folder / "README.md"
    text = path.read_text(encoding="utf-8")
    head, _, rest = text.partition("<!-- measured -->\n")
    _, _, tail = rest.partition("<!-- end -->")
    table = [
        f"Seed {seed}, {size_bytes:,} bytes, threshold {THRESHOLD}.",
        "",
        "| what | windows | result |",
        "|---|---|---|",
    ]
    table += [f"| {what} | {count} | {result} |" for what, count, result in rows]
    path.write_text(head + "<!-- measured -->\n" + "\n".join(table) + "\n<!-- end -->" + tail, encoding="utf-8")


def main() -> None:
    """Make the sounds, train, export, measure, write."""
    parser = argparse.ArgumentParser(description="Make the built-in siren tagger.")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--windows", type=int, default=12_000)
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    asked = parser.parse_args()
    say_progress("making sounds")
    sounds = Sounds.made(asked.seed * 1000, LINES, lambda seed: noises.music(12.0, seed, drums=seed % 3 > 0), 120)
    inputs, targets = batches(sounds, asked.seed, asked.windows)
    layers = trained(inputs, targets, asked.seed, asked.epochs)
    model = layers.to_onnx()
    write_form(asked.folder, model)
    say_progress("measuring")
    held_out = Sounds.made(900_000, HELD_OUT_LINES, lambda seed: np.array(noise_mix.music(seed, 12.0)), 24)
    rows = list(measured(asked.folder, held_out, asked.seed + 1))
    write_measures(asked.folder, rows, asked.seed, len(model))
    say_progress("\n".join(f"{count:5d}  {result:>6}  {what}" for what, count, result in rows))


if __name__ == "__main__":
    main()
