"""Loosens an ONNX file that was saved for one picture size, so that it runs on any size and can be optimised.

Old exporters wrote the sizes of the example they traced into the graph, and listed weights among the inputs,
which keeps a runtime from folding them. Only those two parts are rewritten; nodes and weights stay as they are.
"""

from collections.abc import Iterator

from tidegate.errors import ModelFileError
from tidegate.signals.visual.onnx_graph import block, number

_IR_VERSION_TAG, _GRAPH_TAG = 1, 7
_INITIALIZER_TAG, _INPUT_TAG, _OUTPUT_TAG, _VALUE_INFO_TAG = 5, 11, 12, 13
_TENSOR_NAME_TAG = 8
_FLOAT = 1
_IR_VERSION = 8

Field = tuple[int, int | bytes, bytes]
"""Tag, value (integer, or bytes of a length-delimited field), and the field as it stands in the file."""


def without_sizes(model: bytes) -> bytes:
    """The same model with inputs and outputs of any size. Raises ModelFileError on bytes that are no ONNX model."""
    try:
        parts = [
            block(_GRAPH_TAG, _loosened(value)) if tag == _GRAPH_TAG and isinstance(value, bytes) else raw
            for tag, value, raw in fields(model)
            if tag != _IR_VERSION_TAG
        ]
    except (IndexError, ValueError) as error:
        raise ModelFileError("not an ONNX model", next_step="install the model's package again") from error
    return number(_IR_VERSION_TAG, _IR_VERSION) + b"".join(parts)


def fields(message: bytes) -> Iterator[Field]:
    """The fields of one protocol-buffer message, in order. Raises ValueError or IndexError when it is malformed."""
    position = 0
    while position < len(message):
        start = position
        key, position = _varint(message, position)
        kind = key & 7
        value: int | bytes
        if kind == 0:
            value, position = _varint(message, position)
        elif kind in (1, 2, 5):
            size, position = _varint(message, position) if kind == 2 else (8 if kind == 1 else 4, position)
            value, position = message[position : position + size], position + size
        else:
            raise ValueError("unknown field kind")
        if position > len(message):
            raise ValueError("the message is cut short")
        yield key >> 3, value, message[start:position]


def _loosened(graph: bytes) -> bytes:
    parsed = list(fields(graph))
    weights = {_first(value, _TENSOR_NAME_TAG) for tag, value, _ in parsed if tag == _INITIALIZER_TAG}
    kept: list[bytes] = []
    for tag, value, raw in parsed:
        if tag in (_INPUT_TAG, _OUTPUT_TAG):
            name = _first(value, 1)
            if name not in weights:
                kept.append(block(tag, block(1, name) + block(2, block(1, number(1, _FLOAT)))))
        elif tag != _VALUE_INFO_TAG:
            kept.append(raw)
    return b"".join(kept)


def _first(message: int | bytes, tag: int) -> bytes:
    if isinstance(message, bytes):
        for found, value, _ in fields(message):
            if found == tag and isinstance(value, bytes):
                return value
    raise ValueError(f"no field {tag}")


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
        if shift > 63:
            raise ValueError("a number of more than 64 bits")
