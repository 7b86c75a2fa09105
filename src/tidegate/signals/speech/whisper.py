"""Whisper on one thread: several chunks at once, each in its own language, greedy enough to be cheap, bounded."""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidegate.errors import MissingDependencyError, ModelFileError
from tidegate.media.clip import AUDIO_RATE_HZ
from tidegate.signals.speech.languages import bcp47, chosen
from tidegate.signals.speech.recogniser import Heard, HeardWord
from tidegate.signals.speech.weights import HUB_PREFIX, PARTS, built_in, folder_of

BATCH = 4
"""Chunks recognised at once: each step of decoding reads the weights once for all of them."""

BEAM = 2

WHOLE_FRAMES = 3000
"""Mel frames of 10 ms in the 30 s that Whisper was trained on."""

LEAST_FRAMES = 1100
"""Whisper derails on less context than about ten seconds, sound or not: it repeats itself. See the card."""

TAIL_FRAMES = 200
"""Silence behind the sound, so that the end is heard as one."""

MOST_TOKENS = 224
TOKENS_PER_S, LEAST_TOKENS = 20, 24
"""More than the fastest speakers of the most expensive scripts need; ends a loop early."""

_TOKEN_FRAMES = 2
_OPEN: dict[tuple[str, Path | None], "Whisper"] = {}
_LOCK = threading.Lock()


def opened(model: str, *, hub_folder: Path | None = None) -> "Whisper":
    """The recogniser of a built-in name, a folder or `hub:owner/name`, loaded and warmed at the first call.

    One for the process; of the hub's, one for each folder that keeps what it sends. Raises MissingDependencyError or
    ModelFileError. `whisper-base` takes 1.5 CPU-s and 0.6 GB at its peak, tiny.en half of that.
    """
    key = (model, hub_folder if model.startswith(HUB_PREFIX) else None)
    with _LOCK:
        if key not in _OPEN:
            _OPEN[key] = Whisper(model, hub_folder=hub_folder)
        return _OPEN[key]


class Whisper:
    """A Whisper model in CTranslate2 form, 8-bit, on one thread. Deterministic: temperature 0, no second tries."""

    def __init__(self, model: str, *, hub_folder: Path | None = None) -> None:
        try:
            from faster_whisper import WhisperModel
        except ImportError as error:
            raise MissingDependencyError(
                "recognising speech needs the package faster-whisper", next_step="pip install 'tidegate[speech]'"
            ) from error
        is_built_in = model in PARTS
        name = model if is_built_in else str(folder_of(model, hub_folder=hub_folder))
        files = built_in(model) if is_built_in else None
        try:
            self._model = WhisperModel(
                name, device="cpu", compute_type="int8", cpu_threads=1, num_workers=1, files=files
            )
            self._frames_of(np.zeros(AUDIO_RATE_HZ, np.float32))
            self.recognise([np.zeros(AUDIO_RATE_HZ, np.float32)])
        except Exception as error:
            raise ModelFileError(
                "the speech model cannot be read",
                where=f"{name}: {type(error).__name__}",
                next_step="install the package again, or convert the model again",
            ) from error

    def recognise(
        self, waves: Sequence[NDArray[np.float32]], *, language: str = "", is_thorough: bool = False
    ) -> list[Heard]:
        """What is heard in each wave; see Recogniser.

        Language is guessed for each wave, with the others of the clip in mind. `is_thorough` gives every wave the full
        30 s of context. 0.9 CPU-s for 15 s of talk with `whisper-base`, twice that when thorough.
        """
        batches = [list(waves[start : start + BATCH]) for start in range(0, len(waves), BATCH)]
        encoded = [self._encode(batch, is_thorough=is_thorough) for batch in batches]
        seconds = [wave.size / AUDIO_RATE_HZ for wave in waves]
        languages = chosen([guess for one in encoded for guess in self._guesses(one)], seconds, declared=language)
        heard: list[Heard] = []
        for number, (batch, output) in enumerate(zip(batches, encoded, strict=True)):
            heard += self._decode(batch, output, languages[number * BATCH : number * BATCH + BATCH])
        return heard

    def _encode(self, batch: Sequence[NDArray[np.float32]], *, is_thorough: bool) -> Any:  # noqa: ANN401 - foreign
        frames = [self._frames_of(wave) for wave in batch]
        needed = max(LEAST_FRAMES, max(one.shape[1] for one in frames) + TAIL_FRAMES)
        length = WHOLE_FRAMES if is_thorough else min(WHOLE_FRAMES, -(-needed // 100) * 100)
        features = np.zeros((len(frames), frames[0].shape[0], length), np.float32)
        for row, one in zip(features, frames, strict=True):
            row[:, : min(length, one.shape[1])] = one[:, :length]
        return self._model.encode(features)

    def _frames_of(self, wave: NDArray[np.float32]) -> NDArray[np.float32]:
        """Log-mel features float32 (mels, frames of 10 ms)."""
        found: NDArray[np.float32] = self._model.feature_extractor(wave)[..., :-1]
        return found

    def _guesses(self, encoded: Any) -> list[Mapping[str, float]]:  # noqa: ANN401 - foreign
        if not self._model.model.is_multilingual:
            return [{"en": 1.0}] * encoded.shape[0]
        return [{token[2:-2]: share for token, share in one} for one in self._model.model.detect_language(encoded)]

    def _decode(
        self,
        batch: Sequence[NDArray[np.float32]],
        encoded: Any,  # noqa: ANN401 - foreign
        languages: Sequence[tuple[str, float]],
    ) -> list[Heard]:
        tokenizers = [self._tokenizer(tag) for tag, _ in languages]
        longest_s = max(wave.size for wave in batch) / AUDIO_RATE_HZ
        most = min(MOST_TOKENS, LEAST_TOKENS + round(TOKENS_PER_S * longest_s))
        results = self._model.model.generate(
            encoded,
            [self._model.get_prompt(tokenizer, [], without_timestamps=True) for tokenizer in tokenizers],
            beam_size=BEAM,
            # CTranslate2 halves what it is given: half of Whisper's context is for the prompt.
            max_length=2 * most,
            return_scores=True,
            return_no_speech_prob=True,
        )
        tokens = [result.sequences_ids[0] for result in results]
        words = self._words(batch, encoded, tokens, [tag for tag, _ in languages])
        return [
            Heard(
                words=tuple(words[index]),
                language=bcp47(tag),
                language_probability=min(1.0, probability),
                # The score is the mean over the tokens; the end token counts as one more.
                mean_log_probability=min(0.0, result.scores[0] * len(tokens[index]) / (len(tokens[index]) + 1)),
                no_speech_probability=min(1.0, max(0.0, result.no_speech_prob)),
            )
            for index, ((tag, probability), result) in enumerate(zip(languages, results, strict=True))
        ]

    def _words(
        self,
        batch: Sequence[NDArray[np.float32]],
        encoded: Any,  # noqa: ANN401 - foreign
        tokens: Sequence[Sequence[int]],
        tags: Sequence[str],
    ) -> list[list[HeardWord]]:
        """Words with times by the cross-attention of the decoder, one call for each language of the batch."""
        import ctranslate2

        found: list[list[HeardWord]] = [[] for _ in batch]
        for tag in sorted(set(tags)):
            rows = [index for index, other in enumerate(tags) if other == tag and tokens[index]]
            if not rows:
                continue
            part = encoded
            if len(rows) < len(batch):
                part = ctranslate2.StorageView.from_array(np.ascontiguousarray(np.array(encoded)[rows]))
            aligned = self._model.find_alignment(
                self._tokenizer(tag),
                [tokens[index] for index in rows],
                part,
                [_frame_count(batch[index], encoded.shape[1]) for index in rows],
            )
            for index, one in zip(rows, aligned, strict=True):
                found[index] = [_word(word) for word in one if word["word"]]
        return found

    def _tokenizer(self, tag: str) -> Any:  # noqa: ANN401 - foreign
        from faster_whisper.tokenizer import Tokenizer

        return Tokenizer(
            self._model.hf_tokenizer,
            self._model.model.is_multilingual,
            task="transcribe",
            language=tag if tag != "und" else "en",
        )


def _frame_count(wave: NDArray[np.float32], positions: int) -> int:
    """Mel frames that are sound, an even number of at least one position of the encoder."""
    frames = wave.size * 100 // AUDIO_RATE_HZ // _TOKEN_FRAMES * _TOKEN_FRAMES
    return max(_TOKEN_FRAMES, min(frames, positions * _TOKEN_FRAMES))


def _word(found: Mapping[str, Any]) -> HeardWord:
    start_s = max(0.0, float(found["start"]))
    return HeardWord(
        text=str(found["word"]),
        start_s=start_s,
        end_s=max(start_s, float(found["end"])),
        probability=min(1.0, max(0.0, float(found["probability"]))),
    )
