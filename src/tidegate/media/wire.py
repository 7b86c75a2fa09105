"""How a Clip crosses from the decode process: JSON for what is small, raw arrays for what is large.

Never pickle: a decoder that a file has taken over must not be able to make the parent run anything. The parent
checks every size before it allocates.

A message is an 8-byte big-endian length, that many bytes of JSON, then the arrays named in `arrays`, back to back.
"""

import json
import math
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidegate import errors
from tidegate.errors import DecodeCrashError, MediaError, TidegateError
from tidegate.media.clip import Clip, Frame, FrameReason
from tidegate.media.marks import FileMarks, ManifestReport
from tidegate.records import FrameClock, MediaCoverage, MediaInfo, Shot, Span, from_json, to_json

Receive = Callable[[int], bytearray]
MOST_JSON_BYTES = 64 * 1024**2
_LENGTH = struct.Struct(">Q")
_TYPES = {"uint8": np.uint8, "float32": np.float32, "float64": np.float64}


def pack(head: Mapping[str, Any], arrays: Sequence[NDArray[Any]] = ()) -> list[memoryview]:
    """The parts of one message, to be sent in order; arrays are not copied when they are contiguous."""
    shapes = [[array.dtype.name, *array.shape] for array in arrays]
    text = json.dumps({**head, "arrays": shapes}, separators=(",", ":"), allow_nan=False).encode()
    parts = [memoryview(_LENGTH.pack(len(text))), memoryview(text)]
    return parts + [np.ascontiguousarray(array).reshape(-1).view(np.uint8).data for array in arrays]


def unpack(receive: Receive, most_bytes: int) -> tuple[dict[str, Any], list[NDArray[Any]]]:
    """Read one message through `receive(count)`, refusing before allocating what is past `most_bytes`.

    Raises DecodeCrashError on a message that makes no sense; what `receive` raises passes.
    """
    size = _LENGTH.unpack(receive(_LENGTH.size))[0]
    if size > MOST_JSON_BYTES:
        raise _garbled("its answer is too long")
    try:
        head = json.loads(bytes(receive(size)))
        shapes = [(_TYPES[name], [int(side) for side in shape]) for name, *shape in head.pop("arrays")]
        sizes = [math.prod(shape) * np.dtype(kind).itemsize for kind, shape in shapes]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _garbled("its answer cannot be read") from error
    if any(side < 0 for _, shape in shapes for side in shape) or sum(sizes) > most_bytes:
        raise _garbled("its answer is too large")
    arrays = []
    for (kind, shape), count in zip(shapes, sizes, strict=True):
        arrays.append(np.frombuffer(receive(count), dtype=kind).reshape(shape))
    return head, arrays


def _garbled(what: str) -> DecodeCrashError:
    return DecodeCrashError(f"the decode process went wrong: {what}", next_step="have a person look at the file")


def pack_clip(clip: Clip) -> list[memoryview]:
    """A Clip as one message."""
    head = {
        "info": to_json(clip.info),
        "shots": [to_json(shot) for shot in clip.shots],
        "coverage": to_json(clip.coverage),
        "clock_end_s": clip.clock.end_s,
        "has_audio": clip.audio is not None,
        "decode_cpu_s": clip.decode_cpu_s,
        "decode_wall_s": clip.decode_wall_s,
        "marks": to_json(clip.marks),
        "frames": [
            {
                "index": frame.index,
                "time_s": frame.time_s,
                "span": to_json(frame.span),
                "reason": frame.reason.value,
                "shot_index": frame.shot_index,
                "content_box": list(frame.content_box),
            }
            for frame in clip.frames
        ],
    }
    audio = [clip.audio] if clip.audio is not None else []
    return pack(head, [np.array(clip.clock.times_s, dtype=np.float64), *audio, *(frame.rgb for frame in clip.frames)])


def read_clip(head: Mapping[str, Any], arrays: Sequence[NDArray[Any]]) -> Clip:
    """The Clip of a message. Raises DecodeCrashError when it does not hold together."""
    try:
        times, rest = arrays[0], list(arrays[1:])
        audio = _checked(rest.pop(0), np.float32, 1) if head["has_audio"] else None
        frames = tuple(_frame(item, rgb) for item, rgb in zip(head["frames"], rest, strict=True))
        return Clip(
            info=from_json(MediaInfo, head["info"]),
            frames=frames,
            shots=tuple(from_json(Shot, shot) for shot in head["shots"]),
            audio=audio,
            coverage=from_json(MediaCoverage, head["coverage"]),
            clock=FrameClock(times_s=tuple(_checked(times, np.float64, 1).tolist()), end_s=float(head["clock_end_s"])),
            decode_cpu_s=float(head["decode_cpu_s"]),
            decode_wall_s=float(head["decode_wall_s"]),
            marks=from_json(FileMarks, head["marks"]),
        )
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, TidegateError) as error:
        raise _garbled("its answer does not hold together") from error


def _frame(item: Mapping[str, Any], rgb: NDArray[Any]) -> Frame:
    x, y, width, height = (float(side) for side in item["content_box"])
    picture = _checked(rgb, np.uint8, 3)
    if picture.shape[2] != 3 or not picture.size:
        raise ValueError("no RGB picture")
    return Frame(
        index=int(item["index"]),
        time_s=float(item["time_s"]),
        span=from_json(Span, item["span"]),
        rgb=picture,
        reason=FrameReason(item["reason"]),
        shot_index=int(item["shot_index"]),
        content_box=(x, y, width, height),
    )


def _checked(array: NDArray[Any], kind: type[np.generic], dimensions: int) -> NDArray[Any]:
    if array.dtype != kind or array.ndim != dimensions:
        raise ValueError("unexpected array")
    return array


def pack_manifest(report: ManifestReport) -> list[memoryview]:
    """The report on a manifest as one message."""
    return pack({"manifest": to_json(report)})


def read_manifest(head: Mapping[str, Any]) -> ManifestReport:
    """The report of a message. Raises the coded error it holds, DecodeCrashError when it does not hold together."""
    if isinstance(head.get("error"), Mapping):
        raise read_error(head["error"], "")
    try:
        return from_json(ManifestReport, head["manifest"])
    except (KeyError, TidegateError) as error:
        raise _garbled("its answer does not hold together") from error


def pack_error(error: MediaError, *, is_spent: bool = False) -> list[memoryview]:
    """A coded error as one message; `is_spent` when its process ends itself afterwards."""
    return pack({"error": error.to_json(), "is_spent": is_spent})


def read_error(data: Mapping[str, Any], where: str) -> MediaError:
    """The error of a message, as the class its code names; DecodeCrashError for a code that is no media error."""
    classes = {cls.code: cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, MediaError)}
    cls = classes.get(str(data.get("code")), DecodeCrashError)
    return cls(str(data.get("what", ""))[:500], where=where, next_step=str(data.get("next_step", ""))[:500])
