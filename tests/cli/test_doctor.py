"""`tidegate doctor` does the real thing once, and says what is missing and what brings it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tidegate.cli import checks
from tidegate.cli.checks import Check, State, all_checks
from tidegate.cli.main import run
from tidegate.errors import MissingDependencyError, ModelFileError
from tidegate.settings import resolve


def found(**environ: str) -> dict[str, Check]:
    return {f"{check.area}: {check.name}": check for check in all_checks(resolve(environ=environ))}


@pytest.mark.slow
def test_a_sound_machine_has_everything_needed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    by_area: dict[str, int] = {}
    for row in rows:
        assert row["state"] != "failed", row
        by_area[row["area"]] = by_area.get(row["area"], 0) + 1
    assert by_area.keys() == {"system", "packages", "models", "detectors", "programs", "state", "decisions", "media"}
    assert {"area": "media", "name": "decode process"}.items() <= rows[-1].items()
    assert "frames and 2.0 s of sound" in rows[-1]["detail"]


def only(monkeypatch: pytest.MonkeyPatch, *kept: Check) -> None:
    monkeypatch.setattr(checks, "all_checks", lambda _: iter(kept))


def test_something_needed_that_is_missing_ends_in_three(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], golden: Callable[[str, str], None]
) -> None:
    rows = [
        Check(area="packages", name="av", state=State.OK, detail="18.1.0"),
        Check(
            area="packages", name="pdqhash", state=State.OPTIONAL, detail="not installed", next_step="pip install it"
        ),
        Check(area="media", name="decode process", state=State.FAILED, detail="TG-M014 \x1b[2J", next_step="try again"),
    ]
    only(monkeypatch, *rows)
    assert run(["doctor"]) == 3
    out, err = capsys.readouterr()
    golden("cli/doctor.txt", out + err)


def test_what_is_optional_does_not_fail(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    only(monkeypatch, Check(area="models", name="x", state=State.OPTIONAL))
    assert run(["doctor"]) == 0
    assert "everything needed is here, 1 optional missing" in capsys.readouterr().err


def raising(error: Exception) -> Callable[[], str]:
    def look() -> str:
        raise error

    return look


@pytest.mark.parametrize(
    ("error", "state", "detail"),
    [
        (MissingDependencyError("needs a package", next_step="pip install it"), State.OPTIONAL, "needs a package"),
        (ModelFileError("damaged", where="weights"), State.FAILED, "TG-S004 weights: damaged"),
        (OSError("no room"), State.FAILED, "OSError: no room"),
    ],
)
def test_what_goes_wrong_in_a_check_is_what_it_found(error: Exception, state: State, detail: str) -> None:
    check = checks._tried("area", "name", raising(error), missing=State.OPTIONAL)
    assert (check.state, check.detail) == (state, detail)


def test_a_home_that_cannot_be_written_fails(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    resolved = resolve(environ={"TIDEGATE_HOME": str(tmp_path / "file" / "home")})
    assert checks._tried("state", "home", lambda: checks._home(resolved)).state is State.FAILED


def test_a_damaged_policy_or_bank_fails(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("{")
    resolved = resolve([f"policy.path={broken}", f"matching.bank_paths={broken}"], {})
    for look in (checks._policy, checks._banks):

        def one(look: Callable[..., str] = look) -> str:
            return look(resolved)

        assert checks._tried("decisions", "x", one).state is State.FAILED


def test_packages_of_an_extra_are_optional_and_others_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    def requires(_: str) -> list[str]:
        return [
            "no-such-core>=1",
            "no-such-extra==2 ; extra == 'vision'",
            "tidegate[matching] ; extra == 'all'",
            "click>=8.2",
        ]

    monkeypatch.setattr(checks.importlib.metadata, "requires", requires)
    rows: Iterator[Check] = checks._packages()
    states = {row.name: (row.state, row.next_step) for row in rows}
    assert states == {
        "no-such-core": (State.FAILED, "pip install 'tidegate'"),
        "no-such-extra": (State.OPTIONAL, "pip install 'tidegate[vision]'"),
        "click": (State.OK, ""),
    }


@pytest.mark.usefixtures("broken_plugin")
def test_a_broken_plugin_is_a_failed_check_and_the_rest_is_still_looked_at() -> None:
    found = list(checks._detectors(resolve()))
    assert [(check.state, check.name) for check in found if check.state is State.FAILED] == [
        (State.FAILED, "plugin no_such_package:Shouting")
    ]
    assert "TG-S006" in found[0].detail
    assert len(found) > 5


def test_detectors_are_checked_as_the_settings_make_them(tmp_path: Path) -> None:
    pytest.importorskip("faster_whisper")
    found = {check.name: check for check in checks._detectors(resolve([f"speech.model={tmp_path / 'none'}"]))}
    assert found["speech.whisper@1"].state is State.FAILED
    assert "none" in found["speech.whisper@1"].detail


def test_a_mounted_model_that_is_broken_fails_the_pipeline(tmp_path: Path) -> None:
    (found,) = list(checks._detectors(resolve([f"sound.tagger_paths={tmp_path / 'none'}"])))
    assert (found.state, found.name) == (State.FAILED, "pipeline")
    assert "none" in found.detail
