"""`tidegate serve` as a new user starts it: everything is made, everything is told, everything ends when asked."""

import json
import os
import socket
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tidegate.testing.clips import ClipSpec, write_clip
from tidegate.testing.servers import RunningServer, running_server

CHEAP = ("screening.detectors=metadata.facts@1", "server.text_processes=0")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("serve") / "home"


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[RunningServer]:
    with running_server(home, *CHEAP) as running:
        yield running


@pytest.fixture(scope="module")
def key(server: RunningServer) -> str:
    return server.key("uploads:write", "uploads:read")


@pytest.fixture(scope="module")
def decided(server: RunningServer, key: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One clip, uploaded and decided."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    write_clip(path, ClipSpec(duration_s=0.5, width_px=64, height_px=64, has_audio=False))
    answer = httpx.post(
        f"{server.url}/api/v1/uploads?wait=30",
        headers={"Authorization": f"Bearer {key}"},
        files={"metadata": (None, '{"caption":"low tide"}', "application/json"), "video": path.read_bytes()},
        timeout=60.0,
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _tidegate(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tidegate", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_the_first_start_makes_a_home_for_its_owner_alone(server: RunningServer, home: Path) -> None:
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert {"keys", "tidegate.sqlite3", "run", "work"} <= {path.name for path in home.iterdir()}


def test_it_is_ready_when_it_says_so(server: RunningServer) -> None:
    assert httpx.get(f"{server.url}/readyz").json()["ready"] is True


def test_the_link_lets_the_first_administrator_set_a_password(server: RunningServer) -> None:
    assert server.first_link is not None
    assert server.first_link.startswith(server.url)
    page = httpx.get(server.first_link)
    assert page.status_code == 200
    assert 'type="password"' in page.text


def test_an_upload_is_decided_and_explained(server: RunningServer, key: str, decided: dict[str, Any]) -> None:
    assert decided["state"] in ("decided", "in_review")
    journal = httpx.get(f"{server.url}{decided['links']['journal']}", headers={"Authorization": f"Bearer {key}"}).json()
    kinds = [entry["kind"] for entry in journal["items"]]
    assert kinds[:2] == ["upload.accepted", "upload.held"]
    assert kinds[-1] == f"upload.{decided['state']}"


def test_one_home_runs_one_server(server: RunningServer, home: Path) -> None:
    other = _tidegate("serve", "--home", str(home), "--port", "0")
    assert other.returncode == 1
    assert "TG-H402" in other.stderr
    assert "another server runs on this home" in other.stderr


def test_a_taken_port_is_told_with_what_to_do(server: RunningServer, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        other = _tidegate("serve", "--home", str(tmp_path / "other"), "--port", str(port), "--json")
    problem = json.loads(other.stdout)["error"]
    assert problem["code"] == "TG-H402"
    assert "--port" in problem["next_step"]


def test_a_database_that_nobody_knows_is_refused_before_anything_starts(tmp_path: Path) -> None:
    other = _tidegate("serve", "--home", str(tmp_path), "--port", "0", "--database", "mysql://a/b")
    assert other.returncode != 0
    assert "wanted a database URL" in other.stderr


def test_master_keys_rotate_under_a_running_server(server: RunningServer, key: str, decided: dict[str, Any]) -> None:
    before = server.command("masterkey", "list")["id"]
    told = server.command("masterkey", "rotate")
    assert told["active"] != before
    assert (told["objects"], told["failed"]) == (1, [])
    again = server.command("masterkey", "rotate", "--resume")
    assert (again["objects"], again["secrets"]) == (0, 0)
    from tidegate.server.blobs.store import BlobStore
    from tidegate.server.keys.ring import KeyRing

    blobs = BlobStore(str(server.home / "blobs"), KeyRing.open(server.home / "keys"))
    blobs.check(decided["media"]["sha256"])


def test_a_key_that_was_active_a_moment_ago_is_not_forgotten_yet(server: RunningServer, home: Path) -> None:
    old = server.command("masterkey", "list")["id"]
    refused = _tidegate("masterkey", "retire", old, "--set", f"home={home}")
    assert refused.returncode != 0
    assert "TG-H004" in refused.stderr


def test_the_journal_is_proved_and_every_change_of_it_found(
    server: RunningServer, home: Path, decided: dict[str, Any], tmp_path: Path
) -> None:
    proof = server.command("ledger", "verify")
    assert proof["finding_count"] == 0
    head = server.command("ledger", "head")
    assert server.command("ledger", "verify", "--since", f"{head['seq']}:{head['hash']}")["finding_count"] == 0
    with sqlite3.connect(home / "tidegate.sqlite3", timeout=20.0) as database:
        (was,) = database.execute("SELECT body FROM journal WHERE seq = 3").fetchone()
        database.execute("UPDATE journal SET body = '{}' WHERE seq = 3")
        database.commit()
        broken = _tidegate("ledger", "verify", "--set", f"home={home}")
        database.execute("UPDATE journal SET body = ? WHERE seq = 3", [was])
        database.commit()
    database.close()
    assert broken.returncode == 1
    assert "entry 3: was changed after it was written" in broken.stdout
    assert "TG-H401" in broken.stderr


def test_a_wrong_head_is_a_usage_error(server: RunningServer, home: Path) -> None:
    wrong = _tidegate("ledger", "verify", "--since", "nothing", "--set", f"home={home}")
    assert wrong.returncode == 2


def test_it_ends_when_asked_and_leaves_no_process_behind(tmp_path: Path) -> None:
    with running_server(tmp_path / "home", *CHEAP, "server.screen_processes=0") as running:
        pids = [pid for own in running.pids().values() for pid in own]
        assert running.stop() == 0
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert not (tmp_path / "home" / "run" / "status.json").exists()


def test_a_home_that_lost_its_keys_does_not_start(tmp_path: Path) -> None:
    with running_server(tmp_path / "home", *CHEAP, "server.screen_processes=0"):
        pass
    (tmp_path / "home" / "keys").rename(tmp_path / "keys")
    lost = _tidegate("serve", "--home", str(tmp_path / "home"), "--port", "0")
    assert lost.returncode != 0
    assert "the master keys are gone" in lost.stderr
