"""Made-up sounds that are nearly sirens: what a siren tagger must not name. Deterministic by their generator."""

from collections.abc import Callable

import numpy as np

from tidegate.testing.noises import RATE_HZ, Siren, Wave, joined, silence, siren, tone


def glide(rng: np.random.Generator, seconds: float) -> Wave:
    """One slow rise or fall: what a riser or a slide guitar does, and a siren does not keep doing."""
    low_hz = rng.uniform(150, 800)
    kind, period_s = Siren.WAIL, rng.uniform(10, 24)
    phase = rng.choice([0.05, 0.55])
    return siren(
        seconds, kind, period_s=period_s, low_hz=low_hz, high_hz=low_hz * rng.uniform(1.5, 5), phase=phase,
        harmonics=int(rng.integers(1, 8)),
    )  # fmt: skip


def wobble(rng: np.random.Generator, seconds: float) -> Wave:
    """A held note with vibrato, or a trill: sung, bowed or whistled."""
    pitch_hz, is_trill = rng.uniform(200, 1800), rng.random() < 0.4
    ratio = 2 ** (rng.uniform(0.8, 2.2) / 12) if is_trill else 2 ** (rng.uniform(0.1, 1.5) / 12)
    kind = Siren.HI_LO if is_trill else Siren.YELP
    return siren(
        seconds, kind, period_s=1 / rng.uniform(4, 9), low_hz=pitch_hz, high_hz=pitch_hz * ratio,
        harmonics=int(rng.integers(1, 9)), phase=rng.random(),
    )  # fmt: skip


def chirps(rng: np.random.Generator, seconds: float) -> Wave:
    """Short sweeps high up with pauses between them, as birds make them."""
    wave = silence(seconds)
    for _ in range(int(rng.integers(2, 14))):
        chirp_s, low_hz = rng.uniform(0.04, 0.2), rng.uniform(1800, 5000)
        chirp = siren(
            chirp_s, Siren.YELP, period_s=chirp_s * rng.uniform(1, 2), low_hz=low_hz,
            high_hz=low_hz * rng.uniform(1.1, 1.6), harmonics=2,
        )  # fmt: skip
        start = int(rng.integers(0, wave.size - chirp.size))
        wave[start : start + chirp.size] += chirp
    return wave


def beeps(rng: np.random.Generator, seconds: float) -> Wave:
    """Equal tones with pauses, or one long tone."""
    pitch_hz, on_s = rng.uniform(400, 3000), rng.uniform(0.08, 1.0)
    pause = silence(rng.uniform(0.05, 0.8))
    return np.resize(joined([tone(on_s, pitch_hz), pause]), round(seconds * RATE_HZ))


def melody(rng: np.random.Generator, seconds: float) -> Wave:
    """Plain notes of an early game or a ring tone."""
    steps, base_hz = (0, 2, 4, 5, 7, 9, 11, 12), rng.uniform(250, 700)
    note_s, harmonics = rng.uniform(0.08, 0.5), int(rng.integers(1, 8))
    notes = [
        siren(note_s, Siren.HI_LO, period_s=9.0, low_hz=base_hz * 2 ** (rng.choice(steps) / 12),
                     high_hz=9e3, harmonics=harmonics)
        for _ in range(int(seconds / note_s) + 1)
    ]  # fmt: skip
    return joined(notes)[: round(seconds * RATE_HZ)]


ALL: tuple[Callable[[np.random.Generator, float], Wave], ...] = (glide, wobble, chirps, beeps, melody)
"""Each kind, as a function of a generator and a length in seconds of at least 0.5."""
