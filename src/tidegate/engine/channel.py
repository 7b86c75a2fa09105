"""The socket between an engine and one lane process: small whole messages, never a wait on the other side."""

import json
import socket
from typing import Any

_LARGEST_BYTES = 262_144


def pair() -> tuple[socket.socket, socket.socket]:
    """Two ends that keep messages apart, with room for the largest spec."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _LARGEST_BYTES)
        end.setblocking(False)
    return ours, theirs


def send(end: socket.socket, message: dict[str, Any]) -> bool:
    """Send one message whole; false when the other side is gone or does not read, and then nothing was sent."""
    try:
        end.send(json.dumps(message).encode())
    except OSError:
        return False
    return True


def receive(end: socket.socket) -> tuple[list[dict[str, Any]], bool]:
    """Every message that waits, and whether the other side still holds its end."""
    messages: list[dict[str, Any]] = []
    while True:
        try:
            data = end.recv(_LARGEST_BYTES)
        except BlockingIOError:
            return messages, True
        except OSError:
            return messages, False
        if not data:
            return messages, False
        messages.append(json.loads(data))
