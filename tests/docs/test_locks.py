"""The pinned requirements answer pyproject.toml: a change of dependencies without a new lock fails here."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
EXTRAS = PROJECT["optional-dependencies"]
ENVIRONMENTS = [
    {"python_version": minor, "python_full_version": f"{minor}.9", "sys_platform": "linux", "platform_machine": machine}
    for minor in ("3.11", "3.12", "3.13")
    for machine in ("x86_64", "aarch64")
]


def _pins(lock: str) -> list[Requirement]:
    lines = (ROOT / "requirements" / lock).read_text(encoding="utf-8").splitlines()
    return [Requirement(line.rstrip(" \\")) for line in lines if re.match(r"[a-zA-Z0-9]", line)]


def _wanted(extras: tuple[str, ...]) -> list[Requirement]:
    """What the project asks for, with its own extras unfolded."""
    texts = [*PROJECT["dependencies"], *(text for extra in extras for text in EXTRAS[extra])]
    found: list[Requirement] = []
    for text in texts:
        requirement = Requirement(text)
        if requirement.name == PROJECT["name"]:
            found += _wanted(tuple(sorted(requirement.extras)))
        else:
            found.append(requirement)
    return found


def _check(wanted: Requirement, lock: str, environment: dict[str, str]) -> None:
    pins = [
        pin
        for pin in _pins(lock)
        if canonicalize_name(pin.name) == canonicalize_name(wanted.name)
        and (pin.marker is None or pin.marker.evaluate(environment))
    ]
    assert len(pins) == 1, f"{lock} pins {wanted.name} {len(pins)} times for {environment}: run scripts/lock.sh"
    (specifier,) = pins[0].specifier
    assert specifier.operator == "=="
    assert Version(specifier.version) in wanted.specifier, f"{lock}: {pins[0]} is not {wanted}: run scripts/lock.sh"


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda one: "-".join(list(one.values())[::3]))
@pytest.mark.parametrize(("lock", "extras"), [("run.txt", ("all",)), ("dev.txt", ("all", "train"))])
def test_every_dependency_is_pinned_once_within_its_range(
    lock: str, extras: tuple[str, ...], environment: dict[str, str]
) -> None:
    for wanted in _wanted(extras):
        if wanted.marker is None or wanted.marker.evaluate(environment):
            _check(wanted, lock, environment)


def test_the_development_tools_are_pinned() -> None:
    names = {canonicalize_name(pin.name) for pin in _pins("dev.txt")}
    assert {canonicalize_name(Requirement(text).name) for text in PYPROJECT["dependency-groups"]["dev"]} <= names


def test_nothing_is_pinned_differently_for_users_and_developers() -> None:
    users = {(pin.name, str(pin.specifier), str(pin.marker or "")) for pin in _pins("run.txt")}
    developers = {(pin.name, str(pin.specifier), str(pin.marker or "")) for pin in _pins("dev.txt")}
    assert {(name, pinned) for name, pinned, _ in users} <= {(name, pinned) for name, pinned, _ in developers}


def test_the_build_backend_is_pinned_so_that_setting_up_fetches_nothing_unchecked() -> None:
    names = {canonicalize_name(pin.name) for pin in _pins("run.txt")}
    assert {canonicalize_name(Requirement(text).name) for text in PYPROJECT["build-system"]["requires"]} <= names
    assert "editables" in names


def test_every_model_card_names_a_package_that_is_pinned_at_its_version() -> None:
    from tidegate.signals.cards import cards

    pins = {
        (canonicalize_name(pin.name), str(pin.specifier)) for lock in ("run.txt", "weights.txt") for pin in _pins(lock)
    }
    for card in cards().values():
        assert (canonicalize_name(card.package), f"=={card.version}") in pins, card.name
