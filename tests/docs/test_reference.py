"""The reference is what the code says, and everything the code offers stands in it."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "tidegate"
REFERENCE = ROOT / "docs" / "reference"


def _load_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference_script", ROOT / "scripts" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SCRIPT = _load_script()
PAGES = ("errors.md", "settings.md", "cli.md", "detectors.md", "labels.md", "records.md", "policy.md")


def _page(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    pages: dict[str, str] = SCRIPT.pages()
    return pages


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_what_the_code_says_today(name: str, written: dict[str, str]) -> None:
    assert _page(name) == written[name], "run `python scripts/reference.py`"


def test_no_page_is_left_over_or_missing(written: dict[str, str]) -> None:
    assert sorted(written) == sorted(PAGES) == sorted(path.name for path in REFERENCE.iterdir())


def test_every_code_in_the_source_is_documented_and_no_other() -> None:
    codes = {code for path in SOURCE.rglob("*.py") for code in re.findall(r"TG-[A-Z]\d{3}", path.read_text("utf-8"))}
    documented = set(re.findall(r"TG-[A-Z]\d{3}", _page("errors.md")))
    assert codes == documented


def test_every_environment_variable_in_the_source_is_documented() -> None:
    from tidegate.settings import TABLE

    named = {
        name.rstrip("_")
        for path in SOURCE.rglob("*.py")
        for name in re.findall(r"[\"'](TIDEGATE_[A-Z_]+)[\"']", path.read_text("utf-8"))
    }
    documented = set(re.findall(r"`(TIDEGATE_[A-Z_]+)`", _page("settings.md")))
    assert {setting.env for setting in TABLE} <= documented
    assert named - {"TIDEGATE"} <= documented


def test_every_option_of_every_command_is_documented() -> None:
    import click

    from tidegate.cli.main import tidegate

    page = _page("cli.md")
    for name, context in SCRIPT.commands(tidegate):
        section = page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        assert section, name
        for parameter in context.command.params:
            if isinstance(parameter, click.Option):
                assert all(option in section for option in (*parameter.opts, *parameter.secondary_opts)), parameter.name
                assert parameter.help or parameter.name == "help", f"{name} {parameter.name} has no help text"


def test_every_detector_card_label_record_and_clause_is_documented() -> None:
    from tidegate import records
    from tidegate.policy.bundled import community
    from tidegate.signals.cards import cards
    from tidegate.signals.labels import LABELS
    from tidegate.signals.registry import built_in

    assert all(f"## {detector.id}\n" in _page("detectors.md") for detector in built_in())
    assert all(f"## {name}\n" in _page("detectors.md") for name in cards())
    assert all(f"| `{label}` |" in _page("labels.md") for label in LABELS)
    classes = [name for name in records.__all__ if isinstance(getattr(records, name), type)]
    assert all(f"## {name}\n" in _page("records.md") for name in classes)
    assert all(f"| {clause.id} |" in _page("policy.md") for clause in community().clauses)


def test_every_label_that_a_built_in_detector_emits_is_meant_for_something() -> None:
    """A label that no clause of the default policy uses must say so in its meaning or serve another detector."""
    from tidegate.policy.bundled import community
    from tidegate.signals.labels import LABELS
    from tidegate.signals.registry import built_in

    used = {label for clause in community().clauses for label in clause.labels}
    asked = {label for detector in built_in() if detector.when for label in detector.when.any_of}
    no_verdict = {"visual.face", "visual.flash", "visual.object", "metadata.declared_ai", "metadata.declared_paid"}
    no_verdict |= {"onscreen.watermark", "onscreen.code", "onscreen.flicker", "sound.beep", "sound.loud_onset"}
    no_verdict |= {"sound.siren", "provenance.broken", "provenance.stripped"}
    no_verdict |= {label for label, meaning in LABELS.items() if meaning.endswith("harmless in itself")}
    no_verdict |= {label for label, meaning in LABELS.items() if meaning.endswith("harmless in themselves")}
    emitted = {label for detector in built_in() for label in detector.emits}
    assert emitted <= LABELS.keys()
    assert emitted - used - asked - no_verdict == set()
