"""A network back end for httpcore that connects to addresses checked before, and to nothing else."""

import ssl
from collections.abc import Iterable, Sequence
from typing import Any

import httpcore

from tidegate.server.intake.fetching.receiving import Deadline


class PinnedBackend(httpcore.NetworkBackend):
    """Connects to the pinned addresses whatever host it is asked for, so no name is resolved a second time.

    The name stays what TLS verifies and what the `Host` header says. Every read and write is bounded by the time the
    whole fetch has left, so a peer that sends a byte now and then gains nothing.
    """

    def __init__(self, addresses: Sequence[str], deadline: Deadline) -> None:
        self._addresses = addresses
        self._deadline = deadline
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first pinned address that answers. Raises what the last one raised."""
        failure: Exception = httpcore.ConnectError("no address")
        for address in self._addresses:
            left_s = self._deadline.left_s(timeout or float("inf"))
            try:
                return _BoundedStream(self._inner.connect_tcp(address, port, left_s, None, ()), self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


class _BoundedStream(httpcore.NetworkStream):
    """A stream none of whose waits outlasts the fetch."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left_s(timeout or float("inf")))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.left_s(timeout or float("inf")))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left_s = self._deadline.left_s(timeout or float("inf"))
        return _BoundedStream(self._inner.start_tls(ssl_context, server_hostname, left_s), self._deadline)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - the type httpcore gives it
        return self._inner.get_extra_info(info)
