"""What a fetch hands back."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A reference whose bytes are all in the sink.

    `sha256` is in lowercase hex. `content_type` is what the server said, in small letters without parameters; empty
    if it said nothing. `final_url` is where the bytes came from after redirects, without its query, which is often a
    secret.
    """

    size_bytes: int
    sha256: str
    content_type: str
    final_url: str
