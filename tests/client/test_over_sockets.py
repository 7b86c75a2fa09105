"""Both clients over real connections: bodies stream in little memory, early answers are heard, threads share one."""

import asyncio
import json
import threading
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tidegate.client import AsyncClient, Client, UploadStatus
from tidegate.errors import ServerUnreachableError, TidegateApiError

SIZE_BYTES = 48 << 20
MOST_BYTES = 6 << 20


class Handler(BaseHTTPRequestHandler):
    """Counts the bytes of a body and says how many there were."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(200, {"id": self.path.rpartition("/")[2], "state": "held"})

    def do_POST(self) -> None:
        if self.path.endswith("wait=0.125"):
            self.close_connection = True
            self._answer(413, {"detail": "too large", "code": "TG-I026"})
            return
        count = sum(map(len, self._pieces()))
        self._answer(202, {"id": "up_1", "state": "held", "external_id": str(count)})

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        del format, args

    def _pieces(self) -> Iterator[bytes]:
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size_bytes := int(self.rfile.readline(), 16):
                yield self.rfile.read(size_bytes)
                self.rfile.readline()
            self.rfile.readline()
            return
        left = int(self.headers["Content-Length"])
        while left and (piece := self.rfile.read(min(left, 1 << 16))):
            left -= len(piece)
            yield piece

    def _answer(self, status: int, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.mp4"
    with path.open("wb") as file:
        file.truncate(SIZE_BYTES)
    return path


def _pieces() -> Iterator[bytes]:
    for number in range(SIZE_BYTES >> 16):
        yield bytes([number % 256]) * (1 << 16)


async def _submit(url: str, video: object) -> UploadStatus:
    async with AsyncClient(url, "k") as client:
        return await client.submit(video)  # type: ignore[arg-type]  # of any kind


@pytest.mark.parametrize("kind", ["blocking", "awaiting"])
@pytest.mark.parametrize("form", ["path", "file", "iterator"])
def test_a_large_video_goes_in_little_memory(url: str, large: Path, kind: str, form: str) -> None:
    with large.open("rb") as file, Client(url, "k") as client:
        client.get("warm")
        asyncio.run(_submit(url, b"warm"))
        video = {"path": large, "file": file, "iterator": _pieces()}[form]
        tracemalloc.start()
        try:
            status = client.submit(video) if kind == "blocking" else asyncio.run(_submit(url, video))
            _, peak_bytes = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert status.external_id == str(SIZE_BYTES)
    assert peak_bytes < MOST_BYTES


def test_an_answer_that_comes_before_the_body_is_read_is_heard_or_the_break_is(url: str, large: Path) -> None:
    with Client(url, "k") as client, large.open("rb") as file:
        # Whether the answer outruns the reset is the network's affair; either way the caller hears a coded error.
        with pytest.raises((TidegateApiError, ServerUnreachableError)) as caught:
            client.submit(iter(lambda: file.read(1 << 16), b""), wait_s=0.125)
        assert caught.value.code in ("TG-I026", "TG-N002")


def test_threads_share_a_client(url: str) -> None:
    names = [f"up_{number}" for number in range(60)]
    with Client(url, "k") as client, ThreadPoolExecutor(6) as threads:
        assert [status.id for status in threads.map(client.get, names)] == names


def test_nobody_there_is_said_so() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler, bind_and_activate=False) as unused:
        unused.server_bind()
        port = unused.server_address[1]
        from tidegate.client import Retries

        with (
            Client(f"http://127.0.0.1:{port}", "k", retries=Retries(most_tries=2, first_wait_s=0.01)) as client,
            pytest.raises(ServerUnreachableError, match="no connection"),
        ):
            client.get("up_1")
