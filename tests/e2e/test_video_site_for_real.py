"""The reference site as a process of its own beside a real `tidegate serve`: uploads, webhooks, `kill -9`, catch-up."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tidegate.client import Client
from tidegate.testing.clips import ClipSpec, write_clip
from tidegate.testing.servers import RunningServer, running_server

ROOT = Path(__file__).parents[2]
QUICK = ("screening.detectors=metadata.facts@1", "server.text_processes=0", "server.undo_s=1")
SCOPES = ("uploads:write", "uploads:read", "decisions:read", "webhooks:manage", "cases:decide")
WITHIN_S = 240.0

pytestmark = pytest.mark.slow


class RunningSite:
    """The site's process; it can be killed and begun again on the same port."""

    def __init__(self, home: Path, tidegate: str, key: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.home = home
        self.url = f"http://127.0.0.1:{port}"
        self._key = key
        options = ["--home", str(home), "--tidegate", tidegate, "--port", str(port), "--every-s", "600"]
        self._command = [sys.executable, "-m", "video_site", *options]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Begin, and wait until it serves: it has caught up then."""
        folders = os.pathsep.join([str(ROOT / "examples"), os.environ.get("PYTHONPATH", "")])
        environment = os.environ | {"PYTHONPATH": folders, "TIDEGATE_KEY": self._key}
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True, env=environment)
        assert self._process.stdout is not None
        assert "the site is at" in self._process.stdout.readline()

    def kill(self, number: int = signal.SIGKILL) -> None:
        if self._process is not None and self._process.stdout is not None:
            self._process.send_signal(number)
            self._process.wait(30)
            self._process.stdout.close()
            self._process = None

    def upload(self, title: str, body: bytes, **fields: str) -> str:
        """Upload; the address of the creator's page."""
        params = {"title": title, "creator": "kim", **fields}
        headers = {"Content-Type": "video/mp4"}
        answer = httpx.put(f"{self.url}/videos", params=params, content=body, headers=headers, timeout=60)
        assert answer.status_code == 201
        return answer.headers["location"]

    def mine(self, page: str) -> str:
        return httpx.get(f"{self.url}{page}", timeout=60).text


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    write_clip(path, ClipSpec(duration_s=0.5, width_px=64, height_px=64, has_audio=False, preset="ultrafast"))
    return path.read_bytes()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    home = tmp_path_factory.mktemp("tidegate")
    with running_server(home, *QUICK, "server.webhook_networks=127.0.0.0/8") as one:
        yield one


@pytest.fixture
def site(server: RunningServer, tmp_path: Path) -> Iterator[RunningSite]:
    one = RunningSite(tmp_path / "site", server.url, server.key(*SCOPES))
    one.start()
    try:
        yield one
    finally:
        one.kill(signal.SIGTERM)
        with _client(server) as client:
            for webhook in client.webhooks():
                client.remove_webhook(webhook.id)


@contextmanager
def _client(server: RunningServer) -> Iterator[Client]:
    with Client(server.url, server.key(*SCOPES)) as client:
        yield client


def _until(is_so: Callable[[], object], what: str) -> None:
    ends_s = time.monotonic() + WITHIN_S
    while not is_so():
        assert time.monotonic() < ends_s, what
        time.sleep(0.05)


def test_three_uploads_are_decided_told_and_published_or_withheld(
    server: RunningServer, site: RunningSite, clip: bytes
) -> None:
    benign, declared = site.upload("low tide", clip), site.upload("robots", clip, ai="yes")
    broken = site.upload("broken", b"no video")
    _until(lambda: "Published" in site.mine(benign), "the benign video is published")
    _until(lambda: "Published" in site.mine(declared), "the labelled video is published")
    front = httpx.get(site.url).text
    assert "low tide" in front
    assert "robots" in front
    (address,) = re.findall(r'href="(/videos/[^"]+)"', site.mine(declared))
    assert "deserves care" in httpx.get(f"{site.url}{address}").text
    assert httpx.get(f"{site.url}{address}/file").content == clip
    _until(lambda: "upload.in_review" in site.mine(broken), "a file that cannot be read waits for a person")
    assert "Being checked" in site.mine(broken)
    with _client(server) as client:
        held = next(one for one in client.list(state="in_review"))
        assert httpx.get(f"{site.url}/videos/{held.external_id}/file").status_code == 404
        case = next(one for one in client.cases() if one.upload_id == held.id)
        client.decide(case.id, "removed", clause="hate")
        _until(lambda: "it was removed" in site.mine(broken), "the ruling arrives after its undo window")
        assert "Statement of reasons" in site.mine(broken)
        assert "STATEMENT_CATEGORY_" in site.mine(broken)
        assert httpx.get(f"{site.url}/videos/{held.external_id}/file").status_code == 404
        _until(lambda: all(one.state == "acted" for one in client.list()), "Tidegate knows that all was acted on")


def test_what_was_decided_while_the_site_was_dead_is_known_when_it_serves_again(
    server: RunningServer, site: RunningSite, clip: bytes
) -> None:
    pages = [site.upload(f"wave {number}", clip + bytes([number])) for number in range(6)]
    ids = {_video_of(site, page) for page in pages}
    with _client(server) as client:
        _until(lambda: ids <= {one.external_id for one in client.list()}, "all are submitted")
        site.kill()
        _until(lambda: not _undecided(client), "all are decided without the site")
    site.start()
    assert all("Published" in site.mine(page) for page in pages), "before any webhook was tried again"
    with _client(server) as client:
        _until(lambda: all(one.state == "acted" for one in client.list() if one.external_id in ids), "all are acted on")


def _undecided(client: Client) -> list[str]:
    return [one.id for one in client.list() if not one.is_screened]


def _video_of(site: RunningSite, page: str) -> str:
    import sqlite3

    database = sqlite3.connect(site.home / "site.sqlite3")
    try:
        token = page.removeprefix("/mine/")
        return str(database.execute("SELECT id FROM video WHERE owner_token = ?", [token]).fetchone()[0])
    finally:
        database.close()


def test_a_site_killed_again_and_again_while_it_is_told_ends_with_every_video_right(
    server: RunningServer, site: RunningSite, clip: bytes
) -> None:
    pages = []
    for round_number in range(3):
        pages += [site.upload(f"surf {round_number}.{n}", clip + bytes([round_number, n])) for n in range(4)]
        pages.append(site.upload(f"junk {round_number}", b"junk" + bytes([round_number])))
        time.sleep(0.3 * round_number)
        site.kill()
        site.start()
    clips = [page for number, page in enumerate(pages) if number % 5 != 4]
    junk = [page for number, page in enumerate(pages) if number % 5 == 4]
    _until(lambda: all("Published" in site.mine(page) for page in clips), "every clip is published")
    _until(lambda: all("upload.in_review" in site.mine(page) for page in junk), "every broken file waits")
    for page in clips:
        assert site.mine(page).count("upload.decided: allow") == 1, "applied once"
    assert not any("Published" in site.mine(page) for page in junk)
    with _client(server) as client:
        ours = [one for one in client.list() if one.external_id in {_video_of(site, page) for page in pages}]
    assert len(ours) == len(pages), "no video was submitted as two uploads"
    assert server.command("ledger", "verify")["findings"] == []
