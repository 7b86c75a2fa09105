"""From a decoded frame to a small upright full-range sRGB picture: matrix, range, HDR, alpha, aspect, rotation.

Code points are those of ITU-T H.273. Transfer functions: PQ from SMPTE ST 2084 / ITU-R BT.2100 table 4, HLG from
BT.2100 table 5 with the display gamma 1.2 for 1000 cd/m2, sRGB from IEC 61966-2-1. The BT.2020 to BT.709 matrix is
ITU-R BT.2087-0. Tone mapping leaves luminance alone up to a knee and bends it with an exponential shoulder, of equal
slope at the knee, towards white: what a clip shows at SDR brightness looks as it would in SDR.
"""

import functools
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from av.video.frame import VideoFrame
    from av.video.reformatter import VideoReformatter

_PQ, _HLG = 16, 18
_BT709, _UNSPECIFIED, _SMPTE170M, _BT2020 = 1, 2, 6, 9
_LIMITED, _FULL = 1, 2
_REFERENCE_WHITE_NITS = 203.0
"""Graphics white in HDR, ITU-R BT.2408; it maps to SDR white before the shoulder."""
_PEAK_NITS = 1000.0
_KNEE = 0.7
_TO_BT709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], dtype=np.float32
)
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Turn:
    """How a stored picture becomes upright: mirror left-right first, then so many quarter turns counter-clockwise."""

    is_mirrored: bool = False
    quarter_turns: int = 0

    @property
    def swaps_sides(self) -> bool:
        """Whether width and height change places."""
        return self.quarter_turns % 2 == 1

    def apply(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The upright picture, contiguous."""
        turned = picture[:, ::-1] if self.is_mirrored else picture
        return np.ascontiguousarray(np.rot90(turned, self.quarter_turns))


EXIF_TURNS = {
    2: Turn(is_mirrored=True),
    3: Turn(quarter_turns=2),
    4: Turn(is_mirrored=True, quarter_turns=2),
    5: Turn(is_mirrored=True, quarter_turns=1),
    6: Turn(quarter_turns=3),
    7: Turn(is_mirrored=True, quarter_turns=3),
    8: Turn(quarter_turns=1),
}
"""EXIF orientation (tag 274) -> what makes the picture upright; any other value asks for nothing."""


def turn_of(frame: "VideoFrame") -> Turn:
    """The turn that the frame's display matrix asks for, to the nearest quarter; none without a matrix."""
    try:
        data: Any = frame.side_data.get("DISPLAYMATRIX") if frame.side_data else None
    except ValueError:
        # The frame carries a kind of side data that the binding cannot name (EXIF is one); the angle still comes out.
        return Turn(quarter_turns=round(frame.rotation / 90) % 4)
    raw = bytes(data) if data is not None else b""
    if len(raw) < 36:
        return Turn()
    a, b, _, c, d = struct.unpack("=5i", raw[:20])
    return turn_of_matrix(a, b, c, d)


def turn_of_matrix(a: int, b: int, c: int, d: int) -> Turn:
    """The turn of the display matrix [[a b][c d]] (x' = ax + cy, y' = bx + dy, y down)."""
    if a * d - b * c < 0:
        a, b = -a, -b
        mirrored = True
    else:
        mirrored = False
    if not (a or b):
        return Turn()
    clockwise = round(float(np.degrees(np.arctan2(b, a))) / 90.0)
    return Turn(mirrored, -clockwise % 4)


def target_size(width_px: int, height_px: int, aspect: float, side_px: int) -> tuple[int, int]:
    """Size of the stored picture in square pixels with the longest side at most `side_px`, at least 1 x 1."""
    wide, high = width_px * aspect, float(height_px)
    scale = min(1.0, side_px / max(wide, high))
    return max(1, round(wide * scale)), max(1, round(high * scale))


class Converter:
    """Scales decoded frames and turns them into upright sRGB; keeps one scaler per kind of work.

    Scaling first to small YUV without chroma subsampling and only then to RGB costs no more than going straight to
    RGB and is exact to half a level, where the straight way is dark by one or two.
    """

    def __init__(self, side_px: int) -> None:
        from av.video.reformatter import VideoReformatter

        self._side_px = side_px
        self._shrink, self._colour = VideoReformatter(), VideoReformatter()
        self._tiny, self._tiniest = VideoReformatter(), VideoReformatter()

    def shrink(self, frame: "VideoFrame", aspect: float) -> "VideoFrame":
        """The frame at its target size, still to be coloured by `picture`. Cost: 1.1 ms from 1080x1920."""
        width, height = target_size(frame.width, frame.height, aspect, self._side_px)
        if frame.color_trc in (_PQ, _HLG):
            return self._scaled(self._shrink, frame, width, height, "rgb48le")
        if has_alpha(frame):
            return self._scaled(self._shrink, frame, width, height, "rgba")
        if not _is_plain_yuv(frame):
            return self._scaled(self._shrink, frame, width, height, "rgb24")
        small = self._shrink.reformat(frame, width, height, "yuv444p", interpolation=_area(), threads=1)
        # What an unmarked picture means depends on its size, which the small one no longer tells.
        small.colorspace, small.color_range = matrix_and_range(frame)
        return small

    def picture(self, small: "VideoFrame", turn: Turn) -> NDArray[np.uint8]:
        """A shrunk frame as uint8 (height, width, 3), upright, full-range sRGB. Cost: 0.7 ms; HDR 25 ms."""
        name = small.format.name
        if name == "rgb48le":
            return turn.apply(tone_map(small.to_ndarray(), small.color_trc))
        if name == "rgba":
            return turn.apply(over_contrast(small.to_ndarray()))
        if name != "rgb24":
            small = self._scaled(self._colour, small, small.width, small.height, "rgb24")
        return turn.apply(small.to_ndarray().astype(np.uint8, copy=False))

    def miniature(self, frame: "VideoFrame", side_px: int) -> NDArray[np.uint8]:
        """Any frame as a uint8 (side_px, side_px, 3) miniature. Cost: 0.5 ms from 1080x1920, 0.1 ms from a shrunk one.

        As stored: not turned, not tone-mapped, transparency ignored.
        """
        scaler = self._tiniest if max(frame.width, frame.height) <= self._side_px else self._tiny
        tiny = self._scaled(scaler, frame, side_px, side_px, "rgb24")
        return tiny.to_ndarray().astype(np.uint8, copy=False)

    def _scaled(
        self, scaler: "VideoReformatter", frame: "VideoFrame", width_px: int, height_px: int, pixel_format: str
    ) -> "VideoFrame":
        """By area averaging into an RGB format, with matrix and range made explicit."""
        matrix, colour_range = matrix_and_range(frame)
        return scaler.reformat(
            frame,
            width_px,
            height_px,
            pixel_format,
            src_colorspace=matrix,
            interpolation=_area(),
            src_color_range=colour_range,
            dst_color_range=_FULL,
            threads=1,
        )


def _area() -> int:
    from av.video.reformatter import Interpolation

    return int(Interpolation.AREA | Interpolation.ACCURATE_RND)


def _is_plain_yuv(frame: "VideoFrame") -> bool:
    return frame.format.name.startswith(("yuv", "nv12", "p010")) and not has_alpha(frame)


def matrix_and_range(frame: "VideoFrame") -> tuple[int, int]:
    """(matrix, range) to convert with; unmarked pictures are BT.709 from 720 lines or 1280 columns up, else BT.601.

    Numbers are those the scaler expects: 1 BT.709, 5 BT.601, 7 SMPTE 240M, 9 BT.2020; range 1 limited, 2 full.
    """
    matrix = {1: 1, 4: 4, 5: 5, 6: 5, 7: 7, 9: 9, 10: 9}.get(frame.colorspace, 0)
    if not matrix:
        is_high = min(frame.width, frame.height) >= 720 or max(frame.width, frame.height) >= 1280
        matrix = 9 if frame.color_trc in (_PQ, _HLG) else 1 if is_high else 5
    is_full = frame.color_range == _FULL or (frame.color_range == 0 and frame.format.name.startswith("yuvj"))
    return matrix, _FULL if is_full else _LIMITED


def has_alpha(frame: "VideoFrame") -> bool:
    """Whether the frame may be transparent somewhere."""
    name = frame.format.name
    return name.startswith(("rgba", "bgra", "argb", "abgr", "yuva", "gbrap", "pal8", "ya"))


def over_contrast(rgba: NDArray[np.generic]) -> NDArray[np.uint8]:
    """A picture with transparency laid over black or white, whichever is further from what is opaque.

    A player may show either; the one that hides nothing is chosen.
    """
    pixels = rgba.astype(np.float32)
    colour, opacity = pixels[..., :3], pixels[..., 3:] / 255.0
    weight = float(opacity.sum())
    mean = float((colour * opacity).sum()) / (3.0 * weight) if weight else 0.0
    ground = 0.0 if mean >= 127.5 else 255.0
    laid: NDArray[np.uint8] = np.rint(colour * opacity + ground * (1.0 - opacity)).astype(np.uint8)
    return laid


def tone_map(deep: NDArray[np.generic], transfer: int) -> NDArray[np.uint8]:
    """BT.2020 PQ or HLG code values (uint16, full range) as sRGB uint8, tone-mapped to SDR white at 203 cd/m2."""
    linear = _nits_table(transfer)[deep]
    if transfer == _HLG:
        luminance = linear @ np.array([0.2627, 0.6780, 0.0593], dtype=np.float32)
        linear = _PEAK_NITS * linear * np.power(np.maximum(luminance, 1e-6), 0.2)[..., None]
    relative = np.maximum((linear / _REFERENCE_WHITE_NITS) @ _TO_BT709.T, 0.0)
    luminance = np.maximum(relative @ _LUMINANCE, 1e-6)
    room = 1.0 - _KNEE
    shoulder = _KNEE + room * (1.0 - np.exp(-(luminance - _KNEE) / room))
    mapped = np.where(luminance <= _KNEE, 1.0, shoulder / luminance)
    codes = np.clip(relative * mapped[..., None], 0.0, 1.0) * (_SRGB_STEPS - 1)
    picture: NDArray[np.uint8] = _srgb_table()[codes.astype(np.uint16)]
    return picture


_SRGB_STEPS = 16384


@functools.cache
def _nits_table(transfer: int) -> NDArray[np.float32]:
    """Code value -> cd/m2 for PQ, scene light in [0, 1] for HLG."""
    code = np.arange(65536, dtype=np.float64) / 65535.0
    if transfer == _PQ:
        m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
        power = np.power(code, 1.0 / m2)
        return (10000.0 * np.power(np.maximum(power - c1, 0.0) / (c2 - c3 * power), 1.0 / m1)).astype(np.float32)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(code <= 0.5, code**2 / 3.0, (np.exp((code - c) / a) + b) / 12.0).astype(np.float32)


@functools.cache
def _srgb_table() -> NDArray[np.uint8]:
    linear = np.arange(_SRGB_STEPS, dtype=np.float64) / (_SRGB_STEPS - 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.power(linear, 1 / 2.4) - 0.055)
    return np.rint(encoded * 255.0).astype(np.uint8)
