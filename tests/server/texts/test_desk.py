"""A desk answers one request at a time, whatever others do at its socket; a killed one is replaced."""

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tidegate.engine.base import LaneSpec, ProcessState
from tidegate.engine.local import LocalEngine
from tidegate.errors import PipelineError
from tidegate.records import Verdict
from tidegate.server.lanes.config import read, written
from tidegate.server.texts import desk as desk_module
from tidegate.server.texts.address import listen
from tidegate.server.texts.asking import TextDesks
from tidegate.server.texts.desk import MAX_VISITS, Desk
from tidegate.server.texts.record import MAX_TEXT_CHARS, TextRequest, TextResult
from tidegate.server.texts.scorer import Scorer
from tidegate.server.texts.wire import HEAD, MAX_ANSWER_BYTES, MAX_REQUEST_BYTES, read_answer, request_frame, size_of
from tidegate.settings import resolve

LOW_TIDE = TextRequest(id="c1", text="low tide")


class Failing:
    """A scorer that cannot score."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def load(self) -> None: ...

    def score(self, texts: Sequence[TextRequest]) -> list[TextResult]:
        raise self.error


@contextmanager
def at_work(path: Path, scorer: Scorer | Failing) -> Iterator[Desk]:
    """A desk that steps in a thread of this process."""
    with closing(listen(path)) as listener:
        config = read(written(resolve(environ={}), fd=os.dup(listener.fileno())))
        desk = Desk(config, scorer)  # type: ignore[arg-type]
        desk.open()
        ended = threading.Event()

        def work() -> None:
            while not ended.is_set():
                desk.step(0.02)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield desk
        finally:
            ended.set()
            thread.join()
            desk.close()


def _visit(path: Path) -> socket.socket:
    peer = socket.socket(socket.AF_UNIX)
    peer.settimeout(30)
    peer.connect(str(path))
    return peer


def _answer(peer: socket.socket) -> tuple[TextResult, ...] | dict[str, str]:
    with peer, peer.makefile("rb") as stream:
        return read_answer(stream.read(size_of(stream.read(HEAD.size), MAX_ANSWER_BYTES)), 1)


def _scored(path: Path) -> None:
    peer = _visit(path)
    peer.sendall(request_frame([LOW_TIDE]))
    answer = _answer(peer)
    assert isinstance(answer, tuple)
    assert [(one.id, one.verdict) for one in answer] == [("c1", Verdict.ALLOWED)]


def test_a_request_is_answered_with_what_the_scorer_says(tmp_path: Path, scorer: Scorer) -> None:
    with at_work(tmp_path / "s", scorer):
        peer = _visit(tmp_path / "s")
        peer.sendall(request_frame([LOW_TIDE]))
        assert _answer(peer) == tuple(scorer.score([LOW_TIDE]))


def test_a_request_that_comes_byte_by_byte_is_answered(tmp_path: Path, scorer: Scorer) -> None:
    with at_work(tmp_path / "s", scorer):
        peer = _visit(tmp_path / "s")
        for byte in request_frame([LOW_TIDE]):
            peer.sendall(bytes([byte]))
        assert isinstance(_answer(peer), tuple)


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        HEAD.pack(0),
        HEAD.pack(MAX_REQUEST_BYTES + 1),
        HEAD.pack(4) + b"\xff\xff\xff\xff",
        HEAD.pack(2) + b"{}",
        request_frame([LOW_TIDE]) * 2,
    ],
    ids=["http", "nothing", "huge", "no text", "no request", "two at once"],
)
def test_garbage_gets_an_error_and_the_next_one_is_served(tmp_path: Path, scorer: Scorer, sent: bytes) -> None:
    with at_work(tmp_path / "s", scorer):
        peer = _visit(tmp_path / "s")
        peer.sendall(sent)
        answer = _answer(peer)
        assert isinstance(answer, dict)
        assert answer["code"] == "TG-T005"
        _scored(tmp_path / "s")


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_who_goes_away_in_the_middle_does_not_matter(tmp_path: Path, scorer: Scorer, share: float) -> None:
    frame = request_frame([LOW_TIDE])
    with at_work(tmp_path / "s", scorer):
        for _ in range(5):
            with _visit(tmp_path / "s") as peer:
                peer.sendall(frame[: int(len(frame) * share)])
        _scored(tmp_path / "s")


def test_silent_visitors_keep_nobody_out_and_are_bounded(tmp_path: Path, scorer: Scorer) -> None:
    with at_work(tmp_path / "s", scorer) as desk:
        silent = [_visit(tmp_path / "s") for _ in range(MAX_VISITS + 20)]
        _scored(tmp_path / "s")
        assert len(desk._visits) <= MAX_VISITS
        for peer in silent:
            peer.close()


def test_a_silent_visitor_is_seen_off(tmp_path: Path, scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "PATIENCE_S", 0.05)
    with at_work(tmp_path / "s", scorer), _visit(tmp_path / "s") as peer:
        assert peer.recv(1) == b""


def test_who_does_not_read_its_answer_keeps_nobody_waiting(tmp_path: Path, scorer: Scorer) -> None:
    many = [TextRequest(id=f"c{index}", text="@a.b " * 3000) for index in range(8)]
    with at_work(tmp_path / "s", scorer), _visit(tmp_path / "s") as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        peer.sendall(request_frame(many))
        _scored(tmp_path / "s")


@pytest.mark.parametrize(
    ("error", "code"), [(RuntimeError("a word of a text"), "TG-T004"), (PipelineError("no fit"), "TG-S003")]
)
def test_a_scorer_that_fails_is_told_without_content(tmp_path: Path, error: Exception, code: str) -> None:
    with at_work(tmp_path / "s", Failing(error)):
        for _ in range(2):
            peer = _visit(tmp_path / "s")
            peer.sendall(request_frame([LOW_TIDE]))
            answer = _answer(peer)
            assert isinstance(answer, dict)
            assert answer["code"] == code
            assert "a word" not in str(answer)


def _cpu_ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _running(engine: LocalEngine) -> int:
    """The process of the only desk, once it is open."""
    while True:
        (status,) = engine.status()
        if status.state is ProcessState.RUNNING and status.pid is not None:
            return status.pid
        time.sleep(0.02)


@contextmanager
def desk_process(path: Path, home: Path) -> Iterator[LocalEngine]:
    """One desk in a process of its own, with the detectors that load quickly."""
    settings = resolve([f"home={home}", "screening.detectors=metadata,wording.patterns"], environ={})
    with closing(listen(path)) as listener:
        fd = listener.fileno()
        spec = LaneSpec(
            name="texts",
            factory="tidegate.server.texts.desk:make",
            config=written(settings, fd=fd),
            listen_fds=(fd,),
        )
        with LocalEngine(drain_s=5.0, wait_s=0.1) as engine:
            engine.start([spec])
            yield engine


def test_a_desk_killed_over_a_request_is_replaced_and_the_request_is_answered(tmp_path: Path) -> None:
    path = tmp_path / "s"
    long = [TextRequest(id=f"c{n}", text=("call me @a or @b, $100 " * 1000)[:MAX_TEXT_CHARS]) for n in range(8)]

    async def ask(engine: LocalEngine) -> list[TextResult]:
        first = await asyncio.to_thread(_running, engine)
        before = _cpu_ticks(first)
        asked = asyncio.create_task(TextDesks(path, timeout_s=120).score(long))
        while _cpu_ticks(first) < before + 5:
            await asyncio.sleep(0.01)
        os.kill(first, signal.SIGKILL)
        return await asked

    with desk_process(path, tmp_path / "home") as engine:
        results = asyncio.run(ask(engine))
        (status,) = engine.status()
    assert [one.id for one in results] == [one.id for one in long]
    assert status.restarts == 1


def test_a_desk_process_answers_and_ends_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with desk_process(path, tmp_path / "home") as engine:
        (found,) = asyncio.run(TextDesks(path, timeout_s=120).score([LOW_TIDE]))
        pid = _running(engine)
    assert found.detector_ids == ("metadata.facts@1", "wording.patterns@1")
    assert not Path(f"/proc/{pid}").exists()
