"""What a body held."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tidegate.server.intake.bodies.sinks import Sink


class BodyKind(StrEnum):
    """How the body was sent."""

    MULTIPART = "multipart"
    RAW = "raw"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """The video of a body: all of it is in `sink`, which the caller commits or aborts. `content_type` is a claim."""

    sink: Sink
    size_bytes: int
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A whole body. `metadata` is its JSON object, `fields` its simple texts; no name stands in both.

    `video` is None for JSON only.
    """

    kind: BodyKind
    metadata: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    video: Video | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """Metadata and fields in one."""
        return {**self.metadata, **self.fields}
