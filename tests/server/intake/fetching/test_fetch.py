"""Fetching from real servers on this machine: what is taken, what is refused, and what is tried again."""

import gzip
import hashlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import fsspec
import pytest
import trustme

from tidegate import errors
from tidegate.server.intake.fetching import Fetched, FetchRules, StoreRules, fetch

Serve = Callable[..., int]
VIDEO = bytes(range(256)) * 4000


class Memory:
    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data


@pytest.fixture
def serve() -> Iterator[Serve]:
    """`serve(answers)`: a server that gives the raw pieces of one answer to each connection; its port."""
    listeners: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def start(*answers: Sequence[bytes], pause_s: float = 0.0, tls: ssl.SSLContext | None = None) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def run() -> None:
            for answer in answers:
                try:
                    connection, _ = listener.accept()
                    with connection, tls.wrap_socket(connection, server_side=True) if tls else connection as stream:
                        stream.settimeout(5)
                        stream.recv(65536)
                        for piece in answer:
                            stream.sendall(piece)
                            time.sleep(pause_s)
                except OSError:
                    continue

        threads.append(threading.Thread(target=run, daemon=True))
        threads[-1].start()
        return int(listener.getsockname()[1])

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join(5)


def ok(body: bytes, *headers: str) -> list[bytes]:
    head = "\r\n".join(["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers])
    return [f"{head}\r\n\r\n".encode() + body]


def redirect(location: str) -> list[bytes]:
    return [f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()]


def get(port: int, sink: Memory | None = None, path: str = "/clip.mp4?sig=SECRET", **fields: object) -> Fetched:
    rules: dict[str, object] = {
        "schemes": frozenset({"http"}),
        "networks": ("127.0.0.0/8",),
        "ports": frozenset({port}),
    }
    return fetch(f"http://127.0.0.1:{port}{path}", sink or Memory(), FetchRules(**{**rules, **fields}))  # type: ignore[arg-type]


def test_the_bytes_arrive_with_their_hash_and_without_the_query(serve: Serve) -> None:
    sink, port = Memory(), serve(ok(VIDEO, "Content-Type: Video/MP4; a=b"))
    fetched = get(port, sink)
    assert sink.data == VIDEO
    assert fetched == Fetched(
        size_bytes=len(VIDEO),
        sha256=hashlib.sha256(VIDEO).hexdigest(),
        content_type="video/mp4",
        final_url=f"http://127.0.0.1:{port}/clip.mp4",
    )


def test_chunks_are_put_together(serve: Serve) -> None:
    sink = Memory()
    get(serve([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", b"2\r\nde\r\n0\r\n\r\n"]), sink)
    assert sink.data == b"abcde"


def test_a_redirect_is_followed_and_environment_proxies_are_not(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert get(serve(redirect("/b"), ok(b"x"))).final_url.endswith("/b")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (redirect("http://10.0.0.1:{port}/"), errors.RefusedAddressError),
        (redirect("http://169.254.169.254:{port}/latest"), errors.RefusedAddressError),
        (redirect("http://2130706433:{port}/"), errors.RefusedReferenceError),
        (redirect("file:///etc/passwd"), errors.RefusedReferenceError),
        (redirect("http://127.0.0.1:1/"), errors.RefusedReferenceError),
        (redirect("\\\\127.0.0.1"), errors.RefusedReferenceError),
        (redirect("/clip.mp4?sig=SECRET"), errors.RefusedResponseError),
        (ok(gzip.compress(bytes(1_000_000)), "Content-Encoding: gzip"), errors.RefusedResponseError),
        ([b"HTTP/1.1 200 OK\r\n\r\nabc"], errors.RefusedResponseError),
        ([b"HTTP/1.1 206 Partial\r\nContent-Length: 1\r\n\r\na"], errors.RefusedResponseError),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"], errors.UploadTooLargeError),
        (
            [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"fff\r\n" + b"x" * 4095 + b"\r\n"],
            errors.UploadTooLargeError,
        ),
        (ok(b""), errors.EmptyUploadError),
        ([b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"], errors.ReferenceGoneError),
        ([b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"], errors.FetchFailedError),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"], errors.FetchFailedError),
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"], errors.FetchFailedError),
        ([b"SSH-2.0-x\r\n"], errors.FetchFailedError),
        ([b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300_000], errors.FetchFailedError),
        ([], errors.FetchFailedError),
    ],
)
def test_an_answer_that_is_not_right_is_an_error_without_the_secret(
    answer: list[bytes], error: type[errors.IntakeEdgeError], serve: Serve
) -> None:
    holder: list[bytes] = []
    port = serve(holder, holder)
    holder += [piece.replace(b"{port}", str(port).encode()) for piece in answer]
    with pytest.raises(error) as caught:
        get(port, max_bytes=2000)
    assert caught.value.is_transient == (error is errors.FetchFailedError)
    assert "SECRET" not in str(caught.value)


def test_redirects_without_end_are_cut_off(serve: Serve) -> None:
    with pytest.raises(errors.RefusedResponseError, match="more than 2"):
        get(serve(*(redirect(f"/{hop}") for hop in range(9))), max_redirects=2)


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"])
def test_a_drip_ends_with_the_total_time_in_head_and_in_body(head: bytes, serve: Serve) -> None:
    with pytest.raises(errors.FetchFailedError):
        get(serve([head, *[b"H"] * 100], pause_s=0.02), total_s=0.3, read_s=5.0)


def test_a_name_is_resolved_once_and_the_checked_address_is_connected_to(serve: Serve) -> None:
    port, asked = serve(ok(b"x")), list[str]()

    def rebinding(host: str, *, timeout_s: float) -> Sequence[str]:
        asked.append(host)
        return ("127.0.0.1",) if len(asked) == 1 else ("10.0.0.1",)

    rules = FetchRules(schemes=frozenset({"http"}), networks=("127.0.0.0/8",), ports=frozenset({port}))
    assert fetch(f"http://clips.example:{port}/", Memory(), rules, resolver=rebinding).size_bytes == 1
    assert asked == ["clips.example"]


def test_one_private_address_among_public_ones_refuses_the_name() -> None:
    def mixed(host: str, *, timeout_s: float) -> Sequence[str]:
        return "8.8.8.8", "192.168.0.1"

    with pytest.raises(errors.RefusedAddressError):
        fetch("https://clips.example/", Memory(), FetchRules(), resolver=mixed)


@pytest.mark.parametrize("name", ["clips.example", "other.example"])
def test_tls_is_verified_for_the_name_not_the_address(name: str, serve: Serve, tmp_path: Path) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    port = serve(ok(b"x"), tls=context)
    rules = FetchRules(networks=("127.0.0.0/8",), ports=frozenset({port}), ca_file=tmp_path / "ca.pem")

    def here(host: str, *, timeout_s: float) -> Sequence[str]:
        return ("127.0.0.1",)

    if name == "clips.example":
        assert fetch(f"https://clips.example:{port}/", Memory(), rules, resolver=here).size_bytes == 1
    else:
        with pytest.raises(errors.FetchFailedError, match="certificate"):
            fetch(f"https://clips.example:{port}/", Memory(), rules, resolver=here)


def test_an_error_of_the_sink_is_not_taken_for_one_of_the_network(serve: Serve) -> None:
    class Full:
        def write(self, data: bytes) -> None:
            raise OSError(28, "no space left")

    with pytest.raises(OSError, match="no space"):
        get(serve(ok(b"x")), Full())  # type: ignore[arg-type]


def test_a_store_is_read_for_its_listed_buckets_only() -> None:
    fsspec.filesystem("memory").pipe("clips/a.mp4", VIDEO)
    rules, sink = FetchRules(stores=(StoreRules(scheme="memory", buckets=("clips",)),)), Memory()
    assert fetch("memory://clips/a.mp4", sink, rules).size_bytes == len(VIDEO)
    assert sink.data == VIDEO
    for key in ("other/a.mp4", "clips/../other/a", "clips/"):
        with pytest.raises(errors.RefusedReferenceError):
            fetch(f"memory://{key}", sink, rules)
    with pytest.raises(errors.ReferenceGoneError):
        fetch("memory://clips/none.mp4", sink, rules)


def test_files_are_read_only_under_listed_folders_whatever_links_say(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.mp4").write_bytes(VIDEO)
    (tmp_path / "secret").write_bytes(b"s")
    (folder / "link").symlink_to(tmp_path / "secret")
    rules, sink = FetchRules(folders=(folder,)), Memory()
    assert fetch(f"file://{folder}/a.mp4", sink, rules).size_bytes == len(VIDEO)
    for path in (f"{folder}/link", f"{folder}/../secret", f"{folder}/%2e%2e/secret", f"{tmp_path}/secret"):
        with pytest.raises(errors.RefusedReferenceError):
            fetch(f"file://{path}", sink, rules)
    with pytest.raises(errors.RefusedReferenceError):
        fetch(f"file://{folder}/a.mp4", sink, FetchRules())
