"""A batch goes on past every bad file, keeps its order, and ends with the right exit code."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tidegate.cli.batch import Tally, fed
from tidegate.cli.inputs import Request
from tidegate.cli.paths import Refusal
from tidegate.errors import EmptyFileError, InputNotFoundError
from tidegate.media.ahead import DecodeAhead
from tidegate.media.clip import Clip
from tidegate.records import Upload, Verdict
from tidegate.screening import Screened

REFUSAL = Refusal(name="x", error=InputNotFoundError("no such file"))


class Recorder:
    """A decoder that answers with the sample's clip, refuses empty.mp4, and remembers what was asked."""

    def __init__(self, clip: Clip | None) -> None:
        self.asked: list[str] = []
        self._clip = clip
        self._lock = threading.Lock()

    def decode(self, path: Path) -> Clip:
        with self._lock:
            self.asked.append(path.name)
        if path.name == "empty.mp4":
            raise EmptyFileError("the file has no bytes", where=path.name)
        assert self._clip is not None
        return self._clip


def request(name: str) -> Request:
    return Request(name=name, upload=Upload(id=name), path=Path(name))


def test_coming_files_are_decoded_before_they_are_due(sample: Screened) -> None:
    recorder = Recorder(sample.clip)
    ahead = DecodeAhead(recorder, 2)
    items = fed([request(f"{index}.mp4") for index in range(6)], ahead)
    first = next(items)
    assert isinstance(first, Request)
    assert len(ahead._coming) == 3
    assert ahead.decode(Path("0.mp4")) is sample.clip
    ahead.close()


def test_order_is_kept_and_each_file_is_decoded_once(sample: Screened) -> None:
    recorder = Recorder(sample.clip)
    ahead = DecodeAhead(recorder, 3)
    names = [f"{index}.mp4" for index in range(9)]
    seen = []
    for item in fed([*map(request, names[:4]), REFUSAL, *map(request, names[4:])], ahead):
        seen.append(item.name)
        if isinstance(item, Request):
            assert item.path is not None
            ahead.decode(item.path)
    ahead.close()
    assert seen == [*names[:4], "x", *names[4:]]
    assert sorted(recorder.asked) == names


def test_a_bad_file_raises_for_itself_alone(sample: Screened) -> None:
    ahead = DecodeAhead(Recorder(sample.clip), 2)
    items = list(fed([request("empty.mp4"), request("good.mp4")], ahead))
    with pytest.raises(EmptyFileError):
        ahead.decode(Path("empty.mp4"))
    assert ahead.decode(Path("good.mp4")) is sample.clip
    assert len(items) == 2
    ahead.close()


def test_a_file_that_was_not_announced_is_decoded_at_once(sample: Screened) -> None:
    ahead = DecodeAhead(Recorder(sample.clip), 1)
    assert ahead.decode(Path("surprise.mp4")) is sample.clip
    ahead.close()


def verdict_of(sample: Screened, verdict: Verdict) -> Screened:
    return replace(sample, decision=replace(sample.decision, verdict=verdict))


@pytest.mark.parametrize(
    ("verdicts", "fail_on", "code"),
    [
        ([Verdict.ALLOWED, Verdict.HELD, Verdict.REMOVED], None, 0),
        ([Verdict.ALLOWED, Verdict.HELD], "review", 10),
        ([Verdict.ALLOWED, Verdict.HELD], "restricted", 0),
        ([Verdict.HELD, Verdict.REMOVED], "review", 20),
        ([Verdict.RESTRICTED], "restricted", 20),
        ([Verdict.ALLOWED], "review", 0),
        ([], "review", 0),
    ],
)
def test_the_exit_code_follows_what_was_asked_for(
    sample: Screened, verdicts: list[Verdict], fail_on: str | None, code: int
) -> None:
    tally = Tally()
    for verdict in verdicts:
        tally.add(verdict_of(sample, verdict))
    assert tally.exit_code(fail_on) == code  # type: ignore[arg-type]


def test_anything_unreadable_ends_in_four_whatever_else_there_was(
    sample: Screened, unreadable_sample: Screened
) -> None:
    for bad in (REFUSAL, unreadable_sample):
        tally = Tally()
        tally.add(verdict_of(sample, Verdict.REMOVED))
        tally.add(bad)
        assert tally.exit_code("review") == 4


def test_an_upload_of_words_alone_is_not_unreadable(unreadable_sample: Screened) -> None:
    tally = Tally()
    tally.add(replace(unreadable_sample, path=None))
    assert tally.exit_code(None) == 0


def test_the_summary_counts_everything(sample: Screened, unreadable_sample: Screened) -> None:
    tally = Tally()
    for item in (sample, unreadable_sample, REFUSAL):
        tally.add(item)
    assert tally.text(2.0) == (
        "2 screened in 2.0 s: 1 held (1 of them unreadable), 1 removed, 1 not screened; 1.33 CPU-s"
    )
