"""`tidegate detectors` says what looks at an upload, and what cannot."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tidegate.cli.detectors import missing
from tidegate.cli.main import run
from tidegate.records import Signal
from tidegate.signals.base import Need, Requirement, Resources, Tier, View, When
from tidegate.signals.registry import available, built_in


class Absent:
    """A detector whose packages nobody can install."""

    id = "acme.absent@1"
    needs = frozenset({Need.FRAMES})
    emits = frozenset({"visual.nudity"})
    resources = Resources(tier=Tier.DEAR, cpu_s_per_item=0.1, memory_mib=10)
    when: When | None = None

    def __init__(self, *requires: Requirement) -> None:
        self.requires: tuple[Requirement, ...] = requires

    def load(self) -> None: ...

    def detect(self, view: View) -> Iterator[Signal]:
        return iter(())


def test_every_detector_is_listed_with_what_it_says_and_when(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["detectors"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    for detector in available():
        assert detector.id in out
        assert all(label in out for label in detector.emits)
        assert str(detector.when or "always").split(" (")[0] in out


def test_json_has_one_object_for_each_detector(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["detectors", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["id"] for row in rows] == [detector.id for detector in available()]
    assert {row["tier"] for row in rows} == {"cheap", "dear"}
    assert all(row["is_available"] == (row["why_not"] == "") for row in rows)


def test_a_family_is_listed_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["detectors", "matching", "--json"]) == 0
    assert {json.loads(line)["family"] for line in capsys.readouterr().out.splitlines()} == {"matching"}


def test_a_missing_package_is_named_with_the_command_that_brings_it() -> None:
    first = Requirement(package="no_such_package_a", extra="vision")
    second = Requirement(package="no_such_package_b", extra="vision")
    own = Requirement(package="no_such_package_c", extra="x", install="pip install acme")
    assert missing(Absent(first, second)) == "unavailable: needs pip install 'tidegate[vision]'"
    assert missing(Absent(own, first)).endswith("pip install acme and pip install 'tidegate[vision]'")
    assert missing(Absent(Requirement(package="json", extra="x"))) == ""


@pytest.mark.usefixtures("broken_plugin")
def test_a_broken_plugin_is_listed_behind_the_others_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["detectors"]) == 3
    out = capsys.readouterr().out
    assert "metadata." in out
    assert "TG-S006 the plugin shouting of an unknown package cannot be made: ModuleNotFoundError" in " ".join(
        out.splitlines()[-3:]
    )
    assert run(["detectors", "--json"]) == 3
    *listed, last = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["id"] for row in listed] == [detector.id for detector in built_in()]
    assert last["error"]["code"] == "TG-S006"


def test_a_mounted_tagger_is_listed_with_its_labels(bell_tagger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["detectors", "sound.tagger@1"]) == 0
    assert "sound.bell" not in capsys.readouterr().out
    assert run(["detectors", "sound.tagger@1", "--set", f"sound.tagger_paths={bell_tagger}"]) == 0
    assert "sound.bell" in capsys.readouterr().out
