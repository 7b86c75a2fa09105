"""The blob store in a folder against a plain file with SHA-256 and fsync, and memory while content streams.

python benchmarks/blobs.py
"""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from measure import arguments, table, verdict
from tidegate.server.blobs.store import BlobStore
from tidegate.server.keys.ring import KeyRing

MOST_GROWTH_MIB = 100.0
PIECE = os.urandom(1 << 20)


def memory_mib() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def write_plain(path: Path, pieces: int) -> None:
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for _ in range(pieces):
            digest.update(PIECE)
            file.write(PIECE)
        file.flush()
        os.fsync(file.fileno())


def read_plain(path: Path) -> None:
    with path.open("rb") as file:
        hashlib.file_digest(file, "sha256")


def write_blob(store: BlobStore, pieces: int) -> str:
    with store.writer() as writer:
        for _ in range(pieces):
            writer.write(PIECE)
        return writer.commit().sha256


def wall_s(work: Callable[[], object]) -> float:
    start_s = time.perf_counter()
    work()
    return time.perf_counter() - start_s


def main() -> None:
    given = arguments(__doc__ or "", mebibytes=(int, 2048, "size of the content"), tries=(int, 3, "runs, in turns"))
    names = ("write plain", "write object", "read plain", "read object")
    least_s = dict.fromkeys(names, float("inf"))
    growth_mib = 0.0
    given.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=given.folder) as made:
        folder = Path(made)
        store = BlobStore(str(folder / "blobs"), KeyRing.open_or_create(folder / "keys"))
        write_blob(store, 1)
        for _ in range(given.tries):
            before_mib, held = memory_mib(), ""
            took_s = [wall_s(lambda: write_plain(folder / "plain", given.mebibytes))]
            start_s = time.perf_counter()
            held = write_blob(store, given.mebibytes)
            took_s.append(time.perf_counter() - start_s)
            took_s += [wall_s(lambda: read_plain(folder / "plain")), wall_s(partial(store.check, held))]
            growth_mib = max(growth_mib, memory_mib() - before_mib)
            least_s = {name: min(least_s[name], one) for name, one in zip(names, took_s, strict=True)}
            shutil.rmtree(folder / "blobs" / "media")
            store = BlobStore(str(folder / "blobs"), KeyRing.open(folder / "keys"))
    rows = [
        (name, given.mebibytes / took, took / least_s[f"{name.partition(' ')[0]} plain"])
        for name, took in least_s.items()
    ]
    table(f"{given.mebibytes} MiB, SHA-256 included", ("what", "MiB/s", "x time of plain"), rows)
    print(f"memory grew by {growth_mib:.1f} MiB, limit {MOST_GROWTH_MIB:.0f}: {verdict(growth_mib < MOST_GROWTH_MIB)}")


if __name__ == "__main__":
    main()
