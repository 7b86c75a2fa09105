"""Words made to break readers, through the real command: always one line of result."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tidegate.cli.main import run
from tidegate.testing.clips import Truth

SMALL = {"duration_s": 1.0, "width_px": 90, "height_px": 160}


def test_a_caption_of_ten_megabytes_is_screened(
    clip: Callable[..., Truth], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    caption = tmp_path / "caption.txt"
    caption.write_text("the tide comes in and the tide goes out " * 262_144)
    assert caption.stat().st_size >= 10_000_000
    assert run(["screen", str(clip(**SMALL).path), "--caption-file", str(caption), "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["screening"]["problems"] == []


@pytest.mark.parametrize(
    "caption",
    [
        "low \ud83d tide \udc00",
        "\0\x1b[2J\x07",
        "\u202eedit\u202c",
        "t" + "\u0301" * 5000,
        "\U0010ffff\ufffe",
        " \u3000\n",
    ],
    ids=["lone surrogates", "control characters", "reordering", "accents", "no characters", "blanks"],
)
def test_strange_characters_in_a_sidecar_are_screened(
    clip: Callable[..., Truth], tmp_path: Path, capsys: pytest.CaptureFixture[str], caption: str
) -> None:
    path = tmp_path / "clip.mp4"
    path.symlink_to(clip(**SMALL).path)
    Path(f"{path}.json").write_text(json.dumps({"id": "strange", "caption": caption, "hashtags": [caption]}))
    assert run(["screen", str(path), "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["upload"]["caption"] == caption


def test_strange_characters_reach_neither_terminal_nor_page(
    clip: Callable[..., Truth], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.html"
    caption = "send $100 get $1,000 back guaranteed, dm me \x1b[2J\u202e</script><script>alert(1)</script>\ud800"
    code = run(["screen", str(clip(**SMALL).path), "--caption", caption, "--explain", "--report", str(report)])
    shown = capsys.readouterr()
    assert code == 0
    page = report.read_text(encoding="utf-8")
    for text in (shown.out, shown.err, page):
        assert not {"\x1b", "\u202e", "\ud800"} & set(text)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
