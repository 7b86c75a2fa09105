"""A picture reaches the detectors as its creator sees it, however the file stores it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tidegate.media.decode import decode
from tidegate.media.limits import MediaLimits, SamplingBudget
from tidegate.testing.clips import Truth
from tidegate.testing.painting import frames

FIELDS = {"duration_s": 0.5, "width_px": 270, "height_px": 480, "frame_rate_hz": 10.0, "grain": 0, "has_audio": False}

STORED: dict[str, dict[str, Any]] = {
    "as it is": {},
    "full range": {"is_full_range": True},
    "turned right": {"rotation_deg": 90},
    "turned over": {"rotation_deg": 180},
    "turned left": {"rotation_deg": 270},
    "narrow pixels": {"sample_aspect": (2, 3)},
    "narrow pixels, turned": {"sample_aspect": (2, 3), "rotation_deg": 90},
    "hdr in hevc": {"is_hdr": True, "codec": "hevc"},
    "hdr in h264": {"is_hdr": True},
    "odd size": {"width_px": 271, "height_px": 481},
    "vp9": {"codec": "vp9"},
    "av1": {"codec": "av1"},
}


@pytest.mark.parametrize("kind", STORED)
def test_the_first_frame_is_the_painted_picture(clip: Callable[..., Truth], kind: str) -> None:
    truth = clip(".mkv", **(FIELDS | STORED[kind]))
    seen = decode(truth.path, MediaLimits(), SamplingBudget()).frames[0].rgb
    painted = next(frames(truth.spec, truth))
    assert seen.shape == painted.shape
    assert np.abs(seen.astype(int) - painted).mean() < 10
    assert np.abs(seen.astype(int) - painted[::-1]).mean() > 30, "the measure tells pictures apart"
