"""The socket of the desks: its owner's alone, replaced after a crash, reachable however deep its folder lies."""

import asyncio
import stat
from contextlib import closing
from pathlib import Path

import pytest

from tidegate.errors import DeskSocketError, TextsUnavailableError
from tidegate.server.texts.address import listen, reachable, socket_path
from tidegate.server.texts.asking import TextDesks
from tidegate.server.texts.record import TextRequest


def test_the_socket_is_its_owners_alone(tmp_path: Path) -> None:
    path = socket_path(tmp_path / "home")
    with closing(listen(path)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_socket_that_was_left_behind_is_replaced(tmp_path: Path) -> None:
    listen(tmp_path / "s").close()
    with closing(listen(tmp_path / "s")) as second:
        assert second.getsockname() == str(tmp_path / "s")


def test_what_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("mine", encoding="utf-8")
    with pytest.raises(DeskSocketError, match="something else"):
        listen(tmp_path / "s")
    assert (tmp_path / "s").read_text(encoding="utf-8") == "mine"


def test_a_place_where_nothing_can_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DeskSocketError):
        listen(tmp_path / "file" / "s")


def test_a_long_path_is_bound_and_reached(tmp_path: Path) -> None:
    path = tmp_path / ("deep" * 20) / ("deeper" * 20) / "s"
    with closing(listen(path)):
        assert path.is_socket()
        with reachable(path) as address:
            assert len(address) < 100
        with pytest.raises(TextsUnavailableError, match="no answer within"):  # it was reached, and nobody serves it
            asyncio.run(TextDesks(path, timeout_s=0.1).score([TextRequest(id="a", text="low tide")]))
