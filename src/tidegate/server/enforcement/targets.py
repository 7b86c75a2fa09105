"""Where webhooks may be sent: over https to public addresses, and to private ones only where a setting names them."""

import functools
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tidegate.errors import (
    DeliveryFailedError,
    DeliveryRefusedError,
    EndpointUrlError,
    FetchFailedError,
    RefusedAddressError,
    RefusedReferenceError,
    SettingError,
)
from tidegate.server.intake.fetching.addresses import Network
from tidegate.server.intake.fetching.references import WebReference, read_web
from tidegate.server.intake.fetching.resolving import Resolver, checked_addresses, system_resolver

MOST_URL_CHARS = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRules:
    """Private networks that are let in, certificates trusted instead of the system's, and the caps of time and bytes.

    `connect_s` bounds each connection, `total_s` everything from the look-up of the name to the answer's last byte.
    """

    networks: tuple[Network, ...] = ()
    ca_file: Path | None = None
    connect_s: float = 5.0
    total_s: float = 15.0
    most_answer_bytes: int = 64 * 1024
    resolver: Resolver = system_resolver


def rules_of(networks: Sequence[str]) -> SendRules:
    """The rules for the setting `server.webhook_networks`. Raises SettingError."""
    return SendRules(networks=tuple(_network(text) for text in networks))


@functools.lru_cache(maxsize=64)
def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        raise SettingError(
            f"`{text}` is no network", where="server.webhook_networks", next_step="write it like 10.0.0.0/8 or fd00::/8"
        ) from None


def checked_url(url: str, rules: SendRules) -> WebReference:
    """The address of a new webhook. A name that does not resolve now is taken: it is checked again at each delivery.

    Raises EndpointUrlError.
    """
    if len(url) > MOST_URL_CHARS:
        raise EndpointUrlError(f"the address is longer than {MOST_URL_CHARS} characters", next_step="shorten it")
    try:
        target = read_web(url.strip())
    except RefusedReferenceError as error:
        raise EndpointUrlError(_reworded(error.what), where=error.where, next_step="give an https address") from None
    if target.scheme == "http" and not rules.networks:
        raise EndpointUrlError(
            "webhooks are sent over https",
            where=target.shown,
            next_step="give an https address; http is for networks that server.webhook_networks lists",
        )
    try:
        addresses_of(target, rules, timeout_s=rules.connect_s)
    except DeliveryRefusedError as error:
        raise EndpointUrlError(error.what, where=target.shown, next_step=error.next_step) from None
    except DeliveryFailedError:
        pass
    return target


def addresses_of(target: WebReference, rules: SendRules, *, timeout_s: float) -> tuple[str, ...]:
    """The addresses to connect to, every one checked. Raises DeliveryRefusedError, DeliveryFailedError."""
    allow = "give a public address, or list the network in server.webhook_networks"
    try:
        addresses = checked_addresses(
            target.host, rules.networks, rules.resolver, timeout_s=timeout_s, where=target.shown
        )
    except RefusedAddressError as error:
        raise DeliveryRefusedError(_reworded(error.what), where=target.shown, next_step=allow) from None
    except FetchFailedError as error:
        raise DeliveryFailedError(error.what, where=target.shown, next_step="check the name") from None
    if target.scheme == "http" and not all(_is_listed(address, rules.networks) for address in addresses):
        raise DeliveryRefusedError(
            "http is sent to networks that a setting lists only", where=target.shown, next_step="give an https address"
        )
    return addresses


def _is_listed(text: str, networks: Sequence[Network]) -> bool:
    address = ipaddress.ip_address(text)
    return any(address.version == network.version and address in network for network in networks)


def _reworded(what: str) -> str:
    """A finding of the room that fetches, said of a webhook."""
    return what.replace("the reference", "the address", 1)
