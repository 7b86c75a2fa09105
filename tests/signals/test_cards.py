import dataclasses
from pathlib import Path

import pytest

from tidegate.errors import MissingDependencyError, ModelFileError
from tidegate.signals.cards import ModelCard, cards, locate
from tidegate.signals.registry import built_in


def card_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, digest: str) -> ModelCard:
    package = tmp_path / "made_up_weights"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('the package must not be imported')")
    (package / "weights.bin").write_bytes(data)
    monkeypatch.syspath_prepend(tmp_path)
    card = next(iter(cards().values()))
    return dataclasses.replace(
        card, module="made_up_weights", file="weights.bin", sha256=digest, package="made-up-weights", version="1.0"
    )


def test_every_card_says_what_whose_and_which_bytes() -> None:
    assert cards()
    for name, card in cards().items():
        assert card.name == name
        for field in dataclasses.fields(card):
            assert getattr(card, field.name), f"{name} has no {field.name}"
        assert len(card.sha256) == 64
        assert f"=={card.version}" in card.install or "tidegate[" in card.install


def test_every_card_is_used_by_detectors_that_exist() -> None:
    known = {detector.id for detector in built_in()}
    assert {used for card in cards().values() for used in card.used_by} <= known


@pytest.mark.parametrize("name", sorted(cards()))
def test_installed_weights_are_the_ones_the_card_names(name: str) -> None:
    card = cards()[name]
    try:
        path = locate(card)
    except MissingDependencyError:
        pytest.skip(f"{card.package} is not installed")
    assert path.stat().st_size == card.size_bytes


def test_weights_are_found_without_importing_their_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    card = card_for(tmp_path, monkeypatch, b"", digest)
    assert locate(card) == tmp_path / "made_up_weights" / "weights.bin"


def test_changed_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = card_for(tmp_path, monkeypatch, b"changed", "0" * 64)
    with pytest.raises(ModelFileError, match=r"made-up-weights==1\.0"):
        locate(card)


def test_a_missing_model_file_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = dataclasses.replace(card_for(tmp_path, monkeypatch, b"", "0" * 64), file="none.bin")
    with pytest.raises(ModelFileError, match="missing"):
        locate(card)


def test_a_missing_package_names_the_command_that_brings_it() -> None:
    card = dataclasses.replace(next(iter(cards().values())), module="no_such_package_here", install="pip install x")
    with pytest.raises(MissingDependencyError) as caught:
        locate(card)
    assert caught.value.next_step == "pip install x"
