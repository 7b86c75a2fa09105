"""A web process asks desks: in parts, within bounds, once again when one died, and says so when none answers."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tidegate.errors import DeskProtocolError, TextRequestError, TextsBusyError, TextsUnavailableError, TidegateError
from tidegate.server.texts.address import listen
from tidegate.server.texts.asking import TextDesks
from tidegate.server.texts.record import TextRequest
from tidegate.server.texts.scorer import Scorer
from tidegate.server.texts.wire import (
    HEAD,
    MAX_REQUEST_BYTES,
    MAX_TEXTS_A_FRAME,
    answer_frame,
    error_frame,
    read_request,
    size_of,
)

Serve = Callable[[socket.socket], None]


def _requests(count: int) -> list[TextRequest]:
    return [TextRequest(id=f"c{index}", text=f"low tide {index}") for index in range(count)]


def _read(peer: socket.socket) -> tuple[TextRequest, ...]:
    with peer.makefile("rb") as stream:
        return read_request(stream.read(size_of(stream.read(HEAD.size), MAX_REQUEST_BYTES)))


@contextmanager
def serving(path: Path, *visits: Serve) -> Iterator[list[int]]:
    """Something at the socket that does these things, one a connection; yields a list that grows by one for each."""
    done: list[int] = []
    with closing(listen(path)) as listener:

        def work() -> None:
            for visit in visits:
                peer, _ = listener.accept()
                with peer:
                    visit(peer)
                done.append(1)

        thread = threading.Thread(target=work)
        thread.start()
        yield done
        thread.join(60)
        assert not thread.is_alive()


@pytest.fixture
def answering(scorer: Scorer) -> Serve:
    def answer(peer: socket.socket) -> None:
        peer.sendall(answer_frame(scorer.score(_read(peer))))

    return answer


def _dies(peer: socket.socket) -> None:
    _read(peer)


def _dies_while_answering(peer: socket.socket) -> None:
    _read(peer)
    peer.sendall(HEAD.pack(1000) + b"{")


def _resets(peer: socket.socket) -> None:
    peer.recv(1)  # closing with bytes unread resets the connection


async def _score(path: Path, count: int = 1) -> list[str]:
    return [result.id for result in await TextDesks(path, timeout_s=60).score(_requests(count))]


@pytest.mark.parametrize("count", [1, MAX_TEXTS_A_FRAME, MAX_TEXTS_A_FRAME + 1, 20])
def test_texts_are_asked_in_parts_and_answered_in_order(tmp_path: Path, answering: Serve, count: int) -> None:
    frames = -(-count // MAX_TEXTS_A_FRAME)
    with serving(tmp_path / "s", *[answering] * frames) as done:
        assert asyncio.run(_score(tmp_path / "s", count)) == [one.id for one in _requests(count)]
    assert len(done) == frames


@pytest.mark.parametrize("fails", [_dies, _dies_while_answering, _resets])
def test_a_desk_that_ends_in_the_middle_is_asked_again_once(tmp_path: Path, answering: Serve, fails: Serve) -> None:
    with serving(tmp_path / "s", fails, answering):
        assert asyncio.run(_score(tmp_path / "s")) == ["c0"]


@pytest.mark.parametrize("fails", [_dies, _dies_while_answering, _resets])
def test_texts_over_which_desks_end_twice_are_not_asked_a_third_time(tmp_path: Path, fails: Serve) -> None:
    with serving(tmp_path / "s", fails, fails), pytest.raises(TextsUnavailableError, match="ended 2 times"):
        asyncio.run(_score(tmp_path / "s"))


def test_without_a_socket_nobody_listens(tmp_path: Path) -> None:
    with pytest.raises(TextsUnavailableError, match="no desk listens"):
        asyncio.run(_score(tmp_path / "s"))


def test_with_every_desk_dead_the_wait_ends_and_nothing_stays_in_flight(tmp_path: Path) -> None:
    async def ask() -> int:
        desks = TextDesks(tmp_path / "s", timeout_s=0.1)
        with pytest.raises(TextsUnavailableError, match="no answer within"):
            await desks.score(_requests(30))
        return desks.in_flight

    with closing(listen(tmp_path / "s")):
        assert asyncio.run(ask()) == 0


def test_more_than_may_be_in_flight_is_refused_with_a_time_to_come_back(tmp_path: Path) -> None:
    async def ask() -> None:
        desks = TextDesks(tmp_path / "s", max_texts=10, timeout_s=60)
        first = asyncio.create_task(desks.score(_requests(8)))
        await asyncio.sleep(0)
        assert desks.in_flight == 8
        with pytest.raises(TextsBusyError) as caught:
            await desks.score(_requests(3))
        assert caught.value.retry_after_s >= 1
        assert desks.in_flight == 8
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        assert desks.in_flight == 0

    with closing(listen(tmp_path / "s")):
        asyncio.run(ask())


def test_a_request_larger_than_the_bound_is_served_when_nothing_else_is(tmp_path: Path, answering: Serve) -> None:
    async def ask() -> int:
        return len(await TextDesks(tmp_path / "s", max_texts=2, timeout_s=60).score(_requests(5)))

    with serving(tmp_path / "s", answering):
        assert asyncio.run(ask()) == 5


@pytest.mark.parametrize("frames", [1, 3])
def test_a_long_request_has_no_more_frames_under_way_than_it_may(tmp_path: Path, scorer: Scorer, frames: int) -> None:
    under_way: list[int] = []
    most: list[int] = []

    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        payload = await reader.readexactly(size_of(await reader.readexactly(HEAD.size), MAX_REQUEST_BYTES))
        under_way.append(1)
        most.append(len(under_way))
        await asyncio.sleep(0.05)  # long enough for every other frame that may come to be here
        writer.write(answer_frame(scorer.score(read_request(payload))))
        under_way.pop()
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async def ask() -> int:
        async with await asyncio.start_unix_server(visit, tmp_path / "s"):
            desks = TextDesks(tmp_path / "s", frames_a_request=frames, timeout_s=60)
            return len(await desks.score(_requests(6 * MAX_TEXTS_A_FRAME)))

    assert asyncio.run(ask()) == 6 * MAX_TEXTS_A_FRAME
    assert max(most) <= frames
    assert len(most) == 6


def test_a_full_queue_at_the_socket_is_busy(tmp_path: Path) -> None:
    with closing(listen(tmp_path / "s")) as listener:
        listener.listen(0)
        waiting = []
        try:
            with pytest.raises(BlockingIOError):
                for _ in range(10):
                    waiting.append(socket.socket(socket.AF_UNIX))
                    waiting[-1].setblocking(False)
                    waiting[-1].connect(str(tmp_path / "s"))
            with pytest.raises(TextsBusyError):
                asyncio.run(_score(tmp_path / "s"))
        finally:
            for peer in waiting:
                peer.close()


def test_an_error_of_the_desk_is_told_as_unavailable_or_as_the_requests_own_fault(tmp_path: Path) -> None:
    def says(error: TidegateError) -> Serve:
        def answer(peer: socket.socket) -> None:
            _read(peer)
            peer.sendall(error_frame(error))

        return answer

    path = tmp_path / "s"
    unavailable = pytest.raises(TextsUnavailableError, match=r"another version \(TG-T005\)")
    with serving(path, says(DeskProtocolError("another version"))), unavailable:
        asyncio.run(_score(path))
    wrong = pytest.raises(TextRequestError, match="too long")
    with serving(path, says(TextRequestError("too long", where="text"))), wrong:
        asyncio.run(_score(path))


def test_an_answer_that_makes_no_sense_is_a_protocol_error(tmp_path: Path) -> None:
    def says(peer: socket.socket) -> None:
        _read(peer)
        peer.sendall(HEAD.pack(2) + b"[]")

    with serving(tmp_path / "s", says), pytest.raises(DeskProtocolError):
        asyncio.run(_score(tmp_path / "s"))
