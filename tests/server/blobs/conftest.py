"""A store in a folder, and real S3 servers: each runs as a process of its own, or is skipped aloud."""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tidegate.server.blobs.store import BlobStore
from tidegate.server.keys.ring import KeyRing

KEY, SECRET = "tidegate-test", "not-a-secret-of-anything"
START_WITHIN_S = 60.0


@pytest.fixture
def ring(home: Path) -> KeyRing:
    return KeyRing.open_or_create(home / "keys")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture
def store(root: Path, ring: KeyRing) -> BlobStore:
    """A store in a folder, with small chunks so that small content has many."""
    return BlobStore(str(root), ring, chunk_bytes=64)


@pytest.fixture(scope="session")
def keep() -> Callable[[BlobStore, bytes], str]:
    """Hold content; its name."""

    def _keep(store: BlobStore, content: bytes) -> str:
        with store.writer() as writer:
            writer.write(content)
            return writer.commit().sha256

    return _keep


def _ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None:
        pytest.skip(f"no S3 server to test against: the program {name} is not installed")
    return found


def _seaweedfs(folder: Path) -> tuple[list[str], int]:
    names = ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc")
    ports = dict(zip((*names, "s3.port", "s3.port.grpc"), _ports(8), strict=True))
    credentials = [{"accessKey": KEY, "secretKey": SECRET}]
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    identities = {"identities": [{"name": "tidegate", "credentials": credentials, "actions": actions}]}
    (folder / "s3.json").write_text(json.dumps(identities), encoding="utf-8")
    command = [_program("weed"), "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3"]
    command += [f"-{name}={port}" for name, port in ports.items()]
    command += ["-s3.port.iceberg=0", "-s3.port.lance=0", f"-s3.config={folder / 's3.json'}"]
    command += ["-master.telemetry=false", "-master.volumeSizeLimitMB=64", "-volume.max=20"]
    return command, ports["s3.port"]


def _moto(folder: Path) -> tuple[list[str], int]:
    del folder
    (port,) = _ports(1)
    return [_program("moto_server"), "-H", "127.0.0.1", "-p", str(port)], port


def _wait_for_bucket(options: dict[str, Any], server: subprocess.Popen[bytes], log: Path) -> None:
    from s3fs import S3FileSystem

    deadline_s = time.monotonic() + START_WITHIN_S
    while True:
        try:
            system = S3FileSystem(**options, use_listings_cache=False, skip_instance_cache=True)
            if not system.exists("held"):
                system.mkdir("held")
            system.pipe_file("held/ready", b"yes")
        except Exception as error:  # noqa: BLE001 - whatever a server that is still starting answers
            text = log.read_text(encoding="utf-8", errors="replace")[-2000:]
            assert server.poll() is None, f"the S3 server ended: {text}"
            assert time.monotonic() < deadline_s, f"the S3 server does not answer: {error!r} {text}"
            time.sleep(0.2)
        else:
            return


@pytest.fixture(scope="session", params=["seaweedfs", "moto"])
def s3_options(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Options of a file system for `s3://held` on a server of this session."""
    folder = tmp_path_factory.mktemp(f"s3-{request.param}")
    command, port = {"seaweedfs": _seaweedfs, "moto": _moto}[request.param](folder)
    log = folder / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder, start_new_session=True)
    options = {"key": KEY, "secret": SECRET, "endpoint_url": f"http://127.0.0.1:{port}"}
    try:
        _wait_for_bucket(options, server, log)
        yield options
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


@pytest.fixture
def s3_store(s3_options: dict[str, Any], ring: KeyRing, tmp_path: Path) -> BlobStore:
    """A store under a prefix of its own on a real S3 server."""
    url = f"s3://held/{secrets.token_hex(4)}"
    return BlobStore(url, ring, options=s3_options, incoming=tmp_path / "incoming", chunk_bytes=4096)
