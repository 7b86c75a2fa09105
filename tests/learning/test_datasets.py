import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import TrainingDataError
from tidegate.learning.datasets import LABEL_OF, MAX_LINE_BYTES, read_folder, read_rows, source_of, sources_with
from tidegate.signals.labels import LABELS

ROW = {"text": "a plain caption", "lang": "en", "labels": {"hate": 0}}

texts = st.text(min_size=1, max_size=60).filter(lambda text: text.strip())
rows = st.fixed_dictionaries(
    {
        "text": texts,
        "lang": st.sampled_from(["en", "ko"]),
        "labels": st.dictionaries(st.sampled_from(list(LABEL_OF)), st.sampled_from([0, 1, True, False])),
    }
)


def _file(folder: Path, content: str | bytes, name: str = "set_en.jsonl") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@settings(max_examples=50, deadline=None)
@given(written=st.lists(rows, max_size=8), blank=st.booleans())
def test_every_written_row_is_read_back_in_order(
    tmp_path_factory: pytest.TempPathFactory, written: list[dict[str, object]], blank: bool
) -> None:
    lines = "\n".join(json.dumps(row) for row in written) + ("\n\n" if blank else "")
    path = _file(tmp_path_factory.mktemp("rows"), gzip.compress(lines.encode()), "set_train.jsonl.gz")
    read = list(read_rows(path))
    assert [(row.text, row.lang, dict(row.labels)) for row in read] == [
        (row["text"], row["lang"], {name: bool(value) for name, value in row["labels"].items()})
        for row in written  # type: ignore[attr-defined]
    ]
    assert {row.source for row in read} <= {"set"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("not json", "no JSON"),
        ("[1]", "no JSON object"),
        (json.dumps({**ROW, "text": "  "}), "`text`"),
        (json.dumps({**ROW, "text": 5}), "`text`"),
        (json.dumps({**ROW, "lang": None}), "`lang`"),
        (json.dumps({**ROW, "labels": ["hate"]}), "`labels`"),
        (json.dumps({**ROW, "labels": {"hate": 0.5}}), "a label is"),
        (json.dumps({**ROW, "labels": {"hate": None}}), "a label is"),
        ("[" * 200_000, "no JSON"),
        ('"' + "x" * (MAX_LINE_BYTES + 5) + '"', "longer than"),
        (b"\xff\xfe{}", "no JSON"),
    ],
)
def test_a_bad_line_is_named_by_file_and_line_and_never_quoted(tmp_path: Path, line: str | bytes, said: str) -> None:
    raw = line if isinstance(line, bytes) else line.encode()
    path = _file(tmp_path, json.dumps(ROW).encode() + b"\n" + raw + b"\n")
    with pytest.raises(TrainingDataError) as caught:
        list(read_rows(path))
    assert said in caught.value.what
    assert caught.value.where == f"{path}:2"
    assert "plain caption" not in str(caught.value)


def test_a_damaged_gzip_file_is_an_error_with_its_name(tmp_path: Path) -> None:
    whole = gzip.compress(json.dumps(ROW).encode() * 200)
    path = _file(tmp_path, whole[:60], "cut.jsonl.gz")
    with pytest.raises(TrainingDataError, match=r"cut\.jsonl\.gz"):
        list(read_rows(path))


def test_rows_are_streamed_not_collected(tmp_path: Path) -> None:
    path = _file(tmp_path, json.dumps(ROW) + "\nbroken\n")
    stream = read_rows(path)
    assert next(stream).text == ROW["text"]
    with pytest.raises(TrainingDataError):
        next(stream)


def test_a_folder_is_read_in_order_of_path_with_its_licence_group(tmp_path: Path) -> None:
    (tmp_path / "share-alike").mkdir()
    _file(tmp_path, json.dumps(ROW), "b.jsonl")
    _file(tmp_path, json.dumps(ROW), "a.jsonl")
    _file(tmp_path / "share-alike", json.dumps(ROW), "c_ko.jsonl")
    assert [(row.source, row.licence_group) for row in read_folder(tmp_path)] == [
        ("a", ""),
        ("b", ""),
        ("c", "share-alike"),
    ]


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataError):
        list(read_folder(tmp_path))


def test_parts_and_languages_of_a_collection_share_its_source() -> None:
    names = {"x_zh_train.jsonl.gz", "x_zh_dev.jsonl.gz", "x_fr.jsonl", "x.jsonl"}
    assert {source_of(Path(name)) for name in names} == {"x"}


def test_only_sources_that_mark_both_values_count(tmp_path: Path) -> None:
    both = [ROW, {**ROW, "labels": {"hate": 1}}]
    _file(tmp_path, "\n".join(map(json.dumps, both)), "both.jsonl")
    _file(tmp_path, json.dumps(ROW), "one.jsonl")
    assert sources_with(list(read_folder(tmp_path)), "hate") == ("both",)


def test_every_label_a_head_may_learn_is_in_the_label_table() -> None:
    assert set(LABEL_OF.values()) <= set(LABELS)
