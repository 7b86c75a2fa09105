import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import ModelFileError
from tidegate.signals.sound.mel import LogMel
from tidegate.signals.sound.tagger import BUILT_IN_FOLDER
from tidegate.signals.sound.tagger_form import FILE_NAME, read

DATA = b"a network, for all that the form knows"


def form(**fields: Any) -> dict[str, Any]:
    return {
        "format": "tidegate.tagger@1",
        "name": "stand-in",
        "version": "3",
        "file": "net.onnx",
        "sha256": hashlib.sha256(DATA).hexdigest(),
        "sample_rate_hz": 16_000,
        "window_s": 1.0,
        "hop_s": 0.5,
        "input": {"kind": "waveform"},
        "activation": "sigmoid",
        "outputs": [{"index": 2, "label": "sound.gunshot", "threshold": 0.4}],
        "licence": "Apache-2.0",
        "trained_on": "nothing",
    } | fields


MEL = {
    "kind": "log_mel",
    "layout": "time_mel",
    "fft_size": 512,
    "window_size": 400,
    "hop_size": 160,
    "mel_count": 64,
    "low_hz": 125,
    "high_hz": 7500,
    "log_offset": 0.001,
}


def folder(path: Path, values: Any) -> Path:
    (path / FILE_NAME).write_text(json.dumps(values), encoding="utf-8")
    (path / "net.onnx").write_bytes(DATA)
    return path


def test_a_whole_form_is_read(tmp_path: Path) -> None:
    tagger = read(folder(tmp_path, form()))
    assert (tagger.name, tagger.version, tagger.window_samples, tagger.log_mel) == ("stand-in", "3", 16_000, None)
    assert tagger.labels == {"sound.gunshot"}
    assert tagger.outputs[0].index == 2
    assert tagger.model_bytes() == DATA


def test_a_spectrogram_is_described_with_its_defaults(tmp_path: Path) -> None:
    tagger = read(folder(tmp_path, form(input=MEL)))
    assert tagger.log_mel == LogMel(
        fft_size=512, window_size=400, hop_size=160, mel_count=64, low_hz=125.0, high_hz=7500.0, log_offset=0.001
    )
    assert tagger.layout == "time_mel"


def test_a_label_of_a_plugin_brings_its_meaning(tmp_path: Path) -> None:
    row = {"index": 0, "label": "sound.glass", "threshold": 0.5, "meaning": "glass breaks"}
    assert read(folder(tmp_path, form(outputs=[row]))).outputs[0].meaning == "glass breaks"


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("format", {"format": "tidegate.tagger@2"}),
    ("surprise", {"surprise": 1}),
    ("name", {"name": " "}),
    ("file", {"file": "../net.onnx"}),
    ("file", {"file": "net.pkl"}),
    ("sha256", {"sha256": "ABC"}),
    ("sample_rate_hz", {"sample_rate_hz": 44_100}),
    ("sample_rate_hz", {"sample_rate_hz": True}),
    ("window_s", {"window_s": 3600}),
    ("window_s", {"window_s": "long"}),
    ("window_s", {"window_s": float("nan")}),
    ("window_s", {"window_s": 10**400}),
    ("hop_s", {"hop_s": 0.0}),
    ("hop_s", {"hop_s": 2.0}),
    ("activation", {"activation": "relu"}),
    ("activation", {"activation": ["sigmoid"]}),
    ("outputs", {"outputs": []}),
    ("outputs", {"outputs": {}}),
    ("outputs[0]", {"outputs": ["sound.siren"]}),
    ("outputs[0].label", {"outputs": [{"index": 0, "label": "Siren", "threshold": 0.5}]}),
    ("outputs[0].meaning", {"outputs": [{"index": 0, "label": "sound.glass", "threshold": 0.5}]}),
    ("outputs[0].threshold", {"outputs": [{"index": 0, "label": "sound.siren", "threshold": 1.5}]}),
    ("outputs[0].index", {"outputs": [{"index": -1, "label": "sound.siren", "threshold": 0.5}]}),
    ("outputs[0].threshold", {"outputs": [{"index": 0, "label": "sound.siren"}]}),
    (
        "outputs[0].least_windows",
        {"outputs": [{"index": 0, "label": "sound.siren", "threshold": 0.5, "least_windows": 0}]},
    ),
    ("input", {"input": "waveform"}),
    ("input.kind", {"input": {"kind": "mfcc"}}),
    ("input.fft_size", {"input": {"kind": "waveform", "fft_size": 512}}),
    ("input.layout", {"input": MEL | {"layout": "sideways"}}),
    ("input.window_size", {"input": MEL | {"window_size": 1024}}),
    ("input.low_hz", {"input": MEL | {"low_hz": 8000}}),
    ("input.high_hz", {"input": MEL | {"high_hz": 11_025}}),
    ("input.power", {"input": MEL | {"power": 3}}),
    ("input.is_area_one", {"input": MEL | {"is_area_one": 1}}),
    ("input.log_offset", {"input": MEL | {"log_offset": 0}}),
    ("input.mel_count", {"input": {key: value for key, value in MEL.items() if key != "mel_count"}}),
]


@pytest.mark.parametrize(("field", "change"), WRONG, ids=[f"{number}-{row[0]}" for number, row in enumerate(WRONG)])
def test_a_wrong_field_is_named_with_the_file(tmp_path: Path, field: str, change: dict[str, Any]) -> None:
    with pytest.raises(ModelFileError) as caught:
        read(folder(tmp_path, form(**change)))
    assert caught.value.what.startswith(f"{field}: ")
    assert caught.value.where == str(tmp_path / FILE_NAME)
    assert caught.value.next_step


@pytest.mark.parametrize("field", sorted(form()))
def test_every_field_is_asked_for(tmp_path: Path, field: str) -> None:
    with pytest.raises(ModelFileError, match=field):
        read(folder(tmp_path, {key: value for key, value in form().items() if key != field}))


def test_a_folder_without_a_form_says_what_to_mount(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError) as caught:
        read(tmp_path / "none")
    assert FILE_NAME in caught.value.next_step


def test_a_changed_network_is_refused(tmp_path: Path) -> None:
    tagger = read(folder(tmp_path, form()))
    (tmp_path / "net.onnx").write_bytes(DATA + b"!")
    with pytest.raises(ModelFileError, match="sha256"):
        tagger.model_bytes()


def test_a_missing_network_is_named(tmp_path: Path) -> None:
    tagger = read(folder(tmp_path, form()))
    (tmp_path / "net.onnx").unlink()
    with pytest.raises(ModelFileError, match=r"net\.onnx"):
        tagger.model_bytes()


@pytest.mark.parametrize("raw", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b"{}" + b" " * 300_000])
def test_a_form_that_is_not_json_is_a_coded_error(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(raw)
    with pytest.raises(ModelFileError, match="format"):
        read(tmp_path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(form())), JSON)
@settings(max_examples=150, deadline=None)
def test_any_value_of_any_field_is_read_or_a_coded_error(
    tmp_path_factory: pytest.TempPathFactory, field: str, value: Any
) -> None:
    path = tmp_path_factory.mktemp("tagger")
    try:
        read(folder(path, form(**{field: value})))
    except ModelFileError as error:
        assert error.where


def test_the_built_in_tagger_is_whole() -> None:
    tagger = read(BUILT_IN_FOLDER)
    assert tagger.labels == {"sound.siren"}
    assert len(tagger.model_bytes()) < 300_000
