"""The server: intake by reference, what it adds to one screening, memory over many uploads, a large body.

python benchmarks/server.py --only intake
"""

import asyncio
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from measure import arguments, family, family_cpu_s, table, verdict
from tidegate.testing import postgres
from tidegate.testing.clips import ClipSpec, write_clip
from tidegate.testing.servers import RunningServer, running_server

WANTED_PER_S = {"SQLite": 300.0, "PostgreSQL": 800.0}
MOST_OVERHEAD_MS = 10.0
MOST_BODY_GROWTH_MIB = 100.0
MOST_MEMORY_GROWTH_MIB = 50.0
CONNECTIONS = 64
ONLY_INTAKE = ("server.screen_processes=0", "server.fetch_threads=0", "server.text_processes=0")
CHEAP = ("screening.detectors=metadata.facts@1", "server.text_processes=0", "server.fetch_threads=0")
PIECE = bytes(1 << 20)


def request(method: str, path: str, key: str, body: bytes = b"", kind: str = "application/json") -> bytes:
    """A request as it goes over the wire, by a connection that is kept."""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
    return f"{head}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def answer_of(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    lengths = [int(line.partition(b":")[2]) for line in lines if line.lower().startswith(b"content-length:")]
    return int(lines[0].split()[1]), await reader.readexactly(lengths[0])


async def storm(url: str, requests: Sequence[bytes], wanted: int) -> float:
    """Send every request over a few kept connections; answers per second. Anything but `wanted` ends it."""
    parts = urlsplit(url)
    waiting = iter(requests)

    async def one() -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        for wire in waiting:
            writer.write(wire)
            status, body = await answer_of(reader)
            if status != wanted:
                raise SystemExit(f"{status}: {body[:300]!r}")
        writer.close()

    start_s = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return len(requests) / (time.perf_counter() - start_s)


def intake(folder: Path, count: int) -> bool:
    """Durable acceptance of uploads by reference against the same server saying `ok` to the same client."""
    rows: list[Sequence[object]] = []
    is_met = True
    for name, wanted in WANTED_PER_S.items():
        with ExitStack() as stack:
            flags = list(ONLY_INTAKE)
            if name == "PostgreSQL":
                if postgres.programs() is None:
                    print("PostgreSQL is not installed: not measured")
                    continue
                flags.append(f"server.database_url={stack.enter_context(postgres.started(is_durable=True))}")
            server = stack.enter_context(running_server(folder / name, *flags))
            key = server.key("uploads:write")
            bodies = [
                json.dumps(
                    {"media_url": f"https://media.example/{n}.mp4", "caption": f"tide {n}", "external_id": f"v{n}"}
                )
                for n in range(count)
            ]
            wires = [request("POST", "/api/v1/uploads", key, body.encode()) for body in bodies]
            asyncio.run(storm(server.url, wires[: count // 10], 202))
            plain_per_s = asyncio.run(storm(server.url, [request("GET", "/healthz", key)] * count, 200))
            per_s = asyncio.run(storm(server.url, wires[count // 10 :], 202))
            proof = server.command("ledger", "verify")
            if proof["finding_count"] or proof["uploads"] != count:
                raise SystemExit(f"the journal does not hold: {proof}")
        is_met &= per_s >= wanted
        rows.append((name, per_s, wanted, per_s / wanted, plain_per_s))
    headings = ("database", "accepted a second", "wanted", "of wanted", "`ok` a second, same client")
    table("Uploads by reference, each durable before its answer", headings, rows)
    return is_met


def cpu_s(pids: Sequence[int]) -> float:
    """CPU seconds so far of processes and everything below them."""
    return sum(family_cpu_s(pid) for pid in pids)


def upload(server: RunningServer, client: httpx.Client, clip: bytes, number: int, wait_s: int = 0) -> None:
    """One upload by value, with words of its own so that nothing is reused."""
    form = {"metadata": (None, json.dumps({"caption": f"low tide {number}"}), "application/json")}
    files = {**form, "video": ("clip.mp4", clip, "video/mp4")}
    answer = client.post(f"{server.url}/api/v1/uploads", files=files, params={"wait": wait_s} if wait_s else {})
    if answer.status_code not in (200, 202):
        raise SystemExit(answer.text)


def small_clip(folder: Path) -> bytes:
    """Half a second, 64 x 64: what is measured is not decoding."""
    path = folder / "clip.mp4"
    write_clip(path, ClipSpec(duration_s=0.5, width_px=64, height_px=64, has_audio=False, preset="ultrafast"))
    return path.read_bytes()


def until_decided(server: RunningServer, client: httpx.Client, count: int) -> None:
    """Wait until the figures say that so many were decided."""
    while True:
        text = client.get(f"{server.url}/metrics").text
        lines = [line for line in text.splitlines() if line.startswith("tidegate_decisions_total{")]
        if sum(float(line.rpartition(" ")[2]) for line in lines) >= count:
            return
        time.sleep(2.0)


def overhead(folder: Path, count: int) -> bool:
    """CPU of every process of the server for one upload, against the pure half alone over the same uploads."""
    from tidegate.assembly import open_screener
    from tidegate.records import Upload
    from tidegate.settings import resolve

    clip = small_clip(folder)
    with running_server(folder / "overhead", *CHEAP) as server:
        key = server.key("uploads:write", "metrics:read")
        with httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=60.0) as client:
            upload(server, client, clip, 0, wait_s=30)
            pids = [pid for own in server.pids().values() for pid in own]
            idle_s, idle_cpu_s = time.perf_counter(), cpu_s(pids)
            time.sleep(5.0)
            idle_share = (cpu_s(pids) - idle_cpu_s) / (time.perf_counter() - idle_s)
            start_s, before_s = time.perf_counter(), cpu_s(pids)
            for number in range(1, count + 1):
                upload(server, client, clip, number)
            until_decided(server, client, count + 1)
            took_s = time.perf_counter() - start_s
            server_s = cpu_s(pids) - before_s - idle_share * took_s
    resolved = resolve([f"home={folder / 'pure'}", CHEAP[0]], environ={})
    path = folder / "clip.mp4"
    with open_screener(resolved) as (screener, ahead):
        screener.screen(Upload(id="u", caption="first"), path, now_s=0.0)
        own = [os.getpid()]
        before_s = cpu_s(own)
        for number in range(count):
            ahead.begin(path)
            screener.screen(Upload(id="u", caption=f"low tide {number}"), path, now_s=0.0)
        pure_s = cpu_s(own) - before_s
    over_ms = 1000.0 * (server_s - pure_s) / count
    rows = [
        ("server, all processes", 1000.0 * server_s / count),
        ("pure half alone", 1000.0 * pure_s / count),
        (f"the server adds (wanted: at most {MOST_OVERHEAD_MS:.0f})", over_ms),
    ]
    table(f"CPU of one screening, {count} uploads by value", ("", "ms"), rows)
    print(f"idle, all processes: {100 * idle_share:.1f}% of a core")
    return over_ms <= MOST_OVERHEAD_MS


def rss_mib(pids: Sequence[int]) -> float:
    pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def memory(folder: Path, count: int) -> bool:
    """Resident memory of each lane after a tenth of the uploads and after all of them."""
    clip = small_clip(folder)
    marks: dict[int, dict[str, float]] = {}
    with running_server(folder / "memory", *CHEAP) as server:
        key = server.key("uploads:write", "metrics:read")
        first_pids = server.pids()
        with httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=60.0) as client:
            for number in range(1, count + 1):
                upload(server, client, clip, number)
                if number in (count // 10, count):
                    until_decided(server, client, number)
                    marks[number] = {
                        lane: rss_mib([one for pid in pids for one in family(pid)])
                        for lane, pids in server.pids().items()
                    }
        is_whole = first_pids == server.pids()
    early, late = marks[count // 10], marks[count]
    rows = [(lane, early[lane], late[lane], late[lane] - early[lane]) for lane in late]
    table("Resident memory", ("lane", f"MiB after {count // 10:,}", f"MiB after {count:,}", "growth"), rows)
    if not is_whole:
        print("a process was replaced meanwhile")
    growth = max(late[lane] - early[lane] for lane in late)
    return is_whole and growth <= MOST_MEMORY_GROWTH_MIB


def body(folder: Path, mebibytes: int) -> bool:
    """The web process while one large body streams in."""
    most_mib = 0.0
    with running_server(folder / "body", "server.screen_processes=0", *CHEAP[1:]) as server:
        key = server.key("uploads:write")
        (pid,) = server.pids()["web"]
        before_mib = rss_mib([pid])

        def pieces() -> Iterator[bytes]:
            nonlocal most_mib
            for _ in range(mebibytes):
                most_mib = max(most_mib, rss_mib([pid]))
                yield PIECE

        headers = {
            "Authorization": f"Bearer {key}",
            "Content-Type": "video/mp4",
            "Content-Length": str(mebibytes << 20),
            "X-Tidegate-Metadata": "{}",
        }
        start_s = time.perf_counter()
        answer = httpx.post(f"{server.url}/api/v1/uploads", content=pieces(), headers=headers, timeout=600.0)
        took_s = time.perf_counter() - start_s
        if answer.status_code != 202:
            raise SystemExit(answer.text)
    growth_mib = most_mib - before_mib
    rows = [(f"{mebibytes} MiB", mebibytes / took_s, growth_mib, MOST_BODY_GROWTH_MIB)]
    table("One large body", ("size", "MiB a second, encrypted and synced", "growth of web, MiB", "at most"), rows)
    return growth_mib <= MOST_BODY_GROWTH_MIB


def main() -> None:
    given = arguments(
        __doc__ or "",
        only=(str, "intake,overhead,memory,body", "parts to measure"),
        intake=(int, 5000, "uploads by reference"),
        overhead=(int, 300, "uploads by value"),
        memory=(int, 10_000, "uploads by value"),
        body=(int, 2048, "MiB of the large body"),
    )
    parts: dict[str, Callable[[Path, int], bool]] = {
        "intake": intake,
        "overhead": overhead,
        "memory": memory,
        "body": body,
    }
    given.folder.mkdir(parents=True, exist_ok=True)
    for name in given.only.split(","):
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            is_met = parts[name](Path(folder), getattr(given, name))
        print(f"{name}: {verdict(is_met)}\n", flush=True)


if __name__ == "__main__":
    main()
