"""Memory of a screening worker over many clips: its peak, and whether it grows.

python benchmarks/memory.py
"""

import os
from pathlib import Path

import numpy as np

from measure import CLIPS, arguments, clip, family, table, verdict
from screener import opened, upload

LIMIT_MIB = 1.2 * 1024
FLAT_MIB_PER_100 = 5.0
WARM_UP = 50


def memory_mib(pid: int) -> tuple[float, float]:
    """Resident memory now and at its highest, in MiB, of one process; zeros if it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return 0.0, 0.0
    fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    return tuple(int(fields.get(name, "0 kB").split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))  # type: ignore[return-value]


def main() -> None:
    given = arguments(__doc__ or "", clips=(int, 500, "clips to screen"))
    paths = [clip(given.folder, name) for name in CLIPS]
    rows, used, highest = [], [], 0.0
    with opened(given.folder) as screener:
        for number in range(given.clips):
            screener.screen(upload(number), paths[number % len(paths)], now_s=0.0)
            each = [memory_mib(pid) for pid in family(os.getpid())]
            now, peak = sum(rss for rss, _ in each), sum(high for _, high in each)
            highest = max(highest, peak)
            used.append(now)
            if number + 1 in (1, 10) or (number + 1) % 50 == 0:
                rows.append((number + 1, each[0][0], now - each[0][0], now, peak))
    table("Memory of one worker, MiB", ("clips", "screener", "decoders", "together", "peak, summed"), rows)
    print(f"peak {highest:,.0f} MiB, limit {LIMIT_MIB:,.0f}: {verdict(highest < LIMIT_MIB)}")
    if len(used) >= 2 * WARM_UP:
        slope = float(np.polyfit(np.arange(WARM_UP, len(used)), used[WARM_UP:], 1)[0]) * 100
        print(f"growth after {WARM_UP} clips: {slope:+.2f} MiB per 100 clips, flat within {FLAT_MIB_PER_100}: "
              f"{verdict(abs(slope) <= FLAT_MIB_PER_100)}")  # fmt: skip


if __name__ == "__main__":
    main()
