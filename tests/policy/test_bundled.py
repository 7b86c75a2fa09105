"""The bundled policies are found, named and sound."""

from pathlib import Path

import pytest

from tidegate.errors import PolicyError
from tidegate.policy import bundled
from tidegate.policy.document import check_file


@pytest.mark.parametrize("name", bundled.names())
def test_every_bundled_policy_is_without_errors(name: str) -> None:
    checked = check_file(bundled.path(name))
    assert checked.errors == (), checked.render()


def test_the_default_policy_is_bundled() -> None:
    assert "community" in bundled.names()
    assert bundled.community() == bundled.bundled("community")


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(PolicyError, match="did you mean 'community'"):
        bundled.path("comunity")


def test_a_wheel_without_policies_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.resources.files", lambda _package: tmp_path / "lib" / "tidegate")
    with pytest.raises(PolicyError, match="missing"):
        bundled.folder()


def test_policies_inside_the_package_are_preferred_to_those_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "src" / "tidegate"
    monkeypatch.setattr("importlib.resources.files", lambda _package: package)
    for folder in (tmp_path / "policies", package / "policies"):
        folder.mkdir(parents=True)
        (folder / "community.yaml").write_text("title: x\n")
        assert bundled.folder() == folder
