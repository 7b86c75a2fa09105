"""What kind of picture a packet holds, read from its first slice header without decoding.

H.264: ITU-T H.264 7.3.1 (nal_ref_idc, nal_unit_type), 7.3.3 (slice_type). HEVC: ITU-T H.265 table 7-1, whose
sub-layer non-reference types are even numbers below 16, 7.3.6.1 (slice_type) and 7.3.2.3.1 (the picture parameter
set's number of extra slice header bits). Other codecs are not taken apart: every picture counts as a reference. A
packet in which no picture begins is damaged.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

_HEAD_BYTES = 24
_MAX_UNITS = 64
_HEVC_PPS = 34
_HEVC_IRAP = range(16, 24)


class Kind(IntEnum):
    """Picture kinds as the demux price needs them; BETWEEN is predicted from both sides and yet a reference."""

    REFERENCE = 0
    INTRA = 1
    DISPOSABLE = 2
    BETWEEN = 3


@dataclass(frozen=True, slots=True)
class Peek:
    """The kind of a packet's picture, its temporal layer (HEVC; 0 elsewhere), and whether it is no picture at all."""

    kind: Kind
    layer: int = 0
    is_damaged: bool = False


@dataclass(frozen=True, slots=True)
class Peeker:
    """`peek(packet bytes) -> Peek` for one stream; `knows_kinds` is false where everything counts as a reference."""

    peek: Callable[[memoryview], Peek]
    knows_kinds: bool


_REFERENCE = Peek(Kind.REFERENCE)
_DAMAGED = Peek(Kind.REFERENCE, is_damaged=True)
_OBU_TYPES = frozenset({1, 2, 3, 4, 5, 6, 7, 8, 15})
_H264_KINDS = (Kind.REFERENCE, Kind.BETWEEN, Kind.INTRA, Kind.REFERENCE, Kind.INTRA)
"""By slice_type modulo 5: P, B, I, SP, SI."""
_HEVC_KINDS = (Kind.BETWEEN, Kind.REFERENCE, Kind.INTRA)
"""By slice_type: B, P, I."""


def peeker(codec: str, extradata: bytes | None) -> Peeker:
    """The Peeker for a codec and its configuration record. Cost: 3 us a packet."""
    if extradata and extradata[0] == 1:
        if codec == "h264" and len(extradata) > 6:
            width = (extradata[4] & 3) + 1
            return Peeker(lambda data: _h264(data, width), knows_kinds=True)
        if codec == "hevc" and len(extradata) > 22:
            size, extra = (extradata[21] & 3) + 1, _extra_bits(extradata)
            return Peeker(lambda data: _hevc(data, size, extra), knows_kinds=True)
    plain = {"vp9": _vp9, "libdav1d": _av1}.get(codec, lambda _: _REFERENCE)
    return Peeker(plain, knows_kinds=False)


class _Bits:
    """The first bytes of a unit as a bit reader that gives zeros past its end."""

    def __init__(self, data: memoryview | bytes) -> None:
        self._left = len(data) * 8
        self._value = int.from_bytes(data, "big")

    def take(self, count: int) -> int:
        """The next `count` bits as an unsigned number."""
        if count > self._left:
            self._left = 0
            return 0
        self._left -= count
        value = self._value >> self._left
        self._value &= (1 << self._left) - 1
        return value

    def number(self) -> int:
        """The next unsigned Exp-Golomb number."""
        zeros = self._left - self._value.bit_length()
        return self.take(2 * zeros + 1) - 1 if 2 * zeros < self._left else self.take(self._left + 1)


def _h264(data: memoryview, length_bytes: int) -> Peek:
    position = 0
    for _ in range(_MAX_UNITS):
        start = position + length_bytes
        if start >= len(data):
            break
        kind = data[start] & 0x1F
        if kind in (1, 2, 5):
            if not data[start] & 0x60:
                return Peek(Kind.DISPOSABLE)
            bits = _Bits(data[start + 1 : start + 1 + _HEAD_BYTES])
            bits.number()
            return Peek(_H264_KINDS[bits.number() % 5])
        position = start + int.from_bytes(data[position:start], "big")
    return _DAMAGED


def _hevc(data: memoryview, length_bytes: int, extra_bits: int) -> Peek:
    position = 0
    for _ in range(_MAX_UNITS):
        start = position + length_bytes
        if start + 1 >= len(data):
            break
        unit = (data[start] >> 1) & 0x3F
        if unit < 32:
            layer = (data[start + 1] & 7) - 1
            if unit < 16 and unit % 2 == 0:
                return Peek(Kind.DISPOSABLE, layer)
            bits = _Bits(data[start + 2 : start + 2 + _HEAD_BYTES])
            bits.take(2 if unit in _HEVC_IRAP else 1)
            bits.number()
            bits.take(extra_bits)
            return Peek(_HEVC_KINDS[min(bits.number(), 2)], layer)
        position = start + int.from_bytes(data[position:start], "big")
    return _DAMAGED


def _vp9(data: memoryview) -> Peek:
    """`frame_marker` is always binary 10 (VP9 bitstream specification 6.2)."""
    return _REFERENCE if len(data) and data[0] >> 6 == 2 else _DAMAGED


def _av1(data: memoryview) -> Peek:
    """The header of the first unit has a zero bit and a type that is not reserved (AV1 specification 5.3.2)."""
    is_sound = len(data) > 0 and not data[0] & 0x80 and (data[0] >> 3 & 15) in _OBU_TYPES
    return _REFERENCE if is_sound else _DAMAGED


def _extra_bits(record: bytes) -> int:
    """`num_extra_slice_header_bits` of the first picture parameter set in an hvcC record; 0 without one."""
    position = 23
    for _ in range(record[22]):
        head = record[position : position + 5]
        if len(head) < 5:
            return 0
        if head[0] & 0x3F == _HEVC_PPS:
            bits = _Bits(record[position + 7 : position + 7 + _HEAD_BYTES])
            bits.number()
            bits.number()
            bits.take(2)
            return bits.take(3)
        position += 3
        for _ in range(int.from_bytes(head[1:3], "big")):
            position += 2 + int.from_bytes(record[position : position + 2], "big")
    return 0
