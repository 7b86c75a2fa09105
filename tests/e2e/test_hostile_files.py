"""Three hundred hostile files through the real command: each ends in a code or a said gap, and the rest goes on."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tidegate.testing.broken import BrokenFile, Expect, corpus
from tidegate.testing.clips import ClipSpec, write_clip

pytestmark = pytest.mark.slow

FLIPS = 213
MOST_MEMORY_KIB = 1_572_864
"""1.5 GiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one run over the whole corpus came to."""

    files: dict[str, BrokenFile]
    lines: dict[str, dict[str, Any]]
    code: int
    calls: list[tuple[str, int]]
    left_over: list[str]
    memory_kib: int


@pytest.fixture(scope="module")
def listener() -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """The address of a listener that answers nobody, and who called."""
    calls: list[tuple[str, int]] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        done = threading.Event()

        def listen() -> None:
            while not done.is_set():
                try:
                    connection, address = server.accept()
                except TimeoutError:
                    continue
                calls.append(address)
                connection.close()

        thread = threading.Thread(target=listen)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/clip.mp4", calls
        done.set()
        thread.join()


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory, listener: tuple[str, list[tuple[str, int]]]) -> Outcome:
    url, calls = listener
    folder = tmp_path_factory.mktemp("hostile")
    files = [file for file in corpus(folder, flips=FLIPS, url=url) if not file.path.is_dir()]
    good = write_clip(folder / "good-last.mp4", ClipSpec(duration_s=1.0, width_px=90, height_px=160)).path
    program = str(Path(sys.executable).parent / "tidegate")
    command = [program, "screen", "--json", *(str(file.path) for file in files), str(good)]
    environment = os.environ | {"TIDEGATE_HOME": str(folder / "home")}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, start_new_session=True, text=True
    ) as process:
        # What this process waited for before may have been larger: of this one and its own children only.
        out = process.stdout.read() if process.stdout else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    lines = [json.loads(line) for line in out.splitlines()]
    return Outcome(
        files={file.name: file for file in files},
        lines={Path(line["path"]).name: line for line in lines},
        code=process.returncode,
        calls=calls,
        left_over=_session(process.pid),
        memory_kib=used.ru_maxrss,
    )


def _session(leader: int) -> list[str]:
    """Command lines of processes that still belong to the session of an ended process."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[3]) == leader and fields[0] != "Z":
                found.append((stat.parent / "cmdline").read_text())
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def _of(outcome: Outcome, expect: Expect) -> dict[str, dict[str, Any]]:
    return {name: outcome.lines[name] for name, file in outcome.files.items() if file.expect is expect}


def _code(line: dict[str, Any]) -> str:
    problems = line["screening"]["problems"]
    return problems[0]["code"] if problems else ""


def test_the_run_ends_with_the_code_for_unreadable_media(outcome: Outcome) -> None:
    assert outcome.code == 4


def test_every_file_has_its_line_and_the_good_clip_behind_them_is_screened(outcome: Outcome) -> None:
    assert len(outcome.files) >= 299
    assert set(outcome.lines) == {*outcome.files, "good-last.mp4"}
    good = outcome.lines["good-last.mp4"]
    assert good["screening"]["media"]["video"]["width_px"] == 90
    assert good["decision"]["verdict"] == "allowed"


def test_what_cannot_be_read_is_refused_with_its_code_and_held(outcome: Outcome) -> None:
    for name, line in _of(outcome, Expect.REFUSED).items():
        assert line["screening"]["media"] is None, name
        assert line["decision"]["verdict"] == "held", name
        assert _code(line).startswith("TG-M"), name
        assert not outcome.files[name].codes or _code(line) in outcome.files[name].codes, (name, _code(line))


def test_what_is_partly_there_is_screened_and_the_rest_is_said(outcome: Outcome) -> None:
    for name, line in _of(outcome, Expect.PARTIAL).items():
        coverage = line["screening"]["coverage"]
        assert line["screening"]["media"] is not None, name
        assert coverage["frames_decoded"] > 0, name
        assert coverage["decode_errors"] or coverage["gaps"], name


def test_a_damaged_picture_is_never_allowed(outcome: Outcome) -> None:
    for name, line in outcome.lines.items():
        gaps = line["screening"]["coverage"]["gaps"]
        if any(gap["modality"] == "picture" and gap["reason"] in ("damaged", "time_limit") for gap in gaps):
            assert line["decision"]["verdict"] != "allowed", name


def test_no_error_is_an_internal_one(outcome: Outcome) -> None:
    codes = {problem["code"] for line in outcome.lines.values() for problem in line["screening"]["problems"]}
    assert all(code.startswith("TG-M") and code != "TG-M000" for code in codes), codes


def test_nothing_was_called(outcome: Outcome) -> None:
    assert outcome.calls == []


def test_no_process_is_left(outcome: Outcome) -> None:
    assert outcome.left_over == []


def test_no_process_took_more_than_its_memory(outcome: Outcome) -> None:
    assert outcome.memory_kib < MOST_MEMORY_KIB
