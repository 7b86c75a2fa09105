"""The real models on synthetic speech; skipped where they or espeak-ng are not installed."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tidegate.errors import MissingDependencyError, ModelFileError
from tidegate.signals.speech import whisper
from tidegate.signals.speech.judge import Verdict, judged
from tidegate.signals.speech.weights import BASE, TINY_EN, built_in
from tidegate.signals.speech.whisper import Whisper, opened

Wave = NDArray[np.float32]
Say = Callable[..., Wave]
RATE = 16_000
ENGLISH = (
    "If you want to win the money, send me a message right now. This offer ends at midnight, so do not wait. "
    "Click the link in my profile and tell your friends about it."
)
SPANISH = "Hoy les voy a enseñar cómo preparar una sopa muy sencilla. Solo necesitan un poco de tiempo."


@pytest.fixture(scope="module", params=[BASE, TINY_EN])
def either(request: pytest.FixtureRequest) -> Whisper:
    return _opened(str(request.param))


@pytest.fixture(scope="module")
def base() -> Whisper:
    return _opened(BASE)


def _opened(name: str) -> Whisper:
    try:
        return opened(name)
    except MissingDependencyError as error:
        pytest.skip(str(error))


def word_error(reference: str, found: str) -> float:
    """Least insertions, deletions and substitutions of words over the words of the reference."""
    wanted, got = (re.findall(r"[\w']+", text.lower()) for text in (reference, found))
    row = list(range(len(got) + 1))
    for i, word in enumerate(wanted, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(got, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
    return row[-1] / len(wanted)


def test_clear_english_is_understood_with_times(either: Whisper, say: Say) -> None:
    wave = say(ENGLISH)
    (heard,) = either.recognise([wave])
    assert word_error(ENGLISH, heard.text) <= 0.15
    assert heard.language == "en"
    assert judged(heard, voice_s=wave.size / RATE, voice_confidence=0.9) is Verdict.HEARD
    starts = [word.start_s for word in heard.words]
    assert starts == sorted(starts)
    assert all(0.0 <= word.start_s <= word.end_s <= wave.size / RATE + 0.1 for word in heard.words)
    assert 0.5 * wave.size / RATE < heard.words[-1].end_s


def test_waves_of_one_clip_may_be_in_different_languages(base: Whisper, say: Say) -> None:
    english, spanish = base.recognise([say(ENGLISH), say(SPANISH, voice="es")])
    assert (english.language, spanish.language) == ("en", "es")
    assert word_error(ENGLISH, english.text) <= 0.15
    assert word_error(SPANISH, spanish.text) <= 0.25


def test_the_same_sound_gives_the_same_words(base: Whisper, say: Say) -> None:
    waves = [say(SPANISH, voice="es"), say("Low tide.")]
    assert base.recognise(waves) == base.recognise(waves)


def test_full_context_hears_the_same(base: Whisper, say: Say) -> None:
    (heard,) = base.recognise([say(SPANISH, voice="es")], is_thorough=True)
    assert word_error(SPANISH, heard.text) <= 0.25


@pytest.mark.parametrize("kind", ["silence", "noise", "tone"])
def test_what_is_no_speech_gives_no_words(either: Whisper, kind: str) -> None:
    at_s = np.arange(6 * RATE) / RATE
    waves = {
        "silence": np.zeros(at_s.size, np.float32),
        "noise": np.random.default_rng(6).normal(0.0, 0.1, at_s.size).astype(np.float32),
        "tone": (0.3 * np.sin(2 * np.pi * 440 * at_s)).astype(np.float32),
    }
    (heard,) = either.recognise([waves[kind]])
    assert judged(heard, voice_s=6.0, voice_confidence=0.4) is not Verdict.HEARD


def test_waves_of_any_length_are_survived(either: Whisper) -> None:
    waves = [np.zeros(size, np.float32) for size in (1, 200, 31 * RATE)]
    assert len(either.recognise(waves)) == 3
    assert either.recognise([]) == []


def test_a_model_is_opened_once_for_the_process(base: Whisper) -> None:
    assert opened(BASE) is base


def test_a_model_of_the_hub_is_opened_once_for_each_folder_of_downloads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[str, Path | None]] = []

    def make(model: str, *, hub_folder: Path | None) -> object:
        made.append((model, hub_folder))
        return object()

    monkeypatch.setattr(whisper, "Whisper", make)
    monkeypatch.setattr(whisper, "_OPEN", {})
    name = "hub:owner/name"
    assert opened(name, hub_folder=tmp_path / "a") is opened(name, hub_folder=tmp_path / "a")
    assert opened(name, hub_folder=tmp_path / "b") is not opened(name, hub_folder=tmp_path / "a")
    assert opened("folder", hub_folder=tmp_path / "a") is opened("folder", hub_folder=tmp_path / "b")
    assert made == [(name, tmp_path / "a"), (name, tmp_path / "b"), ("folder", tmp_path / "a")]


def test_a_folder_in_ctranslate2_form_loads(tmp_path_factory: pytest.TempPathFactory, say: Say) -> None:
    try:
        files = built_in(TINY_EN)
    except MissingDependencyError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("model")
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (heard,) = Whisper(str(folder)).recognise([say(ENGLISH)])
    assert word_error(ENGLISH, heard.text) <= 0.15
    (folder / "model.bin").write_bytes(b"not a model")
    with pytest.raises(ModelFileError, match="cannot be read"):
        Whisper(str(folder))
