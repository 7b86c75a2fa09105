"""A corpus of harmless but hostile files: what a screener meets on a bad day, each with what should come of it."""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from tidegate.records import Span
from tidegate.testing.clips import ClipSpec, Insert, write_clip


class Expect(StrEnum):
    """What should come of a file."""

    REFUSED = "refused"
    """A coded MediaError."""
    PARTIAL = "partial"
    """Screened as far as it goes; gaps, decode errors or fewer frames than declared stand in the coverage."""
    BOUNDED = "bounded"
    """Refused, partial or whole: what matters is that it ends soon, in little memory, without harm to others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenFile:
    """One hostile file. `codes` are the error codes a refusal may carry, any when empty; `why` says the trick."""

    path: Path
    expect: Expect
    why: str
    codes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The file's name, unique in its corpus."""
        return self.path.name


def corpus(
    folder: Path, *, seed: int = 0, flips: int = 200, url: str = "http://127.0.0.1:9/clip.mp4"
) -> tuple[BrokenFile, ...]:
    """Write the whole corpus into `folder` and say what each file is: some 90 files and `flips` bit-flipped clips.

    `url` is what the playlists name: give the address of a listener to prove that nobody calls. Special files
    (fifo, links, socket) are among them, so walk the answer, not the folder. Deterministic by seed.
    Cost: about 6 CPU-s and 30 MB on disk; one file is 5 GB long but sparse.
    """
    from tidegate.testing import forged, traps

    clips = sound_clips(folder / "sound")
    return (
        *not_media(folder),
        *truncated(folder, clips),
        *holes(folder, clips),
        *flipped(folder, clips, seed=seed, count=flips),
        *forged.files(folder, clips[0]),
        *traps.playlists(folder, url=url, victim=clips[0]),
        *traps.special_files(folder, target=clips[0]),
    )


def sound_clips(folder: Path) -> tuple[Path, Path, Path]:
    """Three unharmed clips to damage: MP4 with its index last, MP4 with its index first, WebM."""
    folder.mkdir(parents=True, exist_ok=True)
    spec = ClipSpec(
        seed=90,
        duration_s=3.0,
        width_px=180,
        height_px=320,
        frame_rate_hz=15.0,
        inserts=(Insert(span=Span(start_s=1.5, end_s=2.0), picture_seed=91),),
    )
    late, early, webm = (folder / name for name in ("index-last.mp4", "index-first.mp4", "clip.webm"))
    write_clip(late, spec)
    write_clip(early, dataclasses.replace(spec, movflags="+faststart"))
    write_clip(webm, dataclasses.replace(spec, codec="vp9", audio_codec="opus", audio_rate_hz=48_000))
    return late, early, webm


def not_media(folder: Path) -> Iterator[BrokenFile]:
    """Files that are no clip at all, under a clip's name."""
    contents = {
        "zero.mp4": (b"", ("TG-M003",)),
        "one-byte.mp4": (b"\0", ()),
        "text.mp4": (b"The tide comes in twice a day.\n" * 400, ()),
        "page.mp4": (b"<!doctype html><title>clip</title><video src=a.mp4></video>" * 20, ()),
        "archive.mp4": (b"PK\3\4\x14\0\0\0\0\0" + bytes(4096), ()),
        "program.mp4": (b"\x7fELF\2\1\1" + bytes(4096), ()),
        "zeros.mp4": (bytes(65_536), ()),
        "noise.mp4": (np.random.default_rng(92).bytes(65_536), ()),
        "brand-only.mp4": (b"\0\0\0\x18ftypisom\0\0\2\0isomiso2", ()),
        "brand-only.webm": (bytes.fromhex("1a45dfa3") + b"\x8f" + bytes(15), ()),
    }
    for name, (content, codes) in contents.items():
        path = folder / name
        path.write_bytes(content)
        yield BrokenFile(path=path, expect=Expect.REFUSED, codes=codes, why="no clip under a clip's name")


def truncated(folder: Path, clips: Sequence[Path]) -> Iterator[BrokenFile]:
    """Each clip cut off at every tenth of its length."""
    for clip in clips:
        whole = clip.read_bytes()
        for tenth in range(1, 10):
            path = folder / f"cut-{tenth}0-{clip.name}"
            path.write_bytes(whole[: len(whole) * tenth // 10])
            is_headless = clip.name == "index-last.mp4"
            expect = Expect.REFUSED if is_headless else Expect.BOUNDED if tenth == 1 else Expect.PARTIAL
            yield BrokenFile(path=path, expect=expect, why=f"cut off after {tenth}0% of its bytes")


def holes(folder: Path, clips: Sequence[Path]) -> Iterator[BrokenFile]:
    """Each clip with its middle fifth zeroed, and with a megabyte of noise behind its end."""
    for clip in clips:
        whole = clip.read_bytes()
        start, end = len(whole) * 2 // 5, len(whole) * 3 // 5
        hole = folder / f"hole-{clip.name}"
        hole.write_bytes(whole[:start] + bytes(end - start) + whole[end:])
        yield BrokenFile(path=hole, expect=Expect.PARTIAL, why="the middle fifth is zeros")
        tail = folder / f"tail-{clip.name}"
        tail.write_bytes(whole + np.random.default_rng(93).bytes(1_000_000))
        yield BrokenFile(path=tail, expect=Expect.BOUNDED, why="a megabyte of noise follows the end")


def flipped(folder: Path, clips: Sequence[Path], *, seed: int, count: int) -> Iterator[BrokenFile]:
    """`count` copies with 1 to 64 flipped bits each: every other one anywhere, the rest in the first or last 4 KiB."""
    for number in range(count):
        rng = np.random.default_rng([seed, 94, number])
        clip = clips[number % len(clips)]
        data = np.frombuffer(clip.read_bytes(), np.uint8).copy()
        reach = np.arange(len(data))
        if number % 2:
            reach = np.concatenate([reach[:4096], reach[-4096:]])
        at = rng.choice(reach, int(rng.integers(1, 65)))
        data[at] ^= np.left_shift(1, rng.integers(0, 8, len(at))).astype(np.uint8)
        path = folder / f"flip-{number:03d}-{clip.name}"
        path.write_bytes(data.tobytes())
        yield BrokenFile(path=path, expect=Expect.BOUNDED, why=f"{len(at)} flipped bits")
