"""What every benchmark here needs: clips that stay the same, the least CPU time of several tries, and a table."""

import argparse
import contextlib
import os
import platform
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import tidegate.cli.main  # noqa: F401 - one thread for NumPy, as the command has it
from tidegate.records import Span
from tidegate.testing.clips import ClipSpec, Insert, write_clip

DEFAULT_FOLDER = Path(tempfile.gettempdir()) / "tidegate-benchmarks"

_PHONE = ClipSpec(
    duration_s=30.0, width_px=1080, height_px=1920, cuts_s=(4.2, 9.1, 13.0, 17.7, 22.4, 26.3), keyframe_every_s=30.0
)
_FLASH = Insert(span=Span(start_s=15.3, end_s=15.8), picture_seed=77)

CLIPS: Mapping[str, ClipSpec] = {
    "keyframe-a-second.mp4": replace(_PHONE, seed=1, keyframe_every_s=1.0),
    "keyframe-a-second-2.mp4": replace(_PHONE, seed=2, keyframe_every_s=1.0),
    "keyframes-at-cuts.mp4": replace(_PHONE, seed=1),
    "one-keyframe-and-a-flash.mp4": replace(_PHONE, seed=3, scene_cut=False, inserts=(_FLASH,)),
}
"""30 s of 1080x1920 H.264 at 30 frames a second with motion, cuts, grain and AAC, 3 to 5 Mbit/s."""


def arguments(purpose: str, **options: tuple[type, object, str]) -> argparse.Namespace:
    """Command line of a benchmark: `--folder` where clips are kept, and its own options as (type, default, help)."""
    parser = argparse.ArgumentParser(description=purpose)
    parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER, help="where clips are made and kept")
    for name, (kind, default, text) in options.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, default=default, help=f"{text} ({default})")
    return parser.parse_args()


def clip(folder: Path, name: str) -> Path:
    """The clip of that name, made once (about 50 CPU-s) and kept."""
    path = folder / name
    if not path.exists():
        print(f"making {path} ...", flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = folder / f"unfinished-{name}"
        write_clip(unfinished, CLIPS[name])
        unfinished.rename(path)
    return path


def least_cpu_s(work: Sequence[Callable[[], object]], tries: int) -> list[float]:
    """The least CPU seconds of each piece of work over `tries` rounds; a round runs all of them once, in order.

    The least, because other load can only add; rounds, because a slow minute then meets all of them.
    """
    least = [float("inf")] * len(work)
    for _ in range(tries):
        for index, one in enumerate(work):
            start_s = time.process_time()
            one()
            least[index] = min(least[index], time.process_time() - start_s)
    return least


def family(pid: int) -> list[int]:
    """The process and everything it started that still runs, directly or not (Linux)."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            with contextlib.suppress(FileNotFoundError):
                found += [int(child) for child in task.read_text().split()]
    return found


def family_cpu_s(pid: int) -> float:
    """CPU seconds so far of a process, of everything it started, and of their ended children, to a hundredth."""
    ticks = 0
    for one in family(pid):
        with contextlib.suppress(FileNotFoundError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def table(title: str, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a Markdown table; numbers get three significant digits."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(len(row[index]) for row in [list(headings), *cells]) for index in range(len(headings))]
    print(f"\n{title} ({platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()})\n")
    for row in [list(headings), ["-" * width for width in widths], *cells]:
        print("| " + " | ".join(value.ljust(width) for value, width in zip(row, widths, strict=True)) + " |")
    print(flush=True)


def verdict(is_met: bool) -> str:
    """How a target is reported."""
    return "met" if is_met else "MISSED"


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
