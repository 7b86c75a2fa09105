"""LocalEngine keeps every promise of an engine."""

from tidegate.engine.local import LocalEngine
from tidegate.testing.engines import EngineConformance


class TestLocalEngine(EngineConformance):
    make = LocalEngine
