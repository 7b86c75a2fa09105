"""The pages hang together: links lead somewhere, commands exist, examples run."""

import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
EVERY_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
HAND_WRITTEN = [page for page in PAGES if page.parent.name != "reference"]


def _fences(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def _anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def _commands(page: Path) -> Iterator[list[str]]:
    """Every `tidegate ...` command of a page's bash fences as its words, without what a shell does around it."""
    for fence in _fences(page, "bash"):
        for line in fence.splitlines():
            for part in re.split(r"&&|\|\||;|\|", line.partition("#")[0]):
                words = shlex.split(part.partition(">")[0])
                if words and Path(words[0]).name == "tidegate":
                    yield words[1:]


@EVERY_PAGE
def test_every_link_inside_the_project_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)|<img[^>]*src=\"([^\"]+)\"", text):
        address = target[0] or target[1]
        if "://" in address:
            continue
        file, _, anchor = address.partition("#")
        there = (page.parent / file).resolve() if file else page
        assert there.exists(), address
        if anchor:
            assert anchor in _anchors(there), address


@EVERY_PAGE
def test_every_page_begins_with_its_title(page: Path) -> None:
    assert page.read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("page", HAND_WRITTEN, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_on_a_page_exists_with_its_options(page: Path) -> None:
    from tidegate.cli.main import tidegate

    for words in _commands(page):
        command: click.Command = tidegate
        rest = list(words)
        while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
            found = command.get_command(click.Context(command), rest.pop(0))
            assert found is not None, words
            command = found
        options = [one for one in command.params if isinstance(one, click.Option)]
        known = {"--help", "-h"} | {name for one in options for name in (*one.opts, *one.secondary_opts)}
        assert {word.partition("=")[0] for word in rest if re.match(r"--?[a-z]", word)} <= known, words


@pytest.mark.parametrize("page", HAND_WRITTEN, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_setting_named_on_a_page_exists(page: Path) -> None:
    from tidegate.settings import TABLE

    names = {setting.name for setting in TABLE}
    sections = "|".join(sorted({name.partition(".")[0] for name in names if "." in name}))
    text = page.read_text(encoding="utf-8")
    assert set(re.findall(rf"`((?:{sections})\.[a-z_]+)`", text)) <= names | _labels_and_modules()
    assert set(re.findall(rf"--set ((?:{sections})\.[a-z_]+)=", text)) <= names


def _labels_and_modules() -> set[str]:
    from tidegate.signals.labels import LABELS

    return set(LABELS)


@pytest.mark.parametrize("page", HAND_WRITTEN, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_settings_file_on_a_page_is_understood(page: Path, tmp_path: Path) -> None:
    from tidegate.settings import resolve

    for fence in _fences(page, "toml"):
        if "project.entry-points" in tomllib.loads(fence) or "[project" in fence:
            continue
        (tmp_path / "tidegate.toml").write_text(fence, encoding="utf-8")
        resolve((), {}, tmp_path)


def test_the_example_clause_is_a_policy_without_a_finding() -> None:
    from tidegate.policy.document import check

    (example,) = _fences(ROOT / "docs" / "how-to" / "write-a-clause.md", "yaml")
    assert check(example).render().strip() == "no errors"


def test_the_example_clause_fires_on_its_own_example(tmp_path: Path) -> None:
    page = ROOT / "docs" / "how-to" / "write-a-clause.md"
    (example,) = _fences(page, "yaml")
    (tmp_path / "own.yaml").write_text(example, encoding="utf-8")
    (caption,) = re.findall(r'A caption such as "([^"]+)"', page.read_text(encoding="utf-8").replace("\n", " "))
    recipe = "Flour 2 EUR, eggs 3 EUR: a whole cake for under 6 EUR"
    lines = [json.dumps({"id": f"u{index}", "caption": text}) for index, text in enumerate((caption, recipe))]
    (tmp_path / "words.jsonl").write_text("\n".join(lines), encoding="utf-8")
    words, policy = str(tmp_path / "words.jsonl"), str(tmp_path / "own.yaml")
    command = ["screen", "--manifest", words, "--policy", policy, "--detectors", "wording.patterns", "--json"]
    # A process of its own: click keeps the help options of a command once it has run.
    program = f"from tidegate.cli.main import main; main({command!r})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    verdicts = [json.loads(line)["decision"]["verdict"] for line in done.stdout.splitlines()]
    assert verdicts == ["held", "allowed"]


def test_the_example_rows_of_labelled_text_are_read(tmp_path: Path) -> None:
    from tidegate.learning.datasets import LABEL_OF, read_rows

    (example,) = _fences(ROOT / "docs" / "how-to" / "train-the-wording-heads.md", "json")
    (tmp_path / "forum_train.jsonl").write_text(example, encoding="utf-8")
    rows = list(read_rows(tmp_path / "forum_train.jsonl"))
    assert [(row.lang, row.group, row.source) for row in rows] == [("en", "", "forum"), ("es", "loaf", "forum")]
    assert {name for row in rows for name in row.labels} <= LABEL_OF.keys()


def test_the_example_bank_is_read_with_real_hashes_in_it(tmp_path: Path) -> None:
    from tidegate.signals.matching.bank import read_bank

    (example,) = _fences(ROOT / "docs" / "how-to" / "match-against-a-bank.md", "json")
    assert all(json.loads(line) for line in example.splitlines())
    path = tmp_path / "known.jsonl"
    path.write_text(example.replace("<64 hex digits>", "a5" * 32), encoding="utf-8")
    bank = read_bank(path)
    assert len(bank) == 2


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module of the how-to, importable under the name it has there."""
    source = _fences(ROOT / "docs" / "how-to" / "add-a-detector.md", "python")[0]
    (tmp_path / "my_package.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "my_package", raising=False)
    return __import__("my_package")


def test_the_example_detector_keeps_every_promise(plugin: ModuleType, tmp_path: Path) -> None:
    suite = _fences(ROOT / "docs" / "how-to" / "add-a-detector.md", "python")[1]
    (tmp_path / "test_shouting.py").write_text(suite, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_shouting.py"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stdout
    assert " passed" in run.stdout


def test_the_example_detector_finds_what_it_says(plugin: ModuleType) -> None:
    from tidegate.records import Signal, TextSource, Upload
    from tidegate.signals.base import TextView, View

    caption = TextView(source=TextSource.CAPTION, text="LOOK AT THIS LOAF")
    found = list(plugin.ShoutingDetector().detect(View(upload=Upload(id="u1"), texts=(caption,))))
    assert [(type(one), one.label) for one in found] == [(Signal, "shouting.capitals")]
