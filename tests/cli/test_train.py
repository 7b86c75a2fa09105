"""`tidegate train` hands its options to the training of words, and ends in a coded error on bad data."""

from pathlib import Path

import pytest

from tidegate.cli.main import run


def test_an_empty_folder_of_data_is_a_coded_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data").mkdir()
    code = run(["train", "words", "--data", str(tmp_path / "data"), "--out", str(tmp_path / "out")])
    assert code == 2
    assert "TG-L001" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_line_that_is_no_labelled_text_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "words.jsonl").write_text("not json\n")
    assert run(["train", "--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "words.jsonl:1" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["pictures"], ["words"], ["--data", "x"]])
def test_what_cannot_be_trained_is_a_usage_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", *arguments]) == 2
    assert "TG-C001" in capsys.readouterr().err
