from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tidegate.errors import NothingDecodedError
from tidegate.media.decode import decode
from tidegate.media.limits import MediaLimits, SamplingBudget
from tidegate.testing import drawing

LIMITS = MediaLimits()


def animation(path: Path, seeds: list[int], duration_ms: int = 200) -> Path:
    frames = [Image.fromarray(np.array(drawing.picture(seed, 80, 60))) for seed in seeds]
    frames[0].save(path, "WEBP", save_all=True, append_images=frames[1:], duration=duration_ms)
    return path


def test_an_animated_webp_is_decoded_frame_by_frame(tmp_path: Path) -> None:
    clip = decode(animation(tmp_path / "a.webp", [1, 2, 3]), LIMITS, SamplingBudget())
    assert clip.clock.times_s == pytest.approx((0.0, 0.2, 0.4))
    assert clip.clock.end_s == pytest.approx(0.6)
    assert [shot.span.start_s for shot in clip.shots] == pytest.approx([0.0, 0.2, 0.4])
    for frame, seed in zip(clip.frames, (1, 2, 3), strict=True):
        assert np.abs(frame.rgb.astype(int) - drawing.picture(seed, 80, 60)).mean() < 12


def test_no_more_frames_are_decoded_than_can_be_paid_for(tmp_path: Path) -> None:
    path = animation(tmp_path / "a.webp", [1, 2] * 30)
    clip = decode(path, LIMITS, SamplingBudget(between_keyframes_frames=1))
    assert clip.coverage.frames_decoded == 16
    assert any(gap.modality.value == "picture" for gap in clip.coverage.gaps)


def test_a_damaged_animation_is_a_partial_clip_or_an_error(tmp_path: Path) -> None:
    whole = animation(tmp_path / "a.webp", [1, 2, 3, 4, 5]).read_bytes()
    for tenth in range(1, 10):
        path = tmp_path / f"cut{tenth}.webp"
        path.write_bytes(whole[: len(whole) * tenth // 10])
        try:
            clip = decode(path, LIMITS, SamplingBudget())
        except NothingDecodedError:
            continue
        assert clip.coverage.decode_errors > 0 or clip.coverage.gaps
