"""Animated WebP, which the demuxing library does not take apart: decoded frame by frame by Pillow."""

import math
import os
from typing import TYPE_CHECKING

from tidegate.media.clip import FrameReason
from tidegate.media.deadline import Deadline
from tidegate.media.slices import Kind, Peek
from tidegate.media.source import Source

if TYPE_CHECKING:
    from tidegate.media.reader import PictureReader

LEAST_DURATION_MS = 10


def webp_pass(source: Source, reader: "PictureReader", most_frames: int, spacing_s: float, deadline: Deadline) -> bool:
    """Decode an animated WebP in order into `reader`; returns whether all of it was decoded.

    The canvas size has been checked before. A damaged frame ends the pass and counts as an error.
    """
    import av
    import numpy as np
    from PIL import Image

    os.lseek(source.fd, 0, os.SEEK_SET)
    reader.tick_s = 1e-3
    due_s, time_ms = -math.inf, 0
    with os.fdopen(os.dup(source.fd), "rb") as file:
        try:
            image = Image.open(file, formats=("WEBP",))
            count = int(getattr(image, "n_frames", 1))
            for index in range(count):
                if index >= most_frames or deadline.is_over():
                    return False
                image.seek(index)
                frame = av.VideoFrame.from_ndarray(np.asarray(image.convert("RGBA")), format="rgba")
                duration_ms = max(LEAST_DURATION_MS, int(image.info.get("duration", 0)))
                position = reader.log.add_plain(time_ms, duration_ms, 0, Peek(Kind.INTRA), is_keyframe=index == 0)
                reader.decoded_count += 1
                is_due = time_ms / 1e3 >= due_s
                reason = FrameReason.KEYFRAME if index == 0 else FrameReason.GAP
                reader.show(frame, position, reason, keep=is_due)
                due_s = time_ms / 1e3 + spacing_s if is_due else due_s
                time_ms += duration_ms
        except (OSError, ValueError, SyntaxError, EOFError):
            reader.decode_errors += 1
            return False
    return True
