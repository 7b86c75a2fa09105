"""The rules of fetching, from the settings."""

from tidegate.errors import SettingError
from tidegate.server.intake.fetching.rules import FetchRules, StoreRules
from tidegate.settings import ServerSettings


def fetch_rules(server: ServerSettings) -> FetchRules:
    """Raises SettingError for a host, network or store that makes no sense."""
    by_scheme: dict[str, list[str]] = {}
    for text in server.fetch_stores:
        scheme, mark, bucket = text.partition("://")
        if not mark or not bucket.strip("/"):
            raise SettingError(
                f"`{text}` is no store", where="server.fetch_stores", next_step="write it like s3://bucket"
            )
        by_scheme.setdefault(scheme, []).append(bucket.strip("/"))
    stores = tuple(StoreRules(scheme=scheme, buckets=tuple(buckets)) for scheme, buckets in by_scheme.items())
    is_http = server.fetch_http == "on"
    ports = frozenset({80, 443, *server_ports(server.fetch_ports)})
    return FetchRules(
        schemes=frozenset({"https", "http"}) if is_http else frozenset({"https"}),
        hosts=tuple(host.lower() for host in server.fetch_hosts),
        networks=server.fetch_networks,
        ports=ports,
        stores=stores,
        max_bytes=server.max_body_bytes,
    )


def server_ports(texts: tuple[str, ...]) -> tuple[int, ...]:
    """Port numbers from their texts. Raises SettingError."""
    try:
        return tuple(int(text) for text in texts)
    except ValueError:
        raise SettingError("a port is a number", where="server.fetch_ports") from None
