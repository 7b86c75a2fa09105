from collections.abc import Callable
from pathlib import Path

import pytest

from tidegate.errors import UsageError
from tidegate.media.limits import MediaLimits, SamplingBudget
from tidegate.media.pool import DecodePool
from tidegate.testing.clips import Truth
from tidegate.testing.manifests import credentials, manifest_box, sign, store_of, with_boxes, without_manifest

SMALL = {"duration_s": 0.2, "width_px": 64, "height_px": 96, "frame_rate_hz": 15.0}

pytest.importorskip("c2pa", reason="needs tidegate[provenance]")


def test_a_signer_is_the_same_for_one_name_and_another_for_another() -> None:
    assert credentials("a") == credentials("a") != credentials("b")
    assert credentials() == credentials("Sample signer")


def test_the_store_of_a_signed_file_fits_into_a_box_again(clip: Callable[..., Truth], tmp_path: Path) -> None:
    data = sign(clip(**SMALL).path, tmp_path / "signed.mp4").read_bytes()
    assert manifest_box(store_of(data)) in data


def test_taking_a_manifest_out_leaves_the_film_as_it_was(clip: Callable[..., Truth], tmp_path: Path) -> None:
    path = sign(clip(**SMALL).path, tmp_path / "signed.mp4")
    cleaned = tmp_path / "cleaned.mp4"
    cleaned.write_bytes(with_boxes(without_manifest(path.read_bytes())))
    with DecodePool(MediaLimits(), SamplingBudget()) as pool:
        before, after = pool.decode(path), pool.decode(cleaned)
    assert before.marks.manifest is not None
    assert after.marks.manifest is None
    assert before.clock == after.clock


def test_a_file_that_cannot_hold_a_manifest_is_a_usage_error(clip: Callable[..., Truth], tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        sign(clip(**SMALL).path, tmp_path / "signed.mkv")
