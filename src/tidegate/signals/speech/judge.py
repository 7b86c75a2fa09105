"""Whether what a recogniser says was said: noise and music must not become words; pure."""

import zlib
from collections.abc import Sequence
from enum import StrEnum

from tidegate.signals.speech.recogniser import Heard, HeardWord

NO_SPEECH = 0.6
LEAST_MEAN_LOG_PROBABILITY = -1.0
MOST_COMPRESSION = 2.4
"""Limits of Whisper's authors (openai/whisper, transcribe.py), who take the first only together with the second.
Here a low probability alone is enough, because made-up words accuse somebody; of the first, see below."""

CLEAR_MEAN_LOG_PROBABILITY = -0.75
"""From here on words in a plain voice stand although the recogniser doubts that it is speech: it doubts synthetic
Russian (0.8) as much as white noise, but puts the words of the one at -0.66 and of the other below -1.7."""

UNSURE_MEAN_LOG_PROBABILITY = -0.8
"""Below it words are told, but what was said may be something else."""

LEAST_VOICE = 0.5
"""Confidence in speech or song below which stricter limits hold, and silence of the recogniser is no loss."""

STRICT_NO_SPEECH = 0.4
STRICT_MEAN_LOG_PROBABILITY = -0.7

MOST_CHARS_PER_S = 32.0
"""Fast talkers reach some 25 characters a second; a text that is denser was not spoken in the time."""

HOPELESS_LANGUAGE = 0.25
"""Probability of the likeliest language below which the words are told, but nobody should rely on them."""

_LEAST_TEXT_BYTES = 60
_LONGEST_PERIOD = 12
_LEAST_ROUNDS = 4
_LEAST_ROUNDS_OF_ONE = 7


class Verdict(StrEnum):
    """What becomes of a chunk's words."""

    HEARD = "heard"
    SILENT = "no speech"
    DOUBTFUL = "too unsure"
    LOOPING = "repeats itself"
    TOO_FAST = "more words than fit the time"
    LEFT_OUT = "not listened to"


def judged(heard: Heard, *, voice_s: float, voice_confidence: float) -> Verdict:
    """What becomes of what was heard in `voice_s` seconds that hold a voice with that confidence in [0, 1]."""
    is_weak = voice_confidence < LEAST_VOICE
    no_speech, least = (
        (STRICT_NO_SPEECH, STRICT_MEAN_LOG_PROBABILITY) if is_weak else (NO_SPEECH, LEAST_MEAN_LOG_PROBABILITY)
    )
    is_plain = not is_weak and heard.mean_log_probability >= CLEAR_MEAN_LOG_PROBABILITY
    if not any(map(str.isalnum, heard.text)) or (heard.no_speech_probability > no_speech and not is_plain):
        return Verdict.SILENT
    if loop_start(heard.words) is not None or compression(heard.text) > MOST_COMPRESSION:
        return Verdict.LOOPING
    if len(heard.text) > MOST_CHARS_PER_S * (voice_s + 1.0):
        return Verdict.TOO_FAST
    return Verdict.DOUBTFUL if heard.mean_log_probability < least else Verdict.HEARD


def compression(text: str) -> float:
    """How many times smaller zlib makes a text; 1 for short ones, which say nothing."""
    raw = text.encode("utf-8", "surrogatepass")
    return len(raw) / len(zlib.compress(raw)) if len(raw) >= _LEAST_TEXT_BYTES else 1.0


def loop_start(words: Sequence[HeardWord]) -> int | None:
    """The word from which on a recogniser repeats itself to the end; the first two rounds are left to the speaker.

    A recogniser that is caught never gets out, so a refrain in the middle is no loop. Rounds of up to 12 words count
    when there are four of them, single words when there are seven. Cost: linear in the words.
    """
    spoken = [word.text.strip(" .,!?-…").casefold() for word in words]
    for period in range(1, min(_LONGEST_PERIOD, len(spoken) // _LEAST_ROUNDS) + 1):
        begin = len(spoken) - period
        while begin > 0 and spoken[begin - 1] == spoken[begin - 1 + period]:
            begin -= 1
        rounds = (len(spoken) - begin) / period
        if rounds >= (_LEAST_ROUNDS_OF_ONE if period == 1 else _LEAST_ROUNDS):
            return begin + 2 * period
    return None
