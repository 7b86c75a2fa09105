"""Our media stage against `analyze_video` of openmoderate 1.1.3 with an engine that costs nothing, on the same clips.

    python benchmarks/against_openmoderate.py FOLDER_OF_CLIPS

openmoderate runs in an environment of its own, made on first use; without its models, so without torch.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from measure import DEFAULT_FOLDER, table, verdict

LEAST_FASTER = 3.0
PACKAGES = (
    "openmoderate==1.1.3",
    "numpy==2.4.6",
    "pillow==13.0.0",
    "pyyaml==6.0.3",
    "opencv-python-headless==5.0.0.93",
)

PEER = """
import json, sys, time
import numpy as np
from openmoderate import Moderator

class Free:
    def encode_images(self, images):
        return np.eye(1, 8).repeat(len(images), 0)
    def encode_texts(self, texts):
        return np.eye(1, 8).repeat(len(texts), 0)

moderator = Moderator(engine=Free())
def work(path):
    return moderator.analyze_video(path).frames_analyzed
"""

OURS = """
import json, sys, time
from tidegate.media.decode import decode
from tidegate.media.limits import MediaLimits, SamplingBudget

def work(path):
    return len(decode(path, MediaLimits(), SamplingBudget()).frames)
"""

MEASURE = """
work(sys.argv[2])
found = {}
for path in sys.argv[2:]:
    cpu_s, wall_s = [], []
    for _ in range(int(sys.argv[1])):
        cpu_start_s, wall_start_s = time.process_time(), time.perf_counter()
        frames = work(path)
        cpu_s.append(time.process_time() - cpu_start_s)
        wall_s.append(time.perf_counter() - wall_start_s)
    found[path] = (min(cpu_s), min(wall_s), frames)
print(json.dumps(found))
"""


def peer_python(folder: Path) -> Path:
    """The interpreter of openmoderate's own environment."""
    python = folder / "openmoderate" / "bin" / "python"
    if not python.exists():
        print("making an environment for openmoderate ...", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(python.parent.parent)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", *PACKAGES]
        subprocess.run(install, check=True)
    return python


def measured(python: Path, setup: str, paths: list[Path], tries: int) -> dict[str, tuple[float, float, int]]:
    """Least CPU and wall seconds, and frames looked at, of each clip."""
    command = [str(python), "-c", setup + MEASURE, str(tries), *map(str, paths)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, tuple[float, float, int]] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", type=Path, help="folder of .mp4 files")
    parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER, help="where the environment is kept")
    parser.add_argument("--tries", type=int, default=3, help="runs of each clip; the least counts (3)")
    given = parser.parse_args()
    paths = sorted(given.clips.glob("*.mp4"))
    if not paths:
        sys.exit(f"no .mp4 in {given.clips}")
    peer = measured(peer_python(given.folder.absolute()), PEER, paths, given.tries)
    ours = measured(Path(sys.executable), OURS, paths, given.tries)
    rows: list[tuple[object, ...]] = []
    for path in paths:
        (peer_cpu_s, peer_wall_s, peer_frames), (cpu_s, wall_s, frames) = peer[str(path)], ours[str(path)]
        rows.append((path.name, peer_cpu_s, cpu_s, peer_cpu_s / cpu_s, peer_wall_s / wall_s, peer_frames, frames))
    peer_cpu_s, peer_wall_s, *_ = (sum(each) for each in zip(*peer.values(), strict=True))
    cpu_s, wall_s, *_ = (sum(each) for each in zip(*ours.values(), strict=True))
    rows.append(("all", peer_cpu_s, cpu_s, peer_cpu_s / cpu_s, peer_wall_s / wall_s, "", ""))
    headings = ("clip", "openmoderate CPU-s", "Tidegate CPU-s", "CPU ratio", "wall ratio", "its frames", "our frames")
    table("Media stage against openmoderate 1.1.3 with a free engine", headings, rows)
    for kind, ratio in (("CPU", peer_cpu_s / cpu_s), ("wall", peer_wall_s / wall_s)):
        print(f"at least {LEAST_FASTER:g}x faster in {kind} time: {verdict(ratio >= LEAST_FASTER)}")
    print("openmoderate decodes with as many threads as there are cores, Tidegate with one")


if __name__ == "__main__":
    main()
