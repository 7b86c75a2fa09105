"""Writes synthetic clips as still pictures and GIFs, with Pillow."""

from pathlib import Path

from tidegate.testing.clips import ClipSpec, Still, Truth
from tidegate.testing.painting import frames


def write(path: Path, spec: ClipSpec, truth: Truth) -> None:
    """Write the first frame as a picture, or all of them as a GIF, whose clock ticks in hundredths of a second."""
    from PIL import Image

    if path.suffix.lower() != Still.GIF:
        Image.fromarray(next(frames(spec, truth))).save(path, quality=90)
        return
    pictures = [Image.fromarray(frame) for frame in frames(spec, truth)]
    ends_s = (*truth.frame_times_s[1:], truth.duration_s)
    stays_ms = [round((end - at) * 100) * 10 for at, end in zip(truth.frame_times_s, ends_s, strict=True)]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=stays_ms, loop=0)
