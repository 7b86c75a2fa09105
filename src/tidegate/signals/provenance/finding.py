"""What the marks of a file amount to, one finding at a time, and how the fields of tags are matched."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tidegate.media.marks import Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a field of the file says: where, in plain words, and how strongly, in [0, 1]."""

    field: str
    says: str
    score: float


def key_of(tag: Tag) -> str:
    """The name of a tag's field without the place it stands in, in lower case: `container:Encoder` is `encoder`."""
    return tag.field.partition(":")[2].lower() or tag.field.lower()


def with_keys(tags: Sequence[Tag], *keys: str) -> Iterator[Tag]:
    """The tags of these fields, wherever they stand."""
    return (tag for tag in tags if key_of(tag) in keys)
