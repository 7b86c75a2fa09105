"""Every registered detector, and a plugin that arrives by entry point, keeps the promises of a detector."""

import importlib
import importlib.metadata
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tidegate.signals.registry import BUILT_IN, available, check_pipeline, plugins
from tidegate.testing.conformance import DetectorConformance

PLUGIN = '''
"""A detector as a stranger would write one: it measures how dark a picture is."""

from tidegate.records import Evidence, Signal
from tidegate.signals.base import Need, Resources, Tier


class DarknessDetector:
    id = "visual.darkness@1"
    needs = frozenset({Need.FRAMES})
    emits = frozenset({"visual.object"})
    resources = Resources(tier=Tier.CHEAP, cpu_s_per_item=0.0001, memory_mib=1.0)
    requires = ()
    when = None

    def load(self):
        pass

    def detect(self, view):
        for frame in view.frames:
            darkness = 1.0 - float(frame.rgb.mean()) / 255.0
            if darkness > 0.9:
                yield Signal(
                    label="visual.object", score=darkness, evidence=Evidence(span=frame.span), detector_id=self.id
                )
'''


def _suite(name: str) -> type[DetectorConformance]:
    module, _, attribute = name.partition(":")
    kind = getattr(importlib.import_module(module), attribute)
    return type(f"Test{attribute}", (DetectorConformance,), {"make": kind, "__module__": __name__})


for _name in BUILT_IN:
    globals()[f"Test{_name.partition(':')[2]}"] = _suite(_name)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder on the import path with an installed plugin package in it."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "darkness_plugin.py").write_text(PLUGIN)
    metadata = folder / "darkness_plugin-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: darkness-plugin\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[tidegate.detectors]\ndarkness = darkness_plugin:DarknessDetector\n")
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    yield folder
    sys.path.remove(str(folder))
    sys.modules.pop("darkness_plugin", None)


@pytest.mark.usefixtures("site")
class TestPluginByEntryPoint(DetectorConformance):
    @staticmethod
    def make():  # noqa: ANN205 - the class exists only while the fixture does
        (detector,) = (found for found in plugins() if found.id == "visual.darkness@1")
        return detector

    def test_it_joins_the_built_in_ones(self) -> None:
        found = available()
        assert "visual.darkness@1" in {detector.id for detector in found}
        check_pipeline(found)


def test_every_registered_detector_is_under_test() -> None:
    suites = {value.make for value in globals().values() if isinstance(value, type) and "make" in vars(value)}
    assert {detector.__class__ for detector in available()} <= suites | {type(p) for p in plugins()}
