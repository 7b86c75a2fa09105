"""Progress is for people at a terminal, and says how long still."""

import io
import sys

import pytest

from tidegate.cli.progress import Progress, duration_text, progress_line


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_line_says_how_many_how_fast_and_how_long_still() -> None:
    assert progress_line(12, 300, 4.0, "clip.mp4") == "12/300  3.0/s  1:36 left  clip.mp4"
    assert progress_line(1, 3, 2.5, "bad\x1b.mp4") == "1/3  2.5 s each  0:05 left  bad\\x1b.mp4"


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0:00"), (7, "0:07"), (750, "12:30"), (11045, "3:04:05")])
def test_durations_read_as_a_clock(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


def test_it_draws_over_itself_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    monkeypatch.setenv("TERM", "xterm")
    times = iter([0.0, 1.0, 2.0])
    progress = Progress(2, clock=lambda: next(times))
    progress.advance("a.mp4")
    progress.advance("b.mp4")
    progress.clear()
    assert terminal.getvalue().split("\r\x1b[2K")[1:] == [
        "1/2  1.0/s  0:01 left  a.mp4",
        "2/2  1.0/s  0:00 left  b.mp4",
        "",
    ]


def test_it_is_silent_for_one_file_and_away_from_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    progress = Progress(300)
    progress.advance("a.mp4")
    progress.clear()
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    Progress(1).advance("a.mp4")
    assert terminal.getvalue() == ""
