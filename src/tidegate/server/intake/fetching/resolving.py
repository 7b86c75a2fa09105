"""From a host to addresses that were all checked: once, and never again for the same connection."""

import ipaddress
import queue
import socket
import threading
from collections.abc import Sequence
from typing import Protocol

from tidegate.errors import FetchFailedError, RefusedAddressError
from tidegate.server.intake.fetching.addresses import Address, Network, why_refused

MAX_ADDRESSES = 16


class Resolver(Protocol):
    """Finds the addresses of a host name."""

    def __call__(self, host: str, *, timeout_s: float) -> Sequence[str]:
        """The addresses as text, in the order to try. Raises OSError where the name has none or time ran out."""
        ...


def system_resolver(host: str, *, timeout_s: float) -> Sequence[str]:
    """The addresses that the system knows for a name; raises OSError, TimeoutError after `timeout_s`.

    The system's own look-up takes no time limit, so it runs in a thread that is left behind if it overruns.
    """
    answers: queue.SimpleQueue[Sequence[str] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            answers.put(tuple(dict.fromkeys(str(row[4][0]) for row in rows)))
        except (OSError, UnicodeError) as error:
            answers.put(error if isinstance(error, OSError) else OSError("the name cannot be asked for"))

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=max(timeout_s, 0.001))
    except queue.Empty:
        raise TimeoutError("no answer in time") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def checked_addresses(
    host: str, networks: Sequence[Network], resolver: Resolver, *, timeout_s: float, where: str
) -> tuple[str, ...]:
    """The addresses of a host, every one of them checked; an address as host is only checked.

    Raises RefusedAddressError if any single one is refused, because a name that mixes public and private addresses
    is an attack or a mistake, and FetchFailedError if the name has none.
    """
    literal = _address(host)
    if literal is not None:
        texts: Sequence[str] = (host,)
    else:
        try:
            texts = resolver(host, timeout_s=timeout_s)[:MAX_ADDRESSES]
        except OSError as error:
            raise FetchFailedError(
                "the host's name was not resolved", where=where, next_step="check the name; it is tried again later"
            ) from error
    if not texts:
        raise FetchFailedError("the host has no address", where=where, next_step="check the name")
    return tuple(_checked(text, networks, where) for text in texts)


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _checked(text: str, networks: Sequence[Network], where: str) -> str:
    address = _address(text)
    why = "no address" if address is None else why_refused(address, networks)
    if address is None or why:
        raise RefusedAddressError(
            f"the reference leads to {why}",
            where=where,
            next_step="give a public address, or have the network listed among those that may be fetched from",
        )
    return str(address)
