"""Small files, small functions, plain names, and nothing in the tree that belongs to one machine."""

import ast
import os
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
CODE = [*SOURCES, *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "benchmarks").rglob("*.py"))]
MOST_LINES_IN_A_FILE = 400
MOST_LINES_IN_A_FUNCTION = 40
MEDIAN_LINES_IN_A_FILE = 150
NAMES_THAT_SAY_NOTHING = {"utils", "util", "common", "helpers", "helper", "misc", "tools", "shared", "base_classes"}
UNCLEAR_ARGUMENTS = {"conf", "thr", "thresh", "len"}


def _relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    """Every function of a module with its lines, docstring not counted."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            doc = node.body[0]
            is_doc = isinstance(doc, ast.Expr) and isinstance(doc.value, ast.Constant)
            doc_lines = ((doc.end_lineno or doc.lineno) - doc.lineno + 1) if is_doc else 0
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1 - doc_lines


@pytest.mark.parametrize("path", CODE, ids=_relative)
def test_a_file_is_short_enough_to_be_read(path: Path) -> None:
    assert _lines(path) <= MOST_LINES_IN_A_FILE


def test_half_of_the_source_files_are_shorter_than_the_aim() -> None:
    assert statistics.median(map(_lines, SOURCES)) <= MEDIAN_LINES_IN_A_FILE


@pytest.mark.parametrize("path", SOURCES, ids=_relative)
def test_every_function_fits_on_a_screen(path: Path) -> None:
    assert [(name, count) for name, count in _functions(path) if count > MOST_LINES_IN_A_FUNCTION] == []


@pytest.mark.parametrize("path", SOURCES, ids=_relative)
def test_a_name_says_what_is_in_it(path: Path) -> None:
    assert not set(path.relative_to(ROOT).with_suffix("").parts) & NAMES_THAT_SAY_NOTHING
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    assert not {node.arg for node in nodes if isinstance(node, ast.arg)} & UNCLEAR_ARGUMENTS


def test_no_room_is_empty() -> None:
    for folder in (ROOT / "src" / "tidegate").rglob("*"):
        if folder.is_dir() and folder.name != "__pycache__":
            assert [item for item in folder.iterdir() if item.name != "__pycache__"], folder


@pytest.mark.parametrize("path", [path for path in SOURCES if "migrations" not in path.parts], ids=_relative)
def test_every_public_thing_says_its_purpose(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "the module has no docstring"
    for node in tree.body:
        is_definition = isinstance(node, ast.FunctionDef | ast.ClassDef)
        if is_definition and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name


def _tracked() -> list[Path]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    if run.returncode != 0:
        pytest.skip("not a git checkout: the files that belong to the project are unknown")
    return [ROOT / name for name in run.stdout.split("\0") if name and (ROOT / name).is_file()]


def _words_of_this_machine() -> set[str]:
    """The checkout's parent, the home folder, and the hosts of package indexes that this machine is set to."""
    words = {f"{ROOT.parent}/", f"{Path.home()}/"} - {"//", "/tmp/"}  # noqa: S108 - a name to look for
    listing = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, timeout=60, check=False
    ).stdout
    settings = listing + " ".join(value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_")))
    for address in re.findall(r"https?://[^\s'\",]+", settings):
        words.add(urlsplit(address).hostname or "")
    return {word for word in words if len(word) > 5}


def test_nothing_in_the_tree_belongs_to_one_machine() -> None:
    words = _words_of_this_machine()
    for path in _tracked():
        content = path.read_bytes()
        found = [word for word in words if word.encode() in content]
        assert not found, f"{_relative(path)} names {found}"


def test_locks_hold_hashes_and_no_addresses() -> None:
    locks = sorted((ROOT / "requirements").glob("*.txt"))
    assert locks
    for lock in locks:
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text, lock.name
        assert "--index" not in text, lock.name
        assert not re.search(r"^(torch|nvidia|triton)", text, re.MULTILINE), lock.name
        for block in re.split(r"\n(?=[a-z0-9])", text):
            assert "--hash=sha256:" in block, f"{lock.name}: {block[:60]}"


def test_nothing_is_left_for_later_in_words() -> None:
    unfinished = re.compile(r"\b(TODO|FIXME|XXX|HACK|NotImplementedError)\b")
    for path in SOURCES:
        assert not unfinished.search(path.read_text(encoding="utf-8")), _relative(path)
