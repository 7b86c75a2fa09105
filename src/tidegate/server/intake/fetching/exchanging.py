"""One request to one host over addresses checked before: the head of its answer, or why there is none."""

import functools
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpcore

from tidegate.errors import SettingError
from tidegate.server.intake.fetching.pinning import PinnedBackend
from tidegate.server.intake.fetching.receiving import Deadline
from tidegate.server.intake.fetching.references import WebReference


class ExchangeFault(Exception):  # noqa: N818 - an envelope, not an error of ours
    """Carries why an exchange came to no end, in words of ours: the other side's are not repeated."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What is sent, beside `Host` and `Connection`; `ca_file` holds the certificates trusted, else the system's are.

    `connect_s` bounds each connection, `silent_s` each wait for the other side; the deadline bounds everything.
    """

    method: str
    headers: Sequence[tuple[bytes, bytes]]
    content: bytes | None = None
    connect_s: float
    silent_s: float
    ca_file: Path | None = None


@contextmanager
def exchange(
    what: Exchange, target: WebReference, addresses: Sequence[str], deadline: Deadline
) -> Iterator[httpcore.Response]:
    """Connect to one of the addresses, verify the name over https, send, and hand on the answer to be read.

    No proxy, no redirect, no cookie, no second look-up of the name. Raises ExchangeFault, also for what breaks while
    the answer is being read, SettingError for `ca_file`, and what the deadline raises.
    """
    context = _trust(what.ca_file) if target.scheme == "https" else None
    waits = {"connect": what.connect_s, "read": what.silent_s, "write": what.silent_s, "pool": what.connect_s}
    backend = PinnedBackend(addresses, deadline)
    try:
        with (
            httpcore.ConnectionPool(ssl_context=context, network_backend=backend, max_connections=1) as pool,
            pool.stream(
                what.method,
                httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.target),
                headers=[(b"Host", target.authority.encode("ascii")), (b"Connection", b"close"), *what.headers],
                content=what.content,
                extensions={"timeout": waits, "sni_hostname": target.host},
            ) as response,
        ):
            yield response
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError, OSError) as error:
        raise ExchangeFault(_why(error)) from error


def _why(error: Exception) -> str:
    if isinstance(error.__cause__ or error.__context__, ssl.SSLCertVerificationError):
        return "the server's certificate is not trusted for this host"
    if isinstance(error, httpcore.ConnectError | httpcore.ConnectTimeout):
        return "no connection was made"
    if isinstance(error, httpcore.TimeoutException):
        return "nothing came for too long"
    if isinstance(error, httpcore.RemoteProtocolError):
        return "the answer was cut short or is no HTTP"
    return "the connection was lost"


@functools.lru_cache(maxsize=4)
def _trust(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except (OSError, ssl.SSLError) as error:
        raise SettingError(
            "the file of trusted certificates cannot be read", where=str(ca_file), next_step="name a file in PEM form"
        ) from error
