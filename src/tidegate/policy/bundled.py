"""The policies that come with Tidegate, in a checkout as in an installed wheel."""

from importlib import resources
from pathlib import Path

from tidegate.errors import PolicyError
from tidegate.policy.diagnostics import did_you_mean
from tidegate.policy.document import load
from tidegate.records import Policy

DEFAULT_NAME = "community"


def folder() -> Path:
    """The folder of the bundled policies: `tidegate/policies` of a wheel, else `policies` at the root of a checkout.

    Raises PolicyError when there is neither.
    """
    package = Path(str(resources.files("tidegate")))
    for candidate in (package / "policies", package.parent.parent / "policies"):
        if (candidate / f"{DEFAULT_NAME}.yaml").is_file():
            return candidate
    raise PolicyError(
        "the bundled policies are missing",
        where=str(package),
        next_step="install Tidegate again, or name a policy file",
    )


def names() -> tuple[str, ...]:
    """The names of the bundled policies, sorted."""
    return tuple(sorted(path.stem for path in folder().glob("*.yaml")))


def path(name: str = DEFAULT_NAME) -> Path:
    """The file of a bundled policy. Raises PolicyError with the nearest name if there is none."""
    if name not in names():
        raise PolicyError(f"no bundled policy {name!r}", where=str(folder()), next_step=did_you_mean(name, names()))
    return folder() / f"{name}.yaml"


def bundled(name: str = DEFAULT_NAME) -> Policy:
    """A bundled policy, checked. Raises PolicyError."""
    return load(path(name))


def community() -> Policy:
    """The default policy. Raises PolicyError."""
    return bundled(DEFAULT_NAME)
