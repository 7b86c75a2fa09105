import dataclasses

import numpy as np
import pytest

from tidegate.signals.sound.levels import SILENT_DBFS, audio_of, end_of, levels_dbfs
from tidegate.testing import noises, views
from tidegate.testing.fakes import clip_of, view_of


def test_a_full_scale_square_is_at_zero_and_a_sine_three_decibels_below() -> None:
    sine = np.sin(2 * np.pi * 1000 * np.arange(16_000) / 16_000).astype(np.float32)
    square = np.tile(np.repeat(np.float32([1.0, -1.0]), 8), 1000)
    assert levels_dbfs(square) == pytest.approx(0.0, abs=1e-3)
    assert levels_dbfs(sine) == pytest.approx(-3.01, abs=0.01)


def test_a_constant_offset_is_silence() -> None:
    assert (levels_dbfs(np.full(16_000, 0.7, np.float32)) <= SILENT_DBFS).all()


def test_noise_on_an_offset_has_the_level_of_the_noise() -> None:
    noise = noises.white_noise(1.0, 1, 0.01)
    assert levels_dbfs(noise + np.float32(0.5)).mean() == pytest.approx(levels_dbfs(noise).mean(), abs=0.1)


def test_the_last_part_of_a_frame_counts() -> None:
    assert levels_dbfs(np.zeros(330, np.float32)).shape == (2,)


def test_values_that_are_no_number_are_silence() -> None:
    wave = np.full(1000, np.nan, np.float32)
    wave[:3] = np.inf, -np.inf, 7.0
    found = audio_of(view_of(clip=clip_of((), audio=wave)))
    assert found[:4].tolist() == [0.0, 0.0, 1.0, 0.0]
    assert np.isfinite(found).all()


def test_clean_sound_is_not_copied() -> None:
    wave = noises.tone(1.0)
    assert audio_of(view_of(clip=clip_of((), audio=wave))) is wave


def test_sound_that_outlasts_the_clip_ends_with_it() -> None:
    clip = clip_of((), audio=noises.tone(3.0))
    clip = dataclasses.replace(clip, info=dataclasses.replace(clip.info, duration_s=2.0))
    view = view_of(clip=clip)
    assert end_of(view, audio_of(view)) == 2.0


def test_a_view_without_a_clip_has_no_sound() -> None:
    assert audio_of(views.words_only()).size == 0
