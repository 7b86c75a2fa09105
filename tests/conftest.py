"""Fixtures for every test: a private home, golden files, and property tests that do not depend on the clock."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tidegate.testing.clips import ClipSpec, Truth, write_clip

GOLDEN = Path(__file__).parent / "golden"

# A slow machine must not fail a property test, and CI must find what a developer can find again.
settings.register_profile("tidegate", deadline=None, derandomize=bool(os.environ.get("CI")), print_blob=True)
settings.load_profile("tidegate")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write golden files instead of comparing with them")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty TIDEGATE_HOME, and no other TIDEGATE_* setting of the machine."""
    for name in [name for name in os.environ if name.startswith("TIDEGATE_") and name != "TIDEGATE_VECTORS"]:
        monkeypatch.delenv(name)
    path = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("TIDEGATE_HOME", str(path))
    return path


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with tests/golden/NAME; `pytest --update-golden` writes it instead."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"no golden file {name}: run `pytest --update-golden` and read what it wrote"
        assert text == path.read_text(encoding="utf-8")

    return compare


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Truth]:
    """Make a synthetic clip: `clip(suffix=".mp4", **fields of ClipSpec)`; the same one is made once a session."""
    folder, made = tmp_path_factory.mktemp("clips"), dict[tuple[str, ClipSpec], Truth]()

    def make(suffix: str = ".mp4", **fields: Any) -> Truth:
        key = (suffix, ClipSpec(**fields))
        if key not in made:
            made[key] = write_clip(folder / f"clip-{len(made)}{suffix}", key[1])
        return made[key]

    return make
