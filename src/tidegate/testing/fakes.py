"""Stand-ins for tests: views made from arrays, a detector that says what it is told, a decoder that opens no file."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tidegate.errors import MediaError, UnreadableFileError
from tidegate.media.clip import AUDIO_RATE_HZ, Clip, Frame, FrameReason
from tidegate.records import (
    AudioStream,
    Evidence,
    FrameClock,
    MediaCoverage,
    MediaInfo,
    Shot,
    Signal,
    Span,
    Upload,
    VideoStream,
)
from tidegate.signals.base import Need, Requirement, Resources, Said, Tier, View, When
from tidegate.signals.frames import FrameBatch
from tidegate.signals.texts import texts_of

Picture = NDArray[np.uint8]
Say = Callable[[View], Iterator[Said]]


def clip_of(
    pictures: Sequence[Picture] = (), *, audio: NDArray[np.float32] | None = None, seconds_each: float = 1.0
) -> Clip:
    """A Clip as decoding would hand it over, one shot, each picture shown for `seconds_each`.

    `pictures` are uint8 (height, width, 3); they are marked read-only, because detectors share them.
    """
    heard_s = 0.0 if audio is None else audio.size / AUDIO_RATE_HZ
    seen_s = seconds_each * len(pictures)
    for picture in pictures:
        picture.setflags(write=False)
    times_s = tuple(index * seconds_each for index in range(len(pictures)))
    frames = tuple(
        Frame(
            index=index,
            time_s=time_s,
            span=Span(start_s=time_s, end_s=time_s + seconds_each),
            rgb=picture,
            reason=FrameReason.KEYFRAME,
            shot_index=0,
        )
        for index, (time_s, picture) in enumerate(zip(times_s, pictures, strict=True))
    )
    shots = (Shot(index=0, span=Span(start_s=0.0, end_s=seen_s), frame_times_s=times_s),) if pictures else ()
    return Clip(
        info=info_of(pictures, seen_s=seen_s, heard_s=heard_s),
        frames=frames,
        shots=shots,
        audio=audio,
        coverage=MediaCoverage(frames_sampled=len(frames), frames_decoded=len(frames), seconds_heard=heard_s),
        clock=FrameClock(times_s=times_s, end_s=seen_s),
        decode_cpu_s=0.0,
        decode_wall_s=0.0,
    )


def info_of(pictures: Sequence[Picture], *, seen_s: float, heard_s: float) -> MediaInfo:
    """The MediaInfo of a made-up file that holds these pictures and that much sound; its digest is of nothing."""
    video = audio = None
    if pictures:
        height, width = pictures[0].shape[:2]
        video = VideoStream(
            codec="h264",
            width_px=width,
            height_px=height,
            duration_s=seen_s,
            frame_rate_hz=len(pictures) / seen_s,
            frame_count=len(pictures),
            keyframe_count=len(pictures),
        )
    if heard_s:
        audio = AudioStream(codec="aac", sample_rate_hz=AUDIO_RATE_HZ, channels=1, duration_s=heard_s)
    return MediaInfo(
        size_bytes=0,
        sha256="e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        container="mp4",
        duration_s=max(seen_s, heard_s),
        video=video,
        audio=audio,
    )


def view_of(
    upload: Upload | None = None, *, clip: Clip | None = None, path: Path | None = None, prior: tuple[Signal, ...] = ()
) -> View:
    """The view of an upload with its texts and the frames of `clip`, as a Screener would make it."""
    upload = upload or Upload(id="upload-1")
    return View(
        upload=upload,
        path=path,
        media=clip.info if clip else None,
        clip=clip,
        frames=FrameBatch(clip.frames if clip else ()),
        texts=texts_of(upload),
        prior=prior,
    )


@dataclass(slots=True, kw_only=True)
class FakeDetector:
    """A detector that says what `say` yields, one signal of its first label over the first second by default.

    `loads` counts calls of `load`; `error` is raised by it.
    """

    id: str = "visual.fake@1"
    needs: frozenset[Need] = frozenset({Need.FACTS})
    emits: frozenset[str] = frozenset({"visual.object"})
    resources: Resources = field(default=Resources(tier=Tier.CHEAP, cpu_s_per_item=0.0, memory_mib=0.0))
    requires: tuple[Requirement, ...] = ()
    when: When | None = None
    say: Say | None = None
    error: Exception | None = None
    loads: int = 0
    assigns: frozenset[Need] = frozenset()

    def load(self) -> None:
        """Count the call, or raise `error`."""
        self.loads += 1
        if self.error:
            raise self.error

    def detect(self, view: View) -> Iterator[Said]:
        """Say it."""
        if self.say:
            yield from self.say(view)
            return
        evidence = Evidence(span=Span(start_s=0.0, end_s=1.0))
        yield Signal(label=min(self.emits), score=0.5, evidence=evidence, detector_id=self.id)


@dataclass(slots=True, kw_only=True)
class FakeDecoder:
    """A decoder that hands out prepared clips by file name and raises prepared errors; `asked` lists the paths."""

    clips: Mapping[str, Clip | MediaError] = field(default_factory=dict)
    asked: list[Path] = field(default_factory=list)

    def decode(self, path: Path) -> Clip:
        """The clip prepared for this name. Raises its MediaError, or UnreadableFileError for an unknown name."""
        self.asked.append(path)
        found = self.clips.get(path.name)
        if found is None:
            raise UnreadableFileError("no such file in the fake decoder", where=path.name)
        if isinstance(found, MediaError):
            raise found
        return found


@dataclass(slots=True, kw_only=True)
class FixedClock:
    """A clock that stands still until it is told to go on; seconds of Unix time."""

    now_s: float = 1_700_000_000.0

    def __call__(self) -> float:
        """The time."""
        return self.now_s

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now_s += seconds
