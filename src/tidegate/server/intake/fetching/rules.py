"""What may be fetched: the rules of an installation, checked once when they are made."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tidegate.errors import SettingError
from tidegate.server.intake.fetching.addresses import Network

_HOST_RULE = re.compile(r"(\*\.)?[a-z0-9_:.-]+")
_STORE_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
_NOT_A_STORE = {
    *("http", "https", "file", "local", "reference", "zip", "tar", "libarchive", "dir", "cached", "blockcache"),
    *("filecache", "simplecache", "data", "generic"),
}
"""Schemes of fsspec that reach past a store: the web, this machine's files, or another file system inside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreRules:
    """An object store that references may name: `scheme://bucket/key`, for the buckets listed and no other.

    `options` go to `fsspec.filesystem` as they are (endpoint, keys, region); they may hold secrets and are not shown.
    Raises SettingError for a scheme that is no store, and for no bucket.
    """

    scheme: str
    buckets: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if not _STORE_SCHEME.fullmatch(self.scheme) or self.scheme in _NOT_A_STORE:
            raise SettingError(
                f"`{self.scheme}` is no scheme of an object store", next_step="name a scheme like s3, gs or az"
            )
        if not self.buckets:
            raise SettingError(f"the store `{self.scheme}` lists no bucket", next_step="list the buckets it may read")


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRules:
    """What may be fetched by reference, and how much time and how many bytes it may take.

    `schemes`: `https`, and `http` only if it is named. `hosts`: names, or `*.name` for every name below it; none
    means any public host. `networks`: blocks such as `10.0.0.0/8` that are let in though they are not public.
    `folders`: where `file://` may read; none means that it may not. `ca_file`: certificates trusted instead of the
    system's. `read_s` is the longest silence, `total_s` the longest fetch with its redirects.
    Raises SettingError for a scheme, host, network or port that makes no sense.
    """

    schemes: frozenset[str] = frozenset({"https"})
    hosts: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    ports: frozenset[int] = frozenset({80, 443})
    stores: tuple[StoreRules, ...] = ()
    folders: tuple[Path, ...] = ()
    ca_file: Path | None = None
    max_bytes: int = 4 * 1024**3
    max_redirects: int = 5
    is_downgrade_allowed: bool = False
    connect_s: float = 5.0
    read_s: float = 15.0
    total_s: float = 300.0
    allowed_networks: tuple[Network, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if unknown := sorted(self.schemes - {"http", "https"}):
            raise SettingError(f"`{unknown[0]}` is no scheme of the web", next_step="name https, or http and https")
        for host in self.hosts:
            if not _HOST_RULE.fullmatch(host):
                raise SettingError(f"`{host}` is no host", next_step="write it like media.example.com or *.example.com")
        for port in self.ports:
            if not 0 < port < 65536:
                raise SettingError(f"{port} is no port", next_step="name ports from 1 to 65535")
        if self.max_bytes < 1 or self.max_redirects < 0 or min(self.connect_s, self.read_s, self.total_s) <= 0:
            raise SettingError("a limit of fetching is not positive", next_step="give seconds and bytes above zero")
        object.__setattr__(self, "allowed_networks", tuple(_network(text) for text in self.networks))

    def is_host_allowed(self, host: str) -> bool:
        """Whether the list of hosts lets a host in; it must be in small letters. Without a list, every host is."""
        return not self.hosts or any(
            host.endswith(rule[1:]) if rule.startswith("*.") else host == rule for rule in self.hosts
        )

    def store(self, scheme: str) -> StoreRules | None:
        """The store that answers for a scheme, if one does."""
        return next((store for store in self.stores if store.scheme == scheme), None)


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        raise SettingError(f"`{text}` is no network", next_step="write it like 10.0.0.0/8 or fd00::/8") from None
