from tidegate.media.deadline import Deadline
from tidegate.media.limits import MediaLimits


def test_a_deadline_within_its_limits_is_not_over() -> None:
    deadline = Deadline(MediaLimits())
    assert not deadline.is_over()
    assert not deadline.was_hit
    assert deadline.cpu_s >= 0.0
    assert deadline.wall_s >= 0.0


def test_a_deadline_that_was_hit_stays_hit() -> None:
    deadline = Deadline(MediaLimits(wall_limit_s=0.0))
    while deadline.wall_s == 0.0:
        pass
    assert deadline.is_over()
    assert deadline.was_hit
    assert deadline.is_over()
