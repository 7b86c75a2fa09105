"""`tidegate config` says every value and where it came from."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tidegate.cli.config import written
from tidegate.cli.main import run
from tidegate.settings import TABLE


def test_every_setting_is_printed_with_its_origin(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    golden: Callable[[str, str], None],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TIDEGATE_HOME", "/var/lib/tidegate")
    (tmp_path / "tidegate.toml").write_text("[sampling]\nmax_frames = 32\n")
    assert run(["config", "--set", "media.max_duration_s=60"]) == 0
    golden("cli/config.txt", capsys.readouterr().out.replace(str(tmp_path), "/here"))


def test_json_has_one_object_for_each_setting(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["name"] for row in rows] == [setting.name for setting in TABLE]
    assert {row["source"] for row in rows} == {"default", "env"}


def test_a_section_or_a_name_prints_only_that(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", "policy", "screening.jobs", "--json"]) == 0
    names = [json.loads(line)["name"] for line in capsys.readouterr().out.splitlines()]
    assert names == ["policy.path", "screening.jobs"]


def test_unset_values_are_a_dash_and_strange_ones_are_escaped() -> None:
    assert (written(None), written(()), written(0.5), written(("a", "b\x1b"))) == ("-", "-", "0.5", "a, b\\x1b")


def test_a_password_in_an_address_is_not_printed() -> None:
    from tidegate.cli.config import without_password

    assert without_password("postgresql://tide:se:cret@db/tidegate") == "postgresql://tide:***@db/tidegate"
    assert without_password("postgresql://tide@db/tidegate") == "postgresql://tide@db/tidegate"
    assert without_password("s3://bucket/a:b@c") == "s3://bucket/a:b@c"
