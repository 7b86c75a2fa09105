"""How long `import tidegate` and `tidegate --help` take, warm, beside a bare Python.

python benchmarks/startup.py
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

from measure import arguments, table, verdict

LIMIT_S = 0.3
LIMITED = ("import tidegate", "tidegate --help")

COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import tidegate": [sys.executable, "-c", "import tidegate"],
    "tidegate --help": [str(Path(sys.executable).parent / "tidegate"), "--help"],
    "tidegate screen --help": [str(Path(sys.executable).parent / "tidegate"), "screen", "--help"],
}


def wall_s(command: list[str]) -> float:
    start_s = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start_s


def main() -> None:
    given = arguments(__doc__ or "", tries=(int, 15, "runs of each, taken in turns after one to warm up"))
    times_s: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for number in range(given.tries + 1):
        for name, command in COMMANDS.items():
            taken_s = wall_s(command)
            if number:
                times_s[name].append(taken_s)
    bare_s = statistics.median(times_s["python -c pass"])
    rows = []
    for name, taken in times_s.items():
        median_s = statistics.median(taken)
        target = f"< {LIMIT_S} s: {verdict(median_s < LIMIT_S)}" if name in LIMITED else ""
        rows.append((name, min(taken), median_s, max(taken), median_s / bare_s, target))
    table("Start-up, wall seconds", ("command", "least", "median", "most", "x bare Python", "target"), rows)


if __name__ == "__main__":
    main()
