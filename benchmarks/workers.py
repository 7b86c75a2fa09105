"""Whether two workers on two cores fight: clips a second and CPU seconds a clip of one worker and of two.

python benchmarks/workers.py
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feed_mix import kinds, made
from measure import arguments, family_cpu_s, table

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
CORES = os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Setting:
    """How workers run: with the libraries' own thread counts or the command's one thread, and on a core of their own
    or wherever the system puts them.
    """

    name: str
    has_library_threads: bool = False
    has_own_core: bool = False


SETTINGS = (
    Setting("one thread, as the command sets"),
    Setting("one thread, each worker kept on one core", has_own_core=True),
    Setting("the libraries' own thread counts", has_library_threads=True),
)


@dataclass(frozen=True, slots=True)
class Round:
    """Clips a second and CPU seconds a clip of so many workers that each screened the same clips."""

    clips_a_s: float
    cpu_s_a_clip: float
    busy_cores: float


class Worker:
    """A process with a Screener of its own, opened as the command opens it, warmed with one clip.

    `opened_cpu_s` is what that cost before the first clip.
    """

    def __init__(self, setting: Setting, number: int, warm: Path) -> None:
        threads = dict.fromkeys(THREADS, str(CORES if setting.has_library_threads else 1))
        core = str(number % CORES) if setting.has_own_core else ""
        command = [sys.executable, __file__, "--serve", "yes", "--core", core]
        command += ["--library-threads", "yes" if setting.has_library_threads else ""]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **threads}
        )
        self.begin([warm])
        first = self.end()
        self.opened_cpu_s = first["so_far_cpu_s"] - first["cpu_s"]

    def begin(self, paths: Sequence[Path]) -> None:
        """Hand over clips to screen."""
        assert self._process.stdin is not None  # noqa: S101 - it was asked for
        self._process.stdin.write(json.dumps([str(path) for path in paths]) + "\n")
        self._process.stdin.flush()

    def end(self) -> Mapping[str, float]:
        """Wait for the clips that were handed over: when it began and ended (monotonic clock), and CPU seconds."""
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("a worker ended early")
        answer: Mapping[str, float] = json.loads(line)
        return answer

    def close(self) -> None:
        """Let it end."""
        self._process.communicate()


def main() -> None:
    given = arguments(
        __doc__ or "",
        rounds=(int, 3, "rounds, each with one worker and with two in every setting"),
        serve=(str, "", "for the workers themselves"),
        core=(str, "", "for the workers themselves"),
        library_threads=(str, "", "for the workers themselves"),
    )
    if given.serve:
        _serve(given.core, has_library_threads=bool(given.library_threads))
        return
    paths = [truth.path for name, kind in kinds().items() if (truth := made(given.folder, name, kind.spec)) is not None]
    load = os.getloadavg()[0]
    rounds: dict[tuple[str, int], list[Round]] = {}
    with ExitStack() as stack:
        workers = {setting: stack.enter_context(_two(setting, paths[0])) for setting in SETTINGS}
        opened = {setting.name: both[0].opened_cpu_s for setting, both in workers.items()}
        for _ in range(given.rounds):
            for setting, both in workers.items():
                for count in (1, 2):
                    rounds.setdefault((setting.name, count), []).append(_round(both[:count], paths))
    print(f"load before the run {load:.1f}, at its end {os.getloadavg()[0]:.1f} with two of it from here")
    _print(rounds, len(paths))
    for name, opened_cpu_s in opened.items():
        print(f"opening a worker, once, {name}: {opened_cpu_s:.1f} CPU-s")


@contextmanager
def _two(setting: Setting, warm: Path) -> Iterator[list[Worker]]:
    both = [Worker(setting, number, warm) for number in range(2)]
    try:
        yield both
    finally:
        for worker in both:
            worker.close()


def _round(workers: Sequence[Worker], paths: Sequence[Path]) -> Round:
    """Every worker screens every clip, the second one in the opposite order."""
    for number, worker in enumerate(workers):
        worker.begin(paths if number % 2 == 0 else paths[::-1])
    answers = [worker.end() for worker in workers]
    wall_s = max(one["end_s"] for one in answers) - min(one["start_s"] for one in answers)
    cpu_s, count = sum(one["cpu_s"] for one in answers), len(paths) * len(workers)
    return Round(clips_a_s=count / wall_s, cpu_s_a_clip=cpu_s / count, busy_cores=cpu_s / wall_s)


def _print(rounds: Mapping[tuple[str, int], Sequence[Round]], count: int) -> None:
    rows: list[list[object]] = []
    for (setting, workers), each in rounds.items():
        ratios = [two.clips_a_s / one.clips_a_s for one, two in zip(rounds[setting, 1], each, strict=True)]
        rows.append(
            [
                setting,
                workers,
                statistics.median(one.clips_a_s for one in each),
                statistics.median(one.cpu_s_a_clip for one in each),
                statistics.median(one.busy_cores for one in each),
                f"{statistics.median(ratios):.2f}x ({min(ratios):.2f} to {max(ratios):.2f})" if workers > 1 else "",
            ]
        )
    headings = ("threads", "workers", "clips a second", "CPU-s a clip", "cores busy", "clips a second, two against one")
    table(f"Workers, {count} clips each, median of the rounds", headings, rows)


def _serve(core: str, *, has_library_threads: bool) -> None:
    """Screen lists of clips that come in as lines of JSON, and answer each with a line."""
    from tidegate.assembly import open_screener
    from tidegate.cli.batch import fed, screen_each
    from tidegate.cli.inputs import Request
    from tidegate.records import Upload
    from tidegate.settings import resolve

    if core:
        os.sched_setaffinity(0, {int(core)})
    if has_library_threads:
        _with_library_threads()
    with open_screener(resolve(())) as (screener, ahead):
        for line in sys.stdin:
            items = [
                Request(name=path, upload=Upload(id=path, language="en"), path=Path(path)) for path in json.loads(line)
            ]
            start_s, start_cpu_s = time.monotonic(), family_cpu_s(os.getpid())
            for _ in screen_each(fed(items, ahead), screener):
                pass
            end_s, so_far_cpu_s = time.monotonic(), family_cpu_s(os.getpid())
            answer = {"start_s": start_s, "end_s": end_s, "cpu_s": so_far_cpu_s - start_cpu_s}
            print(json.dumps({**answer, "so_far_cpu_s": so_far_cpu_s}), flush=True)


def _with_library_threads() -> None:
    """Leave to ONNX Runtime and CTranslate2 how many threads they start, whatever the detectors ask for."""
    import faster_whisper
    import onnxruntime

    session, whisper = onnxruntime.InferenceSession, faster_whisper.WhisperModel

    def opened(model: Any, _: object = None, **more: Any) -> object:  # noqa: ANN401 - foreign
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        return session(model, options, **more)

    def recogniser(*given: Any, **named: Any) -> object:  # noqa: ANN401 - foreign
        return whisper(*given, **{**named, "cpu_threads": 0})

    onnxruntime.InferenceSession = opened
    faster_whisper.WhisperModel = recogniser


if __name__ == "__main__":
    main()
