import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tidegate.errors import (
    DecodeCrashError,
    DecodeTimeoutError,
    EmptyFileError,
    MediaError,
    OutputTooLargeError,
    UnreadableFileError,
)
from tidegate.media.decode import decode
from tidegate.media.limits import MediaLimits, SamplingBudget
from tidegate.media.pool import DecodePool
from tidegate.records import GapReason
from tidegate.testing.broken import Expect, corpus
from tidegate.testing.clips import Truth

LIMITS = MediaLimits()
BUDGET = SamplingBudget()
SMALL = {"duration_s": 1.0, "width_px": 96, "height_px": 160, "frame_rate_hz": 15.0}


@pytest.fixture
def pool() -> Iterator[DecodePool]:
    with DecodePool(LIMITS, BUDGET) as made:
        yield made


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(*pids: int, within_s: float = 20.0) -> bool:
    end = time.monotonic() + within_s
    while any(is_alive(pid) for pid in pids):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def decoder_pid(pool: DecodePool) -> int:
    _, pid = pool.pids
    return pid


def test_a_clip_comes_out_as_if_decoded_here(pool: DecodePool, clip: Callable[..., Truth]) -> None:
    path = clip(**SMALL).path
    here, there = decode(path, LIMITS, BUDGET), pool.decode(path)
    assert (there.info, there.shots, there.coverage, there.clock) == (
        here.info,
        here.shots,
        here.coverage,
        here.clock,
    )
    for mine, theirs in zip(here.frames, there.frames, strict=True):
        assert np.array_equal(mine.rgb, theirs.rgb)
        assert (mine.span, mine.reason, mine.content_box) == (theirs.span, theirs.reason, theirs.content_box)
    assert here.audio is not None
    assert there.audio is not None
    assert np.array_equal(here.audio, there.audio)


def test_refusals_come_back_as_the_same_coded_errors(pool: DecodePool, tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(EmptyFileError) as caught:
        pool.decode(tmp_path / "empty.mp4")
    assert caught.value.where == str(tmp_path / "empty.mp4")
    with pytest.raises(UnreadableFileError):
        pool.decode(tmp_path / "nowhere.mp4")


def test_a_relative_path_is_taken_from_the_callers_folder(
    pool: DecodePool, clip: Callable[..., Truth], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = clip(**SMALL).path
    pool.decode(path)
    monkeypatch.chdir(path.parent)
    assert pool.decode(path.name).frames


def test_one_decoder_serves_many_clips_and_is_replaced_after_its_share(clip: Callable[..., Truth]) -> None:
    path = clip(**SMALL).path
    with DecodePool(replace(LIMITS, recycle_after=3), BUDGET) as pool:
        pids = []
        for _ in range(3):
            pool.decode(path)
            pids.append(pool.pids[1:])
        assert pids[0] == pids[1]
        assert pids[2] == ()
        pool.decode(path)
        assert pool.pids[1:] != pids[0]


def test_a_decoder_that_hangs_is_killed_at_the_wall_limit(clip: Callable[..., Truth]) -> None:
    path = clip(**SMALL).path
    with DecodePool(replace(LIMITS, wall_limit_s=0.3), BUDGET) as pool:
        pool.decode(path)
        pid = decoder_pid(pool)
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(DecodeTimeoutError, match=r"0\.3 s"):
            pool.decode(path)
        assert gone(pid)
        assert pool.decode(path).frames


def during_a_decode(pool: DecodePool, path: Path, act: Callable[[int], None]) -> MediaError | None:
    """What a long decode ends with when `act` is done to its process on the way."""
    pid = decoder_pid(pool)
    result: list[MediaError] = []

    def work() -> None:
        try:
            pool.decode(path, is_full=True)
        except MediaError as error:
            result.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    while len(pool.pids) > 1:  # until the decoder is taken
        time.sleep(0.001)
    time.sleep(0.02)
    act(pid)
    thread.join(60)
    assert not thread.is_alive()
    return result[0] if result else None


@pytest.fixture
def long_clip(clip: Callable[..., Truth]) -> Path:
    return clip(duration_s=12.0, width_px=270, height_px=480, has_audio=False, motion=0.3).path


@pytest.mark.parametrize(
    ("number", "error", "says"),
    [
        (signal.SIGSEGV, DecodeCrashError, "SIGSEGV"),
        (signal.SIGKILL, DecodeCrashError, "SIGKILL"),
        (signal.SIGXCPU, DecodeTimeoutError, "CPU-s"),
    ],
)
def test_a_decoder_that_dies_becomes_a_coded_error_and_the_next_clip_goes_on(
    pool: DecodePool, long_clip: Path, number: signal.Signals, error: type[MediaError], says: str
) -> None:
    pool.decode(long_clip)
    got = during_a_decode(pool, long_clip, lambda pid: os.kill(pid, number))
    assert type(got) is error
    assert says in got.what
    assert got.where == str(long_clip)
    assert pool.decode(long_clip).frames


def test_a_decoder_that_died_while_idle_costs_no_clip(pool: DecodePool, clip: Callable[..., Truth]) -> None:
    path = clip(**SMALL).path
    pool.decode(path)
    pid = decoder_pid(pool)
    os.kill(pid, signal.SIGKILL)
    assert gone(pid)
    assert pool.decode(path).frames


def test_a_lost_nursery_is_replaced(pool: DecodePool, clip: Callable[..., Truth]) -> None:
    path = clip(**SMALL).path
    pool.decode(path)
    nursery, decoder = pool.pids
    os.kill(nursery, signal.SIGKILL)
    assert gone(decoder)
    assert pool.decode(path).frames
    assert pool.pids[0] != nursery


def test_too_little_memory_is_a_coded_error_or_a_gap(clip: Callable[..., Truth]) -> None:
    path = clip(duration_s=0.5, width_px=1080, height_px=1920, frame_rate_hz=10.0).path
    with DecodePool(replace(LIMITS, memory_limit_bytes=4 * 1024**2), BUDGET) as pool:
        try:
            clip_ = pool.decode(path)
        except MediaError as error:
            assert error.code in ("TG-M012", "TG-M014", "TG-M016")
        else:
            assert any(gap.reason is GapReason.DAMAGED for gap in clip_.coverage.gaps)
    with DecodePool(LIMITS, BUDGET) as pool:
        assert pool.decode(path).frames


def test_too_much_output_is_a_coded_error(clip: Callable[..., Truth]) -> None:
    with DecodePool(replace(LIMITS, max_output_bytes=10_000), BUDGET) as pool, pytest.raises(OutputTooLargeError):
        pool.decode(clip(**SMALL).path)


def test_threads_decode_side_by_side(clip: Callable[..., Truth]) -> None:
    path = clip(**SMALL).path
    done: list[int] = []
    with DecodePool(LIMITS, BUDGET, workers=2) as pool:
        threads = [threading.Thread(target=lambda: done.append(len(pool.decode(path).frames))) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert len(done) == 6
        assert len(pool.pids) == 3
        assert len(set(done)) == 1


def test_closing_ends_every_process_and_a_closed_pool_starts_anew(clip: Callable[..., Truth]) -> None:
    path = clip(**SMALL).path
    pool = DecodePool(LIMITS, BUDGET)
    pool.decode(path)
    pids = pool.pids
    pool.close()
    pool.close()
    assert gone(*pids)
    assert pool.decode(path).frames
    pids = pool.pids
    pool.close()
    assert gone(*pids)


def test_a_pool_that_is_dropped_ends_its_processes(clip: Callable[..., Truth]) -> None:
    pool = DecodePool(LIMITS, BUDGET)
    pool.decode(clip(**SMALL).path)
    pids = pool.pids
    del pool
    assert gone(*pids)


def test_decoders_do_not_outlive_a_caller_that_is_killed(long_clip: Path) -> None:
    script = textwrap.dedent(f"""
        import sys
        from tidegate.media.limits import MediaLimits, SamplingBudget
        from tidegate.media.pool import DecodePool
from tidegate.records import GapReason
        pool = DecodePool(MediaLimits(), SamplingBudget())
        pool.decode({str(long_clip)!r})
        print(*pool.pids, flush=True)
        while True:
            pool.decode({str(long_clip)!r}, is_full=True)
    """)
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as caller:
        assert caller.stdout is not None
        pids = [int(pid) for pid in caller.stdout.readline().split()]
        assert all(is_alive(pid) for pid in pids)
        caller.kill()
        caller.wait(20)
    assert gone(*pids)


def test_a_script_without_a_main_guard_may_use_a_pool(clip: Callable[..., Truth], tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from tidegate.media.limits import MediaLimits, SamplingBudget\n"
        "from tidegate.media.pool import DecodePool\n"
        "print('once')\n"
        f"clip = DecodePool(MediaLimits(), SamplingBudget()).decode({str(clip(**SMALL).path)!r})\n"
        "print(len(clip.frames) > 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "once\nTrue\n", "")


def test_a_decoder_cannot_write_files_or_start_programs(pool: DecodePool, clip: Callable[..., Truth]) -> None:
    pool.decode(clip(**SMALL).path)
    limits = Path(f"/proc/{decoder_pid(pool)}/limits").read_text()
    for name in ("Max file size", "Max processes", "Max core file size"):
        (line,) = [line for line in limits.splitlines() if line.startswith(name)]
        assert line.removeprefix(name).split()[0] == "0"


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@pytest.mark.slow
def test_a_hundred_broken_files_end_in_coded_errors_or_partial_clips(tmp_path: Path) -> None:
    files = corpus(tmp_path, flips=30)
    with DecodePool(LIMITS, BUDGET) as pool:
        with pytest.raises(MediaError):
            pool.decode(files[0].path)
        before, first = open_files(), pool.pids
        for file in files:
            try:
                clip = pool.decode(file.path)
            except MediaError as error:
                assert not file.codes or error.code in file.codes, f"{file.name}: {error}"
                continue
            assert file.expect is not Expect.REFUSED, file.name
            if file.expect is Expect.PARTIAL:
                assert clip.coverage.gaps or clip.coverage.decode_errors, file.name
        assert open_files() == before
        assert pool.pids[0] == first[0]
        pids = pool.pids
    assert gone(*pids)
