"""Fixtures for every test: a private home, golden files, an installed plugin, property tests free of the clock."""

import importlib.metadata
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import pytest
from hypothesis import settings

from tidegate.records import Evidence, Quote, Signal
from tidegate.signals.base import Need, Requirement, Resources, Tier, View, When
from tidegate.signals.registry import ENTRY_POINT_GROUP
from tidegate.signals.sound.tagger import BUILT_IN_FOLDER
from tidegate.testing.clips import ClipSpec, Truth, write_clip

if TYPE_CHECKING:
    from playwright.sync_api import Browser

GOLDEN = Path(__file__).parent / "golden"
CANNOT_INSTALL = os.environ.get("TIDEGATE_CI_CANNOT_INSTALL", "")

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


@pytest.fixture(scope="session")
def lacking() -> Callable[[str, str], NoReturn]:
    """`lacking("chromium", "the console")` skips and says what was not tested; where CI could install it, it fails."""

    def end(package: str, untested: str) -> NoReturn:
        if os.environ.get("CI") and package not in CANNOT_INSTALL:
            pytest.fail(f"{package} is missing on CI, where .ci/run installs it")
        pytest.skip(f"{package} is not installed: {untested} was NOT tested; next: apt-get install {package}")

    return end


@pytest.fixture(scope="module")
def chromium(lacking: Callable[[str, str], NoReturn]) -> "Iterator[Browser]":
    """Chromium of this machine."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        lacking("chromium", "what a browser shows")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


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


class Shouting:
    """A detector as an installed package brings it, with a label of its own."""

    id = "shouting.capitals@1"
    needs = frozenset({Need.TEXTS})
    labels: ClassVar = {"shouting.capitals": "a text written mostly in capitals"}
    emits = frozenset(labels)
    resources = Resources(tier=Tier.CHEAP, cpu_s_per_item=1e-6, memory_mib=0)
    requires: tuple[Requirement, ...] = ()
    when: When | None = None

    def load(self) -> None: ...

    def detect(self, view: View) -> Iterator[Signal]:
        for text in view.texts:
            if text.text.isupper():
                quote = Quote(source=text.source, text=text.text, start_char=0, end_char=len(text.text))
                evidence = Evidence(quote=quote, span=text.span)
                yield Signal(label="shouting.capitals", score=1.0, evidence=evidence, detector_id=self.id)


def _installed(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    entry = importlib.metadata.EntryPoint(name="shouting", value=value, group=ENTRY_POINT_GROUP)
    found = importlib.metadata.entry_points
    monkeypatch.setattr(
        importlib.metadata,
        "entry_points",
        lambda **asked: [entry] if asked == {"group": ENTRY_POINT_GROUP} else found(**asked),
    )


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package that offers `Shouting`."""
    module = ModuleType("shouting_plugin")
    module.Shouting = Shouting  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "shouting_plugin", module)
    _installed(monkeypatch, "shouting_plugin:Shouting")


@pytest.fixture
def broken_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package whose detector cannot be imported."""
    _installed(monkeypatch, "no_such_package:Shouting")


@pytest.fixture
def bell_tagger(tmp_path: Path) -> Path:
    """The folder of a tagger that brings a label of its own, `sound.bell`: the built-in network by another name."""
    folder = tmp_path / "bells"
    shutil.copytree(BUILT_IN_FOLDER, folder)
    form = json.loads((folder / "tagger.json").read_text(encoding="utf-8"))
    form["outputs"][0] |= {"label": "sound.bell", "meaning": "a bell rings"}
    (folder / "tagger.json").write_text(json.dumps(form), encoding="utf-8")
    return folder
