"""Writes ONNX graphs: just enough of the format to state a picture network whose weights we hold as arrays.

Format: ONNX 1.x protocol buffers (`onnx.proto3`, IR version 8, operator set 13); the field numbers below are its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

_IR_VERSION = 8
_OPSET = 13
_FLOAT = 1
_ATTRIBUTE_INT = 2
_ATTRIBUTE_INTS = 7
_ATTRIBUTE_FLOAT = 1

Attribute = int | float | tuple[int, ...]


def varint(value: int) -> bytes:
    """A non-negative integer in protocol-buffer form: seven bits a byte, lowest first."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(tag: int, value: int) -> bytes:
    """Field `tag` holding a non-negative integer."""
    return varint(tag << 3) + varint(value)


def block(tag: int, data: bytes | str) -> bytes:
    """Field `tag` holding bytes, a text or a message."""
    raw = data.encode() if isinstance(data, str) else data
    return varint(tag << 3 | 2) + varint(len(raw)) + raw


@dataclass(slots=True)
class Graph:
    """A graph under construction. Values are known by name; `add` returns the name of what a node makes."""

    name: str
    _nodes: list[bytes] = field(default_factory=list)
    _weights: list[bytes] = field(default_factory=list)

    def weight(self, name: str, array: NDArray[np.float32]) -> str:
        """Store a constant float32 array."""
        dims = b"".join(number(1, size) for size in array.shape)
        raw = np.ascontiguousarray(array, "<f4").tobytes()
        self._weights.append(block(5, dims + number(2, _FLOAT) + block(8, name) + block(9, raw)))
        return name

    def add(self, operator: str, inputs: Sequence[str], output: str, **attributes: Attribute) -> str:
        """Append one node with one output."""
        parts = [block(1, name) for name in inputs]
        parts += [block(2, output), block(3, output), block(4, operator)]
        parts += [block(5, _attribute(name, value)) for name, value in attributes.items()]
        self._nodes.append(block(1, b"".join(parts)))
        return output

    def to_bytes(self, inputs: dict[str, Sequence[int | str]], outputs: dict[str, Sequence[int | str]]) -> bytes:
        """The whole model. Shapes are sequences of sizes; a text stands for a size that may vary."""
        body = b"".join(self._nodes) + block(2, self.name) + b"".join(self._weights)
        body += b"".join(block(11, _value(name, shape)) for name, shape in inputs.items())
        body += b"".join(block(12, _value(name, shape)) for name, shape in outputs.items())
        opset = block(8, block(1, "") + number(2, _OPSET))
        return number(1, _IR_VERSION) + block(2, "tidegate") + block(7, body) + opset


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, tuple):
        ints = b"".join(number(8, item) for item in value)
        return block(1, name) + ints + number(20, _ATTRIBUTE_INTS)
    if isinstance(value, float):
        raw = varint(2 << 3 | 5) + np.float32(value).tobytes()
        return block(1, name) + raw + number(20, _ATTRIBUTE_FLOAT)
    return block(1, name) + number(3, value) + number(20, _ATTRIBUTE_INT)


def _value(name: str, shape: Sequence[int | str]) -> bytes:
    dims = [block(1, number(1, size) if isinstance(size, int) else block(2, size)) for size in shape]
    tensor = number(1, _FLOAT) + block(2, b"".join(dims))
    return block(1, name) + block(2, block(1, tensor))
