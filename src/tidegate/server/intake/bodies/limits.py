"""How large, how slow and how many-parted a body may be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyLimits:
    """Limits of one request body.

    `idle_s` is the longest wait for the next bytes. In every `grace_s` seconds spent waiting, at least
    `min_bytes_per_s` on average must come; time in which our own disk is behind does not count against the sender.
    """

    max_bytes: int = 4 * 1024**3
    max_metadata_bytes: int = 256 * 1024
    max_json_bytes: int = 1024 * 1024
    max_header_metadata_bytes: int = 16 * 1024
    max_fields: int = 32
    max_field_bytes: int = 16 * 1024
    max_parts: int = 40
    max_part_headers: int = 8
    max_part_header_bytes: int = 4096
    idle_s: float = 20.0
    grace_s: float = 30.0
    min_bytes_per_s: int = 1024

    @property
    def max_envelope_bytes(self) -> int:
        """The most that a multipart body may hold besides the video."""
        return self.max_metadata_bytes + self.max_fields * self.max_field_bytes + self.max_parts * 8192
