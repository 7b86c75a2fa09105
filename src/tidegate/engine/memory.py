"""Resident memory of a process and of all that it started."""

import resource
from pathlib import Path

_MIB_A_PAGE = resource.getpagesize() / 1024**2


def resident_mib() -> float:
    """Resident memory of this process, and of its children without the pages of files that they share; MiB.

    Memory that a child got by a fork is counted in both, so this is an upper bound. 0 where the system does not say.
    Cost: 30 microseconds, and as much for each child.
    """
    own = _pages("self")[0]
    return (own + sum(_own_pages(pid) for pid in _descendants())) * _MIB_A_PAGE


def _own_pages(pid: str) -> int:
    resident, shared = _pages(pid)
    return resident - shared


def _pages(pid: str) -> tuple[int, int]:
    try:
        fields = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
        return int(fields[1]), int(fields[2])
    except (OSError, ValueError, IndexError):
        return 0, 0


def _descendants() -> list[str]:
    found: list[str] = []
    waiting = ["self"]
    while waiting:
        children = _children(waiting.pop())
        found += children
        waiting += children
    return found


def _children(pid: str) -> list[str]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []
    return [child for task in tasks for child in _children_of_task(task)]


def _children_of_task(task: Path) -> list[str]:
    try:
        return (task / "children").read_text(encoding="ascii").split()
    except OSError:
        return []
