"""Uploads with media, and figures that are worked out anew in every test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tidegate.settings import Resolved


@pytest.fixture(autouse=True)
def fresh_figures(django_ready: Resolved) -> Iterator[None]:
    """The live flow remembers nothing of another test."""
    from tidegate.server.console import flow

    flow.forget()
    yield
    flow.forget()


@pytest.fixture
def stored(django_ready: Resolved) -> Callable[[bytes], str]:
    """Put bytes into the blob store; their name there."""
    from tidegate.server.project.places import blob_store

    def put(content: bytes) -> str:
        with blob_store().writer() as writer:
            writer.write(content)
            return writer.commit().sha256

    return put


@pytest.fixture
def with_media(decided: Callable[..., str], stored: Callable[[bytes], str]) -> Callable[..., str]:
    """A decided upload whose media are these bytes; its id."""

    def make(content: bytes, verdict: str = "removed", **fields: object) -> str:
        return decided(verdict, media_sha256=stored(content), media_size_bytes=len(content), **fields)

    return make


@pytest.fixture
def status_file(server_home: Path) -> Iterator[Path]:
    """The file in which the processes' states stand; gone again after the test."""
    path = server_home / "run" / "status.json"
    path.parent.mkdir(exist_ok=True)
    yield path
    path.unlink(missing_ok=True)
