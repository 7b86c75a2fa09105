"""What the server is set by: where it listens, where state lives, how long it keeps its promises for."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """How `tidegate serve` listens, works and keeps."""

    host: str = field(default="127.0.0.1", metadata={"doc": "address that the web server listens on"})
    port: int = field(
        default=8480, metadata={"doc": "port that the web server listens on; 0 takes a free one", "least": 0}
    )
    public_url: str = field(
        default="", metadata={"doc": "address under which people and platforms reach the server; empty: host and port"}
    )
    database_url: str = field(
        default="",
        metadata={"doc": "`postgresql://user:password@host/name`; empty keeps a SQLite file in the home folder"},
    )
    blob_url: str = field(
        default="", metadata={"doc": "where media are kept, such as `s3://bucket/prefix`; empty: a folder at home"}
    )
    keys_path: Path | None = field(
        default=None,
        metadata={"doc": "folder of the master keys; unset: `keys` at home. Servers of one database share it"},
    )
    trusted_proxies: tuple[str, ...] = field(
        default=(), metadata={"doc": "addresses whose X-Forwarded-For and -Proto are believed; empty: none"}
    )
    web_processes: int = field(default=1, metadata={"doc": "processes that answer requests"})
    screen_processes: int = field(
        default=1, metadata={"doc": "processes that screen uploads; 0 on a web-only machine", "least": 0}
    )
    text_processes: int = field(
        default=1, metadata={"doc": "processes that score texts; 0 offers no texts endpoint", "least": 0}
    )
    precheck_processes: int = field(
        default=1, metadata={"doc": "processes that screen prechecks; 0 offers no precheck endpoint", "least": 0}
    )
    fetch_threads: int = field(
        default=8, metadata={"doc": "media fetched by reference at a time; 0 fetches none here", "least": 0}
    )
    lanes: tuple[str, ...] = field(
        default=("express=15", "standard=60", "bulk=3600"),
        metadata={"doc": "lanes that uploads may ask for, each with its target time to decision in seconds"},
    )
    default_lane: str = field(default="standard", metadata={"doc": "lane of uploads that ask for none"})
    lease_s: float = field(
        default=300.0, metadata={"doc": "seconds after which a silent worker's upload is due again", "least": 1}
    )
    max_tries: int = field(
        default=3, metadata={"doc": "failures after which a person gets the upload, with the reason"}
    )
    max_backlog: int = field(
        default=100_000, metadata={"doc": "uploads waiting above which new ones are refused with 429"}
    )
    max_backlog_s: float = field(
        default=3600.0,
        metadata={"doc": "age in seconds of the oldest wait, past its target, above which new ones are refused"},
    )
    max_body_bytes: int = field(default=4 << 30, metadata={"doc": "largest request body"})
    max_wait_s: float = field(default=60.0, metadata={"doc": "longest `?wait=` of one request in seconds"})
    undo_s: float = field(default=30.0, metadata={"doc": "seconds a person's decision is held back and may be undone"})
    media_days: float = field(default=30.0, metadata={"doc": "days that media are kept after the decision"})
    fetch_hosts: tuple[str, ...] = field(
        default=(), metadata={"doc": "hosts that media may be fetched from, `*.suffix` allowed; empty: any public host"}
    )
    fetch_networks: tuple[str, ...] = field(
        default=(), metadata={"doc": "private networks (CIDR) that media may be fetched from; empty: none"}
    )
    fetch_stores: tuple[str, ...] = field(
        default=(), metadata={"doc": "object stores that media may be fetched from, such as `s3://bucket`; empty: none"}
    )
    fetch_ports: tuple[str, ...] = field(
        default=(), metadata={"doc": "ports beside 80 and 443 that media may be fetched from"}
    )
    fetch_http: str = field(
        default="off", metadata={"doc": "whether unencrypted http references are fetched", "choices": ("on", "off")}
    )
    webhook_networks: tuple[str, ...] = field(
        default=(), metadata={"doc": "private networks (CIDR) that webhooks may be sent to; empty: none"}
    )
    memory_limit_mib: int = field(
        default=2048, metadata={"doc": "resident memory above which a screening process is recycled", "least": 256}
    )
    second_factor: str = field(
        default="required",
        metadata={
            "doc": "whether administrators and leads need a second factor to work here",
            "choices": ("required", "optional"),
        },
    )
    oidc_issuer: str = field(
        default="", metadata={"doc": "OpenID Connect issuer that invited people may sign in with; empty: none"}
    )
    oidc_client_id: str = field(default="", metadata={"doc": "client id that the issuer knows this server by"})
    oidc_client_secret_path: Path | None = field(
        default=None, metadata={"doc": "file that holds the client secret; unset for a client without one"}
    )
    oidc_name: str = field(default="single sign-on", metadata={"doc": "what the sign-in page calls the issuer"})
