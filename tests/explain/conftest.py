"""The sample upload that the command line's tests use as well."""

import importlib.util
from pathlib import Path

_PATH = Path(__file__).parents[1] / "cli" / "conftest.py"
_SPEC = importlib.util.spec_from_file_location("sample_of_cli", _PATH)
assert _SPEC is not None
assert _SPEC.loader is not None
_SAMPLE = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_SAMPLE)

sample = _SAMPLE.sample
spoken_sample = _SAMPLE.spoken_sample
unreadable_sample = _SAMPLE.unreadable_sample
sample_policy = _SAMPLE.sample_policy
