"""Synthetic clips with known truth: say what a clip should hold, get the file and the spans of everything in it."""

import itertools
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from tidegate.errors import UsageError
from tidegate.records import Box, Span, TimedBox
from tidegate.testing.captions import Caption, CaptionStyle, box_of, drawn
from tidegate.testing.sound import Background, Spoken, Tone


class Still(StrEnum):
    """File suffixes that hold one picture, or a few without sound; every other suffix is a film container."""

    JPEG = ".jpg"
    PNG = ".png"
    WEBP = ".webp"
    GIF = ".gif"


class Look(StrEnum):
    """What a scene looks like. All but the first are plain, as much of what people film or make is.

    BUSY is `drawing.Scene`: crossing shapes with hard edges. SOFT is a wall or a sky, CLOUDS has large soft shapes,
    TEXTURE the fine detail of photographs, PERSON somebody before a soft wall, GAME flat colours and large blocks
    that scroll by, CARD a single colour.
    """

    BUSY = "busy"
    SOFT = "soft"
    CLOUDS = "clouds"
    TEXTURE = "texture"
    PERSON = "person"
    GAME = "game"
    CARD = "card"


@dataclass(frozen=True, slots=True, kw_only=True)
class Insert:
    """The still `drawing.picture(picture_seed)` in place of the scene during `span`.

    `border_share` pads it with black on every side by that share of the frame, and then it has no grain.
    """

    span: Span
    picture_seed: int
    border_share: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """Words on the picture during `span`, at `y` (share of the height, top of the words), letters `size` high.

    Plain words stand centred in Pillow's own font, which has Latin letters only. With a `style` they are a caption in
    a real font, its middle at `x` (share of the width); `motion` moves them, in shares of width and height a second.
    """

    text: str
    span: Span
    y: float = 0.75
    size: float = 0.05
    x: float = 0.5
    style: CaptionStyle | None = None
    motion: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        if self.style is None and (self.x != 0.5 or self.motion != (0.0, 0.0)):
            raise UsageError("only words with a style can stand elsewhere or move", where="Writing")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSpec:
    """What a clip should hold. Times are seconds on the clip's clock and move to the next frame; the truth says where.

    `width_px` and `height_px` are as displayed: `rotation_deg` (clockwise, metadata) and `sample_aspect`
    (numerator, denominator) change what is coded. Shots lie between `cuts_s`, all of one `look`. `keyframe_every_s` is
    the longest distance of keyframes, and with `scene_cut` off also the shortest. `letterbox` are black shares (left,
    top, right, bottom). Without `tones`, `speech` and `backgrounds` a clip with audio has one quiet tone. `motion` 0
    stands still; `grain` is the peak of sensor noise in units of 255. `movflags` go to the MP4 writer: `+faststart`
    puts the index first, `frag_keyframe+delay_moov` writes fragments.
    """

    seed: int = 0
    duration_s: float = 6.0
    width_px: int = 360
    height_px: int = 640
    frame_rate_hz: float = 30.0
    is_variable_rate: bool = False
    has_video: bool = True
    has_audio: bool = True
    cuts_s: tuple[float, ...] = ()
    inserts: tuple[Insert, ...] = ()
    writings: tuple[Writing, ...] = ()
    tones: tuple[Tone, ...] = ()
    speech: tuple[Spoken, ...] = ()
    backgrounds: tuple[Background, ...] = ()
    look: Look = Look.BUSY
    motion: float = 1.0
    grain: int = 2
    letterbox: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    rotation_deg: int = 0
    sample_aspect: tuple[int, int] = (1, 1)
    is_full_range: bool = False
    is_hdr: bool = False
    keyframe_every_s: float = 1.0
    scene_cut: bool = True
    codec: str = "h264"
    audio_codec: str = "aac"
    audio_rate_hz: int = 44_100
    preset: str = "veryfast"
    movflags: str = ""

    def __post_init__(self) -> None:
        if self.duration_s <= 0 or self.frame_rate_hz <= 0 or not (self.has_video or self.has_audio):
            raise UsageError("a clip needs a duration, a frame rate, and picture or sound", where="ClipSpec")
        if self.rotation_deg not in (0, 90, 180, 270):
            raise UsageError(f"rotation_deg {self.rotation_deg} is not 0, 90, 180 or 270", where="ClipSpec")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Where words stand: when, what, and the box around their letters on the upright picture.

    Words that move have `box` where they start, and their box at every frame in `path`.
    """

    text: str
    span: Span
    box: Box
    path: tuple[TimedBox, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Words that are spoken, in which language, and when their sound begins and ends."""

    text: str
    language: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What the written clip really holds, on its own clock.

    `shots` are the stretches between cuts, each insert a shot of its own; `inserts` has one span for each of
    `spec.inserts`, in order. `content_box` is the picture inside the letterbox. `keyframe_times_s` are those the
    encoder made.
    """

    path: Path
    spec: ClipSpec
    duration_s: float
    frame_times_s: tuple[float, ...]
    keyframe_times_s: tuple[float, ...]
    shots: tuple[Span, ...]
    inserts: tuple[Span, ...]
    written: tuple[Written, ...]
    content_box: Box
    said: tuple[Said, ...] = ()

    def shown_at(self, time_s: float) -> int | None:
        """The picture seed of the insert on screen at `time_s`, `None` where the scene is."""
        for insert, span in zip(self.spec.inserts, self.inserts, strict=True):
            if span.start_s <= time_s < span.end_s:
                return insert.picture_seed
        return None


def write_clip(path: Path, spec: ClipSpec = ClipSpec()) -> Truth:
    """Write the clip that `spec` describes to `path`; the container follows the suffix. Same spec, same pictures.

    Film and sound go into `.mp4 .mov .mkv .webm .m4a .mp3 .wav` and such; `.jpg .png .webp` hold the first frame,
    `.gif` all of them. Raises UsageError on a spec the container cannot hold. Cost: 6 s of 360x640 about
    1.4 CPU-s, 30 s of 1080x1920 about 50 CPU-s, most of it the encoder.
    """
    from tidegate.testing import film, stills

    truth = truth_of(path, spec)
    if path.suffix.lower() in tuple(Still):
        stills.write(path, spec, truth)
        return truth
    return film.write(path, spec, truth)


def truth_of(path: Path, spec: ClipSpec) -> Truth:
    """The truth of a clip before it is encoded: everything but the keyframes."""
    times_s, end_s = frame_times(spec)
    inserts = tuple(_snapped(insert.span, times_s, end_s) for insert in spec.inserts)
    edges = {_next(cut_s, times_s, end_s) for cut_s in spec.cuts_s}
    edges |= {edge for span in inserts for edge in (span.start_s, span.end_s)}
    marks = [0.0, *sorted(edge for edge in edges if 0.0 < edge < end_s), end_s]
    shots = tuple(Span(start_s=a, end_s=b) for a, b in itertools.pairwise(marks)) if times_s else ()
    left, top, right, bottom = spec.letterbox
    return Truth(
        path=path,
        spec=spec,
        duration_s=end_s,
        frame_times_s=times_s,
        keyframe_times_s=(),
        shots=shots,
        inserts=inserts,
        written=tuple(_written(writing, spec, times_s, end_s) for writing in spec.writings),
        content_box=Box(x=left, y=top, width=1.0 - left - right, height=1.0 - top - bottom),
        said=tuple(_said(spoken, end_s) for spoken in spec.speech) if spec.has_audio else (),
    )


def frame_times(spec: ClipSpec) -> tuple[tuple[float, ...], float]:
    """Presentation times of the frames in seconds, and the end of the clip.

    A variable rate draws each frame's stay between half and three times the regular one, in whole milliseconds.
    """
    if not spec.has_video:
        return (), spec.duration_s
    if not spec.is_variable_rate:
        count = max(1, round(spec.duration_s * spec.frame_rate_hz))
        return tuple(index / spec.frame_rate_hz for index in range(count)), count / spec.frame_rate_hz
    rng = np.random.default_rng([spec.seed, 4])
    times_ms, at_ms = [], 0
    while at_ms < spec.duration_s * 1000:
        times_ms.append(at_ms)
        at_ms += max(1, round(float(rng.uniform(0.5, 3.0)) * 1000 / spec.frame_rate_hz))
    return tuple(at / 1000 for at in times_ms), at_ms / 1000


def _next(time_s: float, times_s: tuple[float, ...], end_s: float) -> float:
    """The first frame time at or after `time_s`, the end of the clip if there is none."""
    return next((at for at in times_s if at >= time_s - 1e-9), end_s)


def _snapped(span: Span, times_s: tuple[float, ...], end_s: float) -> Span:
    return Span(start_s=_next(span.start_s, times_s, end_s), end_s=_next(span.end_s, times_s, end_s))


def _written(writing: Writing, spec: ClipSpec, times_s: tuple[float, ...], end_s: float) -> Written:
    span = _snapped(writing.span, times_s, end_s)
    if writing.style is None:
        return Written(text=writing.text, span=span, box=_plain_box(writing, spec))
    box = _caption_box(writing, spec, 0.0)
    shown_s = [time_s for time_s in times_s if span.start_s <= time_s < span.end_s] if any(writing.motion) else []
    path = tuple(TimedBox(time_s=at_s, box=_caption_box(writing, spec, at_s - span.start_s)) for at_s in shown_s)
    return Written(text=writing.text, span=span, box=box, path=path)


def _plain_box(writing: Writing, spec: ClipSpec) -> Box:
    from tidegate.testing.drawing import lettering

    height, width = lettering(writing.text, round(writing.size * spec.height_px)).shape
    width, top = min(width, spec.width_px), round(writing.y * spec.height_px)
    height = min(height, spec.height_px - top)
    return Box(
        x=((spec.width_px - width) // 2) / spec.width_px,
        y=top / spec.height_px,
        width=width / spec.width_px,
        height=height / spec.height_px,
    )


def _caption_box(writing: Writing, spec: ClipSpec, since_s: float) -> Box:
    caption, left, top = placed(writing, spec, since_s)
    return box_of(caption, left, top, spec.width_px, spec.height_px)


def placed(writing: Writing, spec: ClipSpec, since_s: float) -> tuple[Caption, int, int]:
    """The caption of words with a style, and where (left, top; pixels) its letters begin `since_s` after its start."""
    caption = drawn(writing.text, round(writing.size * spec.height_px), writing.style or CaptionStyle())
    middle = (writing.x + writing.motion[0] * since_s) * spec.width_px
    top = round((writing.y + writing.motion[1] * since_s) * spec.height_px)
    return caption, round(middle - (caption.right - caption.left) / 2), top


def _said(spoken: Spoken, end_s: float) -> Said:
    start_s = min(spoken.at_s, end_s)
    span = Span(start_s=start_s, end_s=min(start_s + spoken.duration_s(), end_s))
    return Said(text=spoken.text, language=spoken.language, span=span)
