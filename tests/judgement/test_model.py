"""Fusion files are read strictly, merged whatever their order, and every fault names file, row and field."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import FusionModelError
from tidegate.judgement.model import FusionModel

BASE: dict[str, Any] = {
    "format": "tidegate.fusion@1",
    "id": "base@1",
    "base_rates": [
        {"clause": "hate", "rate": 0.001, "low": 0.0005, "high": 0.002, "basis": "assumed", "source": "test"}
    ],
    "fallback": {
        "label": {"group": "unlisted", "points": [[0.0, 0.0, 1.0], [1.0, 4.0, 1.0]], "source": "test"},
        "base_rate": {"rate": 0.001, "low": 0.0001, "high": 0.01, "source": "test"},
    },
}
ROW: dict[str, Any] = {
    "label": "wording.hate",
    "group": "words",
    "points": [[0.0, 0.0, 0.1], [1.0, 4.0, 0.2]],
    "basis": "measured",
    "labelled_count": 9,
    "source": "test",
}
WORDS: dict[str, Any] = {
    "format": "tidegate.fusion@1",
    "id": "words@2",
    "labels": [ROW],
    "groups": [{"group": "words", "discount": 0.3, "source": "test"}],
}


def _files(**files: Any) -> dict[str, bytes]:
    return {f"{name}.json": json.dumps(content).encode() for name, content in files.items()}


def _changed(base: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    content = copy.deepcopy(base)
    holder: Any = content
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return content


def test_files_are_merged_and_named_in_the_version() -> None:
    model = FusionModel.from_files(_files(base=BASE, words=WORDS))
    assert model.version == "base@1 words@2"
    assert model.calibration("wording.hate", "wording.heads@1").labelled_count == 9
    assert model.base_rate("hate").rate == 0.001
    assert model.discount("words") == 0.3
    assert model.measured_labels == {"wording.hate"}


def test_the_digest_depends_on_the_rows_and_not_on_file_names_or_white_space() -> None:
    one = FusionModel.from_files(_files(base=BASE, words=WORDS))
    other = FusionModel.from_files({"z.json": json.dumps(BASE, indent=3).encode(), **_files(a=WORDS)})
    changed = FusionModel.from_files(_files(base=BASE, words=_changed(WORDS, ("labels", 0, "labelled_count"), 10)))
    assert one.digest == other.digest != changed.digest


def test_a_label_without_a_row_is_worth_the_assumed_fallback_and_a_clause_the_fallback_rate() -> None:
    model = FusionModel.from_files(_files(base=BASE))
    assert model.calibration("acme.gore", "acme.gore@1").basis == "assumed"
    assert model.base_rate("another").clause == "*"
    assert model.discount("another") == 0.5


def test_a_row_for_one_detector_is_preferred_for_its_scores_only() -> None:
    own = {**ROW, "detector_id": "wording.heads@2", "labelled_count": 77}
    model = FusionModel.from_files(_files(base=BASE, words={**WORDS, "labels": [ROW, own]}))
    assert model.calibration("wording.hate", "wording.heads@2").labelled_count == 77
    assert model.calibration("wording.hate", "wording.heads@1").labelled_count == 9


def test_shift_defaults_to_more_for_assumed_rows() -> None:
    assumed = {**ROW, "label": "wording.spam", "basis": "assumed", "labelled_count": 0}
    model = FusionModel.from_files(_files(base=BASE, words={**WORDS, "labels": [ROW, assumed]}))
    assert model.calibration("wording.hate", "x.y@1").shift < model.calibration("wording.spam", "x.y@1").shift


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        (("format",), "tidegate.fusion@9", "words.json: format"),
        (("format",), None, "words.json: format"),
        (("colour",), 1, "words.json"),
        (("labels",), {}, "words.json: labels"),
        (("labels", 0), 3, "words.json: labels[0]"),
        (("labels", 0, "label"), "hate", "words.json: labels[0].label"),
        (("labels", 0, "detector_id"), "heads", "words.json: labels[0].detector_id"),
        (("labels", 0, "points", 1, 0), 0.0, "words.json: labels[0].points[1]"),
        (("labels", 0, "points", 1), [1.0, 2.0], "words.json: labels[0].points[1]"),
        (("labels", 0, "points", 1, 1), "4", "words.json: labels[0].points[1]"),
        (("labels", 0, "points", 1, 1), True, "words.json: labels[0].points[1]"),
        (("labels", 0, "basis"), "guessed", "words.json: labels[0].basis"),
        (("labels", 0, "labelled_count"), 0, "words.json: labels[0].labelled_count"),
        (("labels", 0, "labelled_count"), -1, "words.json: labels[0].labelled_count"),
        (("labels", 0, "source"), "", "words.json: labels[0].source"),
        (("labels", 0, "note"), "", "words.json: labels[0]"),
        (("groups", 0, "discount"), 1.5, "words.json: groups[0].discount"),
        (("groups", 0, "discount"), 10**400, "words.json: groups[0].discount"),
    ],
)
def test_a_fault_names_file_row_and_field(path: tuple[Any, ...], value: Any, where: str) -> None:
    with pytest.raises(FusionModelError) as caught:
        FusionModel.from_files(_files(base=BASE, words=_changed(WORDS, path, value)))
    assert caught.value.where == where
    assert caught.value.code == "TG-J001"


def test_a_row_in_two_files_names_both() -> None:
    with pytest.raises(FusionModelError, match=r"wording.hate stands in a.json and again in b.json"):
        FusionModel.from_files(_files(base=BASE, a=WORDS, b={**WORDS, "groups": []}))


def test_a_row_twice_in_one_file_is_refused() -> None:
    with pytest.raises(FusionModelError, match="again in"):
        FusionModel.from_files(_files(base=BASE, words={**WORDS, "labels": [ROW, ROW]}))


@pytest.mark.parametrize("files", [_files(words=WORDS), _files(a=BASE, b={**BASE, "base_rates": []}), {}])
def test_exactly_one_file_brings_the_fallback(files: dict[str, bytes]) -> None:
    with pytest.raises(FusionModelError, match="fallback"):
        FusionModel.from_files(files)


@pytest.mark.parametrize("data", [b"", b"{", b"[1]", b"\xff", b'{"id": 1, "id": 2}', b"[" * 100_000, b"NaN"])
def test_what_is_no_json_object_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(FusionModelError) as caught:
        FusionModel.from_files({"odd.json": data})
    assert caught.value.where.startswith("odd.json")


@given(
    data=st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*BASE, *WORDS, *ROW, "rate"]), inner),
    )
)
def test_any_json_is_read_or_refused_with_a_code(data: Any) -> None:
    files = {"any.json": json.dumps(data).encode(), **_files(base=BASE)}
    try:
        FusionModel.from_files(files)
    except FusionModelError as error:
        assert error.where


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(FusionModelError) as caught:
        FusionModel.load([tmp_path / "none.json"])
    assert caught.value.where == str(tmp_path / "none.json")


def test_files_load_from_disk(tmp_path: Path) -> None:
    for name, data in _files(base=BASE, words=WORDS).items():
        (tmp_path / name).write_bytes(data)
    assert FusionModel.load(tmp_path.glob("*.json")).version == "base@1 words@2"
