"""A real server under misfortune: processes killed at random, a database restarted, a platform that lies.

Afterwards every accepted upload has exactly one final decision, every action was delivered at least once and applied
once, the journal verifies, and nothing was released without a decision.
"""

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import httpx
import pytest

from tidegate.engine.base import ProcessState, read_status_json
from tidegate.testing import postgres
from tidegate.testing.clips import ClipSpec, write_clip
from tidegate.testing.platforms import Manners, Receiver
from tidegate.testing.servers import RunningServer, running_server

UPLOADS = int(os.environ.get("TIDEGATE_FAULT_UPLOADS", "80"))
THREADS = 8
KILLS, CRASHES = 20 + UPLOADS // 20, 3
CHEAP = (
    "screening.detectors=metadata.facts@1",
    "server.lease_s=12",
    "server.undo_s=1",
    "server.webhook_networks=127.0.0.0/8",
)
TWO_WEB = ("server.web_processes=2", "server.text_processes=0")
KILLED = ("web", "screen", "outbox", "fetch", "scheduler")
SCOPES = ("uploads:write", "uploads:read", "decisions:read", "webhooks:manage", "cases:decide")

pytestmark = pytest.mark.slow


@dataclass
class Tally:
    """What the platform sent and what befell the server meanwhile."""

    accepted: dict[str, str] = field(default_factory=dict)
    retries: int = 0
    kills: int = 0
    crashes: int = 0


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    write_clip(path, ClipSpec(duration_s=0.5, width_px=64, height_px=64, has_audio=False, preset="ultrafast"))
    return path.read_bytes()


@pytest.fixture
def database_url(request: pytest.FixtureRequest, lacking: Callable[[str, str], NoReturn]) -> Iterator[str]:
    if request.param == "sqlite":
        yield ""
    elif postgres.programs() is None:
        lacking("postgresql", "faults on PostgreSQL")
    else:
        with postgres.started(is_durable=True) as url:
            yield url


def _submit(url: Callable[[], str], key: str, clip: bytes, number: int, tally: Tally, until_s: float) -> None:
    """Upload until the server says that it has it, as a platform does that must not lose a video."""
    form = {
        "metadata": (None, f'{{"caption": "low tide {number % 50}", "external_id": "v{number}"}}', "application/json")
    }
    while time.monotonic() < until_s:
        try:
            answer = httpx.post(
                f"{url()}/api/v1/uploads",
                files={**form, "video": ("clip.mp4", clip, "video/mp4")},
                headers={"Authorization": f"Bearer {key}", "Idempotency-Key": f"video-{number}"},
                timeout=20.0,
            )
        except httpx.TransportError:
            tally.retries += 1
            time.sleep(0.2)
            continue
        if answer.status_code in (200, 202):
            tally.accepted[f"v{number}"] = answer.json()["id"]
            return
        assert answer.status_code in (429, 503), answer.text
        tally.retries += 1
        time.sleep(0.5)
    raise AssertionError(f"upload {number} was never taken")


def _at_each_mark(tally: Tally, count: int, over: threading.Event) -> Iterator[None]:
    """So many moments, spread over the uploads that are accepted: a slow machine suffers no more of them."""
    for mark in range(count):
        while len(tally.accepted) * count < mark * UPLOADS:
            if over.wait(0.05):
                return
        yield


def _killing(server: RunningServer, tally: Tally, over: threading.Event) -> None:
    chance = random.Random(7)
    path = server.home / "run" / "status.json"
    for _ in _at_each_mark(tally, KILLS, over):
        try:
            running = [one for one in read_status_json(path.read_text()) if one.state is ProcessState.RUNNING]
            chosen = chance.choice([one for one in running if one.lane in KILLED])
            os.kill(chosen.pid or 0, signal.SIGKILL)
            tally.kills += 1
        except (OSError, ValueError, IndexError):
            continue


def _crash_database(url: str, tally: Tally, over: threading.Event) -> None:
    """Kill a process of PostgreSQL now and then: it ends every connection, recovers from its log and goes on."""
    import psycopg

    for _ in _at_each_mark(tally, CRASHES, over):
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                (pid,) = connection.execute("SELECT pg_backend_pid()").fetchone() or (0,)
                os.kill(pid, signal.SIGKILL)
                tally.crashes += 1
        except (psycopg.Error, OSError):
            continue


def _submit_all(servers: list[RunningServer], key: str, clip: bytes, tally: Tally) -> None:
    until_s = time.monotonic() + 400.0
    with ThreadPoolExecutor(THREADS) as threads:
        futures = [
            threads.submit(_submit, lambda n=n: servers[n % len(servers)].url, key, clip, n, tally, until_s)
            for n in range(UPLOADS)
        ]
        for future in futures:
            future.result()


def _decide_what_machines_gave_up(server: RunningServer, key: str) -> None:
    """A worker killed three times over one upload leaves it to a person: be that person."""
    headers = {"Authorization": f"Bearer {key}"}
    cases = httpx.get(f"{server.url}/api/v1/cases", headers=headers, timeout=30.0).json()["items"]
    for case in cases:
        answer = httpx.post(
            f"{server.url}/api/v1/cases/{case['id']}/decision",
            json={"verdict": "allowed"},
            headers=headers,
            timeout=30.0,
        )
        assert answer.status_code == 200, answer.text


def _check(server: RunningServer, receiver: Receiver, key: str, tally: Tally) -> None:
    ids = list(tally.accepted.values())
    assert len(set(ids)) == UPLOADS == len(tally.accepted)
    until_s = time.monotonic() + 300.0
    while missing := receiver.wait_until_applied(ids, kind="upload.decided", within_s=5.0):
        assert time.monotonic() < until_s, f"{missing}\n{server.log_tail()}"
        _decide_what_machines_gave_up(server, key)
    for upload_id in ids:
        decided = [event for event in receiver.heard.applied[upload_id] if event["type"] == "upload.decided"]
        assert len(decided) == 1, decided
        numbers = [event["data"]["decision_number"] for event in receiver.heard.applied[upload_id]]
        assert numbers == sorted(numbers)
    assert receiver.heard.forged == 0
    proof = server.command("ledger", "verify")
    assert proof["finding_count"] == 0, proof["findings"]
    assert proof["uploads"] == UPLOADS


def _add_webhook(server: RunningServer, receiver: Receiver, key: str) -> None:
    answer = httpx.post(
        f"{server.url}/api/v1/webhooks", json={"url": receiver.url}, headers={"Authorization": f"Bearer {key}"}
    )
    assert answer.status_code == 201, answer.text
    receiver.secret = answer.json()["secret"]


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_nothing_is_lost_when_processes_are_killed_at_random(database_url: str, clip: bytes, tmp_path: Path) -> None:
    tally, over = Tally(), threading.Event()
    manners = Manners(failing=0.05, slow=0.02, closing=0.05)
    flags = [*CHEAP, *TWO_WEB]
    if database_url:
        flags.append(f"server.database_url={database_url}")
    with running_server(tmp_path / "home", *flags) as server, Receiver(manners=manners) as receiver:
        key = server.key(*SCOPES)
        _add_webhook(server, receiver, key)
        troubles = [threading.Thread(target=_killing, args=(server, tally, over))]
        if database_url:
            troubles.append(threading.Thread(target=_crash_database, args=(database_url, tally, over)))
        for one in troubles:
            one.start()
        try:
            _submit_all([server], key, clip, tally)
        finally:
            over.set()
            for one in troubles:
                one.join()
        _check(server, receiver, key, tally)
    again = sum(count - 1 for count in receiver.heard.deliveries.values())
    print(  # noqa: T201 - the tally of the fault run
        f"{UPLOADS} uploads, {tally.kills} kills, {tally.crashes} crashes of the database, {tally.retries} retries, "
        f"{again} delivered again"
    )
    assert tally.kills > KILLS // 2


def test_two_servers_share_one_database_and_each_upload_is_decided_once(
    clip: bytes, tmp_path: Path, lacking: Callable[[str, str], NoReturn]
) -> None:
    if postgres.programs() is None:
        lacking("postgresql", "two servers on one database")
    tally = Tally()
    with postgres.started(is_durable=True) as url, Receiver() as receiver:
        flags = [
            *CHEAP,
            "server.text_processes=0",
            f"server.database_url={url}",
            f"server.keys_path={tmp_path / 'keys'}",
        ]
        flags.append(f"server.blob_url={tmp_path / 'blobs'}")
        with running_server(tmp_path / "a", *flags) as one, running_server(tmp_path / "b", *flags) as other:
            key = one.key(*SCOPES)
            _add_webhook(one, receiver, key)
            _submit_all([one, other], key, clip, tally)
            _check(one, receiver, key, tally)


def test_the_whole_tree_is_killed_and_goes_on_where_it_was(clip: bytes, tmp_path: Path) -> None:
    tally = Tally()
    with Receiver() as receiver:
        with running_server(tmp_path / "home", *CHEAP) as server:
            key = server.key(*SCOPES)
            _add_webhook(server, receiver, key)
            for number in range(40):
                _submit(lambda: server.url, key, clip, number, tally, time.monotonic() + 60.0)
            server.kill()
        with running_server(tmp_path / "home", *CHEAP) as server:
            ids = list(tally.accepted.values())
            assert receiver.wait_until_applied(ids, kind="upload.decided", within_s=120.0) == set()
            assert server.command("ledger", "verify")["finding_count"] == 0
