import io
import os
import pickle
import sys
import types
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import ModelFileError
from tidegate.signals.visual.torch_file import read_torch_file

MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001


class Storage:
    def __init__(self, key: str, kind: Any, numbers: "np.ndarray[Any, Any]") -> None:
        self.key, self.kind, self.numbers = key, kind, numbers


class Tensor:
    def __init__(self, storage: Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> None:
        self.parts = (storage, offset, shape, strides, False, OrderedDict())

    def __reduce__(self) -> tuple[Any, ...]:
        return sys.modules["torch._utils"]._rebuild_tensor_v2, self.parts


class Pickler(pickle.Pickler):
    def persistent_id(self, obj: Any) -> Any:
        if isinstance(obj, Storage):
            return ("storage", obj.kind, obj.key, "cpu", len(obj.numbers), None)
        return None


@pytest.fixture
def torch(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """Stands in for PyTorch's names while a file is written; the reader never imports them."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    for module, name in ((torch, "FloatStorage"), (torch, "LongStorage"), (utils, "_rebuild_tensor_v2")):
        made = type(name, (), {"__module__": module.__name__})
        setattr(module, name, made)
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)
    return torch


def file_bytes(state: object, storages: list[Storage]) -> bytes:
    file = io.BytesIO()
    for value in (MAGIC, PROTOCOL, {"little_endian": True}):
        pickle.dump(value, file, protocol=2)
    Pickler(file, protocol=2).dump(state)
    pickle.dump([storage.key for storage in storages], file, protocol=2)
    for storage in storages:
        file.write(len(storage.numbers).to_bytes(8, "little") + storage.numbers.tobytes())
    return file.getvalue()


def sample(torch: types.ModuleType) -> bytes:
    floats = Storage("1", torch.FloatStorage, np.arange(12, dtype="<f4"))
    longs = Storage("2", torch.LongStorage, np.array([5], "<i8"))
    state = OrderedDict(
        weight=Tensor(floats, 0, (2, 3), (3, 1)),
        turned=Tensor(floats, 6, (3, 2), (1, 3)),
        count=Tensor(longs, 0, (), ()),
    )
    return file_bytes(state, [floats, longs])


def test_tensors_are_read_with_their_shape_stride_and_offset(torch: types.ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    path.write_bytes(sample(torch))
    read = read_torch_file(path)
    assert read["weight"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert read["turned"].tolist() == [[6, 9], [7, 10], [8, 11]]
    assert read["count"].tolist() == 5


def test_a_file_that_asks_to_run_something_is_refused_and_nothing_runs(tmp_path: Path) -> None:
    path, witness = tmp_path / "weights.pth", tmp_path / "witness"

    class Hostile:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.mkdir, (str(witness),)

    path.write_bytes(file_bytes(Hostile(), []))
    with pytest.raises(ModelFileError, match="asks for"):
        read_torch_file(path)
    assert not witness.exists()


def test_a_tensor_outside_its_storage_is_refused(torch: types.ModuleType, tmp_path: Path) -> None:
    storage = Storage("1", torch.FloatStorage, np.zeros(4, "<f4"))
    for offset, shape, strides in (
        (0, (5,), (1,)),
        (2, (3,), (1,)),
        (0, (2, 2), (4, 1)),
        (-1, (1,), (1,)),
        (3, (2,), (-1,)),
    ):
        path = tmp_path / "weights.pth"
        path.write_bytes(file_bytes(OrderedDict(w=Tensor(storage, offset, shape, strides)), [storage]))
        with pytest.raises(ModelFileError):
            read_torch_file(path)


def test_every_truncation_is_refused(torch: types.ModuleType, tmp_path: Path) -> None:
    whole, path = sample(torch), tmp_path / "weights.pth"
    for size in range(0, len(whole), 7):
        path.write_bytes(whole[:size])
        with pytest.raises(ModelFileError):
            read_torch_file(path)


@given(st.binary(max_size=300))
def test_any_other_bytes_are_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("torch") / "weights.pth"
    path.write_bytes(data)
    with pytest.raises(ModelFileError):
        read_torch_file(path)
