import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tidegate.errors import MissingDependencyError, ModelFileError
from tidegate.records import Abstention, AbstentionReason, Signal, Span
from tidegate.signals.base import View
from tidegate.signals.sound import tagger as tagger_module
from tidegate.signals.sound.tagger import TaggerDetector
from tidegate.signals.sound.tagger_form import FILE_NAME
from tidegate.signals.visual.onnx_graph import Graph
from tidegate.testing import near_sirens, noises
from tidegate.testing.conformance import DetectorConformance

Heard = Callable[["np.ndarray"], View]
Mount = Callable[..., Path]

SPECTROGRAM = {
    "kind": "log_mel",
    "layout": "time_mel",
    "fft_size": 512,
    "window_size": 400,
    "hop_size": 160,
    "mel_count": 32,
    "low_hz": 100,
    "high_hz": 7000,
    "log_offset": 1e-6,
}


class TestTaggerDetector(DetectorConformance):
    make = TaggerDetector


def peak_network() -> bytes:
    """A network of samples whose two outputs are the highest and the mean magnitude of the window."""
    graph = Graph("peak")
    graph.add("Abs", ["x"], "a")
    graph.add("ReduceMax", ["a"], "most", axes=(1,), keepdims=1)
    graph.add("ReduceMean", ["a"], "mean", axes=(1,), keepdims=1)
    graph.add("Concat", ["most", "mean"], "y", axis=1)
    return graph.to_bytes({"x": ("n", "samples")}, {"y": ("n", 2)})


def band_network() -> bytes:
    """A network of log-mel spectrograms (n, time, mel) whose outputs are the mean of each band."""
    graph = Graph("bands")
    graph.add("ReduceMean", ["x"], "y", axes=(1,), keepdims=0)
    return graph.to_bytes({"x": ("n", "time", 32)}, {"y": ("n", 32)})


@pytest.fixture
def mount(tmp_path: Path) -> Mount:
    """`mount(network, field=value...)`: the folder of a tagger."""

    def made(network: bytes, **fields: Any) -> Path:
        pytest.importorskip("onnxruntime")
        folder = tmp_path / f"tagger-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        (folder / "net.onnx").write_bytes(network)
        form = {
            "format": "tidegate.tagger@1",
            "name": "stand-in",
            "version": "1",
            "file": "net.onnx",
            "sha256": hashlib.sha256(network).hexdigest(),
            "sample_rate_hz": 16_000,
            "window_s": 1.0,
            "hop_s": 0.5,
            "input": {"kind": "waveform"},
            "activation": "none",
            "outputs": [{"index": 0, "label": "sound.gunshot", "threshold": 0.5}],
            "licence": "Apache-2.0",
            "trained_on": "nothing: a formula",
        }
        (folder / FILE_NAME).write_text(json.dumps(form | fields), encoding="utf-8")
        return folder

    return made


def of(detector: TaggerDetector, view: View, label: str) -> list[Signal]:
    return [one for one in detector.detect(view) if isinstance(one, Signal) and one.label == label]


def bang(at_s: float, seconds: float) -> "np.ndarray":
    wave = noises.white_noise(seconds, 1, 0.01)
    wave[round(at_s * noises.RATE_HZ)] = 0.9
    return wave


def test_without_a_mount_only_sirens_are_looked_for() -> None:
    assert TaggerDetector().emits == {"sound.siren"}


def test_a_mounted_tagger_adds_exactly_what_it_maps(mount: Mount) -> None:
    assert TaggerDetector([mount(peak_network())]).emits == {"sound.siren", "sound.gunshot"}


def test_a_mounted_siren_tagger_takes_the_place_of_the_built_in_one(mount: Mount, heard: Heard) -> None:
    rows = [{"index": 0, "label": "sound.siren", "threshold": 0.5}]
    detector = TaggerDetector([mount(peak_network(), outputs=rows)])
    found = of(detector, heard(bang(2.2, 4.0)), "sound.siren")
    assert [one.evidence.note.split(",")[0] for one in found] == ["tagger stand-in 1"]


def test_a_sound_is_found_in_the_windows_that_hold_it(mount: Mount, heard: Heard) -> None:
    detector = TaggerDetector([mount(peak_network())])
    (found,) = of(detector, heard(bang(4.2, 9.0)), "sound.gunshot")
    assert found.score == pytest.approx(0.9)
    assert found.evidence.span is not None
    assert (found.evidence.span.start_s, found.evidence.span.end_s) == (3.5, 5.0)


def test_two_sounds_apart_are_two_signals(mount: Mount, heard: Heard) -> None:
    detector = TaggerDetector([mount(peak_network())])
    wave = np.maximum(bang(2.2, 9.0), bang(7.2, 9.0))
    assert len(of(detector, heard(wave), "sound.gunshot")) == 2


def test_a_sound_that_must_last_is_not_told_from_one_window(mount: Mount, heard: Heard) -> None:
    rows = [{"index": 0, "label": "sound.gunshot", "threshold": 0.5, "least_windows": 3}]
    detector = TaggerDetector([mount(peak_network(), outputs=rows)])
    assert of(detector, heard(bang(4.2, 9.0)), "sound.gunshot") == []
    lasting = np.maximum(np.maximum(bang(4.2, 9.0), bang(4.7, 9.0)), bang(5.2, 9.0))
    assert len(of(detector, heard(lasting), "sound.gunshot")) == 1


def test_windows_with_silence_between_them_are_not_one_stretch(mount: Mount, heard: Heard) -> None:
    wave = noises.joined([bang(0.5, 1.0), noises.silence(10.0), bang(0.5, 1.0)])
    found = of(TaggerDetector([mount(peak_network())]), heard(wave), "sound.gunshot")
    assert len(found) == 2
    assert all(one.evidence.span is not None and one.evidence.span.duration_s < 3 for one in found)


def test_the_end_of_a_clip_is_heard_too(mount: Mount, heard: Heard) -> None:
    (found,) = of(TaggerDetector([mount(peak_network())]), heard(bang(3.29, 3.3)), "sound.gunshot")
    assert found.evidence.span is not None
    assert found.evidence.span.end_s == pytest.approx(3.3)


@pytest.mark.parametrize("seconds", [0.03, 0.4, 1.0])
def test_a_clip_shorter_than_a_window_is_filled_up(mount: Mount, heard: Heard, seconds: float) -> None:
    (found,) = of(TaggerDetector([mount(peak_network())]), heard(bang(0.02, seconds)), "sound.gunshot")
    assert found.evidence.span is not None
    assert found.evidence.span.end_s == pytest.approx(seconds)


def test_a_spectrogram_tagger_hears_the_band_it_is_given(mount: Mount, heard: Heard) -> None:
    rows = [{"index": band, "label": f"sound.band_{band}", "threshold": 0.6, "meaning": "sound in a band"}
            for band in (6, 25)]  # fmt: skip
    folder = mount(band_network(), input=SPECTROGRAM, activation="sigmoid", outputs=rows)
    detector = TaggerDetector([folder])
    assert detector.labels == {"sound.band_6": "sound in a band", "sound.band_25": "sound in a band"}
    low = [one.label for one in detector.detect(heard(noises.tone(3.0, 590.0, 0.8))) if isinstance(one, Signal)]
    high = [one.label for one in detector.detect(heard(noises.tone(3.0, 4062.0, 0.8))) if isinstance(one, Signal)]
    assert set(low) - {"sound.siren"} == {"sound.band_6"}
    assert set(high) - {"sound.siren"} == {"sound.band_25"}


def test_softmax_shares_one_between_the_classes(mount: Mount, heard: Heard) -> None:
    rows = [{"index": at, "label": f"sound.part_{at}", "threshold": 0.0, "meaning": "a part"} for at in (0, 1)]
    detector = TaggerDetector([mount(peak_network(), activation="softmax", outputs=rows)])
    first, second = (of(detector, heard(bang(0.5, 1.0)), f"sound.part_{at}")[0].score for at in (0, 1))
    assert first + second == pytest.approx(1.0, abs=1e-5)
    assert first > second


def test_silence_is_not_tagged(mount: Mount, heard: Heard) -> None:
    rows = [{"index": 0, "label": "sound.gunshot", "threshold": 0.0}]
    detector = TaggerDetector([mount(peak_network(), outputs=rows)])
    assert list(detector.detect(heard(noises.silence(30.0)))) == []


def test_more_windows_than_the_budget_are_abstained_with_their_span(
    mount: Mount, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tagger_module, "MOST_WINDOWS", 4)
    detector = TaggerDetector([mount(peak_network())])
    said = list(detector.detect(heard(bang(1.0, 10.0))))
    (abstention,) = (one for one in said if isinstance(one, Abstention) and "sound.gunshot" in one.labels)
    assert abstention.reason is AbstentionReason.OVER_BUDGET
    assert abstention.span is not None
    assert (abstention.span.start_s, abstention.span.end_s) == (2.0, 10.0)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("outputs", {"outputs": [{"index": 2, "label": "sound.gunshot", "threshold": 0.5}]}),
        ("input", {"input": SPECTROGRAM}),
    ],
)
def test_a_form_that_does_not_fit_its_network_is_said_at_load(mount: Mount, field: str, change: dict[str, Any]) -> None:
    detector = TaggerDetector([mount(peak_network(), **change)])
    with pytest.raises(ModelFileError) as caught:
        detector.load()
    assert caught.value.what.startswith(f"{field}: ")
    assert caught.value.where.endswith(FILE_NAME)


def test_a_file_that_is_no_network_is_said_at_load(mount: Mount) -> None:
    with pytest.raises(ModelFileError):
        TaggerDetector([mount(b"no network")]).load()


def test_a_folder_that_is_not_there_is_said_when_it_is_mounted(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError):
        TaggerDetector([tmp_path / "none"])


@pytest.fixture(scope="module")
def detector() -> TaggerDetector:
    found = TaggerDetector()
    try:
        found.load()
    except MissingDependencyError as error:
        pytest.skip(f"the built-in tagger cannot run: {error}")
    return found


@pytest.mark.parametrize(
    ("kind", "period_s"),
    [(noises.Siren.WAIL, 4.0), (noises.Siren.YELP, 0.3), (noises.Siren.HI_LO, 1.1)],
)
def test_a_siren_over_music_is_found(
    detector: TaggerDetector, heard: Heard, kind: noises.Siren, period_s: float
) -> None:
    wave = noises.joined([noises.silence(4.0), noises.siren(8.0, kind, period_s=period_s), noises.silence(4.0)])
    found = of(detector, heard(noises.mixed(wave, noises.music(16.0, 77), 10.0)), "sound.siren")
    assert found
    sounding = Span(start_s=4.0, end_s=12.0)
    assert all(one.evidence.span is not None and one.evidence.span.overlaps(sounding) for one in found)


def test_speech_music_noise_and_beeps_are_not_sirens(
    detector: TaggerDetector, heard: Heard, spoken: Callable[..., "np.ndarray"]
) -> None:
    rng = np.random.default_rng(5)
    waves = [
        spoken("The tide turns at noon, so we have an hour to find shells.", "en", "en-us+f2"),
        noises.music(12.0, 501),
        noises.pink_noise(8.0, 1),
        near_sirens.chirps(rng, 6.0),
        near_sirens.beeps(rng, 6.0),
    ]
    assert [of(detector, heard(wave), "sound.siren") for wave in waves] == [[]] * len(waves)


def test_a_network_that_is_not_the_one_of_its_form_is_refused_before_any_upload(bell_tagger: Path) -> None:
    network = next(bell_tagger.glob("*.onnx"))
    network.write_bytes(network.read_bytes() + b"\0")
    with pytest.raises(ModelFileError, match="sha256"):
        TaggerDetector([bell_tagger])
