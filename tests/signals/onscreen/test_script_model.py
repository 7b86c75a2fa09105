import json
import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import ModelFileError
from tidegate.signals.onscreen.script_model import (
    BUILT_IN_FOLDER,
    CARD_NAME,
    GRAPH_NAME,
    HEIGHT_PX,
    MAX_WINDOWS,
    WIDTH_PX,
    contrastful,
    read_card,
    read_model,
    window_starts,
    windows,
)


@given(st.integers(1, 4000))
def test_windows_cover_a_line_from_end_to_end(width_px: int) -> None:
    starts = window_starts(width_px)
    assert 1 <= len(starts) <= MAX_WINDOWS
    assert starts[0] == 0
    assert list(starts) == sorted(set(starts))
    if width_px > WIDTH_PX:
        assert starts[-1] + WIDTH_PX == width_px
    if width_px <= WIDTH_PX * MAX_WINDOWS:
        steps = [after - before for before, after in pairwise(starts)]
        assert all(step <= WIDTH_PX for step in steps)


@pytest.mark.parametrize("shape", [(0, 9, 3), (9, 0, 3), (1, 1, 3), (1, 5000, 3), (5000, 1, 3), (20, 90), (30, 300, 4)])
def test_crops_of_every_size_become_windows(shape: tuple[int, ...]) -> None:
    views = windows(np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8))
    assert views.dtype == np.float32
    assert views.shape[1:] == (1, HEIGHT_PX, WIDTH_PX)
    assert 1 <= len(views) <= MAX_WINDOWS
    assert np.isfinite(views).all()


def test_brightness_and_contrast_leave_the_windows_as_they_were() -> None:
    crop = np.random.default_rng(1).integers(0, 200, (32, 200, 3), dtype=np.uint8)
    brighter = (crop // 2 + 100).astype(np.uint8)
    assert np.abs(windows(crop) - windows(brighter)).mean() < 0.08


def test_a_blank_crop_stays_blank() -> None:
    assert np.abs(windows(np.full((40, 200, 3), 77, np.uint8))).max() == 0.0


def test_the_colour_that_shows_the_letters_is_taken() -> None:
    crop = np.full((20, 60, 3), (200, 100, 100), np.uint8)
    crop[5:15, 10:50] = (100, 152, 100)
    assert contrastful(crop).std() > 2 * crop.mean(axis=2).std()


def test_the_built_in_network_is_the_one_its_card_names() -> None:
    model = read_model()
    card = read_card()
    assert len(model.graph) == card["graph"]["size_bytes"] < 2_000_000
    assert {"Latn", "Hani", "Jpan", "Zyyy", "Zzzz"} <= set(model.codes)
    assert len(model.codes) >= 14
    assert 0.3 < model.temperature < 3.0


def copied(folder: Path, **changes: Any) -> Path:
    shutil.copy(BUILT_IN_FOLDER / GRAPH_NAME, folder / GRAPH_NAME)
    card = {**read_card(), **changes}
    (folder / CARD_NAME).write_text(json.dumps({name: value for name, value in card.items() if value is not None}))
    return folder


def test_a_changed_graph_is_refused(tmp_path: Path) -> None:
    with (copied(tmp_path) / GRAPH_NAME).open("ab") as file:
        file.write(b"x")
    with pytest.raises(ModelFileError, match="not the one its card names"):
        read_model(tmp_path)


@pytest.mark.parametrize("missing", ["graph", "codes", "temperature"])
def test_a_card_that_lacks_something_is_refused(tmp_path: Path, missing: str) -> None:
    with pytest.raises(ModelFileError, match="lacks"):
        read_model(copied(tmp_path, **{missing: None}))


@pytest.mark.parametrize("text", ["", "[]", "{", "\ud800".encode("utf-8", "replace").decode()])
def test_a_card_that_is_no_card_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / CARD_NAME).write_text(text, encoding="utf-8")
    with pytest.raises(ModelFileError):
        read_card(tmp_path)


def test_without_files_the_next_step_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError) as caught:
        read_model(tmp_path)
    assert "train_scripts" in caught.value.next_step
    copied(tmp_path)
    (tmp_path / GRAPH_NAME).unlink()
    with pytest.raises(ModelFileError, match="cannot be read"):
        read_model(tmp_path)
