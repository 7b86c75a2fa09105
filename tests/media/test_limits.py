import pytest

from tidegate.media.limits import MediaLimits, too_long


@pytest.mark.parametrize(
    ("duration_s", "said"),
    [
        (7200.0, "7200 s"),
        (3600.04, "3600.040 s"),
        (3600.2, "3600.2 s"),
        (3600.00001, "3600.00001 s"),
    ],
)
def test_a_refused_length_is_shown_to_be_above_the_limit_and_names_the_setting(duration_s: float, said: str) -> None:
    error = too_long(duration_s, MediaLimits(), "long.mp4", " declared")
    assert f"{said} declared, at most 3600 s" in str(error)
    assert "media.max_duration_s" in error.next_step
