import dataclasses
from pathlib import Path
from typing import NoReturn

import pytest

from tidegate.errors import MissingDependencyError, ModelFileError
from tidegate.settings.resolve import HUB_PREFIX
from tidegate.signals.cards import cards
from tidegate.signals.speech import weights
from tidegate.signals.speech.weights import BASE, PARTS, TINY_EN, built_in, folder_of


@pytest.mark.parametrize("name", [BASE, TINY_EN])
def test_a_built_in_model_is_whole(name: str) -> None:
    try:
        files = built_in(name)
    except MissingDependencyError as error:
        pytest.skip(str(error))
    assert set(files) == {"model.bin", "config.json", "tokenizer.json", "vocabulary.txt"}
    assert len(files["model.bin"]) > 70_000_000
    assert files["config.json"].lstrip().startswith(b"{")


def test_a_changed_part_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    first, *rest = PARTS[BASE]
    changed = (dataclasses.replace(first, sha256="0" * 64), *rest)
    monkeypatch.setattr(weights, "PARTS", {BASE: changed})
    with pytest.raises((ModelFileError, MissingDependencyError)) as caught:
        built_in(BASE)
    if isinstance(caught.value, MissingDependencyError):
        pytest.skip(str(caught.value))
    assert caught.value.where.endswith("model.bin.part2")


def test_a_missing_part_names_the_command_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    first, *rest = PARTS[BASE]
    monkeypatch.setattr(weights, "PARTS", {BASE: (dataclasses.replace(first, module="no_such_package_here"), *rest)})
    with pytest.raises(MissingDependencyError) as caught:
        built_in(BASE)
    assert caught.value.next_step == cards()[BASE].install


def model_folder(path: Path, *names: str) -> Path:
    path.mkdir()
    for name in names:
        (path / name).write_bytes(b"{}")
    return path


def test_a_folder_in_the_right_form_is_taken_as_it_is(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "model", "model.bin", "config.json", "tokenizer.json", "vocabulary.json")
    assert folder_of(str(folder)) == folder


def test_a_folder_that_lacks_a_file_is_refused_before_anything_is_fetched(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "model", "model.bin", "config.json")
    with pytest.raises(ModelFileError, match=r"tokenizer\.json, vocabulary"):
        folder_of(str(folder))


@pytest.mark.parametrize(
    "name",
    ["/nowhere/at/all", "./nowhere", "~/nowhere-at-all", "~nobody-here/x", "a/b/c", "so:odd", "owner/name", "small"],
)
def test_a_missing_folder_is_told_and_nobody_asks_the_hub(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(model: str, hub_folder: Path | None) -> NoReturn:
        raise AssertionError(f"asked for {model} in {hub_folder}")

    monkeypatch.setattr(weights, "_downloaded", never)
    with pytest.raises(ModelFileError, match="does not exist"):
        folder_of(name)


Asked = list[tuple[str, str | None, str | None]]


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """What the hub was asked for; it answers with the folder `model`."""
    module = pytest.importorskip("faster_whisper")
    folder = model_folder(tmp_path / "model", "model.bin", "config.json", "tokenizer.json", "vocabulary.txt")
    found: Asked = []

    def download(model: str, *, cache_dir: str | None, revision: str | None) -> str:
        found.append((model, cache_dir, revision))
        return str(folder)

    monkeypatch.setattr(module, "download_model", download)
    return found


def test_a_name_with_the_prefix_is_fetched_into_the_folder_for_downloads(tmp_path: Path, asked: Asked) -> None:
    assert folder_of("hub:owner/whisper-large", hub_folder=tmp_path / "cache") == tmp_path / "model"
    assert asked == [("owner/whisper-large", str(tmp_path / "cache"), None)]


def test_a_name_may_say_which_revision_is_wanted(asked: Asked) -> None:
    folder_of("hub:owner/whisper-large@v1.2")
    assert asked == [("owner/whisper-large", None, "v1.2")]


@pytest.mark.parametrize("name", ["hub:", "hub:name", "hub:a/b/c", "hub:../x", "hub:a/b@", "hub:a/b c", "hub:a/b@c/d"])
def test_what_is_no_name_on_the_hub_is_not_asked_for(name: str, asked: Asked) -> None:
    with pytest.raises(ModelFileError, match="no name of a model") as caught:
        folder_of(name)
    assert caught.value.where == name
    assert asked == []


def test_a_hub_that_does_not_deliver_is_a_model_file_error(monkeypatch: pytest.MonkeyPatch) -> None:
    module = pytest.importorskip("faster_whisper")

    def download(model: str, *, cache_dir: str | None, revision: str | None) -> NoReturn:
        raise ConnectionError(f"{model} {cache_dir} {revision}")

    monkeypatch.setattr(module, "download_model", download)
    with pytest.raises(ModelFileError, match="did not deliver") as caught:
        folder_of("hub:owner/whisper-large")
    assert caught.value.where == "owner/whisper-large: ConnectionError"


def test_the_settings_and_the_weights_agree_how_the_hub_is_named() -> None:
    assert weights.HUB_PREFIX == HUB_PREFIX
