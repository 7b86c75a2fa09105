"""What the web lane does with those who send a head without end, or a byte now and then, or a body nobody asked for."""

import socket
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from tidegate.server.lanes import guarded


def _connect(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20.0)


def _read(peer: socket.socket) -> bytes:
    """Everything until the other side closes."""
    found = b""
    while True:
        try:
            piece = peer.recv(65536)
        except ConnectionResetError:
            return found
        if not piece:
            return found
        found += piece


def test_a_request_in_two_pieces_is_answered(live_server: str) -> None:
    with _connect(live_server) as peer:
        peer.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n")
        time.sleep(0.05)
        peer.sendall(b"Connection: close\r\n\r\n")
        assert _read(peer).startswith(b"HTTP/1.1 200 OK")


def test_a_head_without_end_is_ended(live_server: str) -> None:
    with _connect(live_server) as peer:
        peer.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n")
        answer = b""
        for number in range(400):
            try:
                peer.sendall(b"X-%d: %s\r\n" % (number, b"a" * 1000))
            except OSError:
                break
        answer = _read(peer)
    assert b"200 OK" not in answer
    assert answer == b"" or answer.startswith(b"HTTP/1.1 431")


@pytest.mark.parametrize("begun", [b"", b"GET /healthz HTT", b"GET /healthz HTTP/1.1\r\nHost: loc"])
def test_a_head_that_does_not_come_is_not_waited_for(
    live_server: str, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(guarded, "HEAD_WITHIN_S", 0.3)
    with _connect(live_server) as peer:
        peer.sendall(begun)
        assert _read(peer).startswith(b"HTTP/1.1 408")


def test_a_byte_now_and_then_does_not_keep_a_head_open(live_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded, "HEAD_WITHIN_S", 0.4)
    sent = 0
    with _connect(live_server) as peer:
        peer.sendall(b"GET /healthz HTTP/1.1\r\nX: ")
        for _ in range(100):
            time.sleep(0.05)
            try:
                peer.sendall(b"a")
            except OSError:
                break
            sent += 1
    assert sent < 90


def test_a_large_body_for_a_route_of_django_is_refused_before_it_fills_a_disk(
    live_server: str, key_for: Callable[..., str]
) -> None:
    head = f"POST /api/v1/texts HTTP/1.1\r\nHost: localhost\r\nAuthorization: {key_for('texts:score')}\r\n"
    with _connect(live_server) as peer:
        peer.sendall(f"{head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        chunk = b"100000\r\n" + bytes(0x100000) + b"\r\n"
        for _ in range(8):
            try:
                peer.sendall(chunk)
            except OSError:
                break
        answer = _read(peer)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"TG-I026" in answer


def test_a_body_that_stops_is_not_waited_for(
    live_server: str, key_for: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tidegate.server.project.asgi.SILENT_S", 0.3)
    head = f"POST /api/v1/texts HTTP/1.1\r\nHost: localhost\r\nAuthorization: {key_for('texts:score')}\r\n"
    with _connect(live_server) as peer:
        peer.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{".encode())
        answer = _read(peer)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"TG-I031" in answer


def test_what_is_no_http_is_refused(live_server: str) -> None:
    with _connect(live_server) as peer:
        peer.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20)
        assert _read(peer).startswith(b"HTTP/1.1 400")
