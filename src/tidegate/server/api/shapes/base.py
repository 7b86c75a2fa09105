"""What shapes are made of."""

from typing import Annotated, Generic, TypeVar

from ninja import Schema
from pydantic import ConfigDict, Field

T = TypeVar("T")

Moment = Annotated[str, Field(description="ISO 8601 in UTC", json_schema_extra={"format": "date-time"})]
"""A time. It is text already when a shape gets it: a parsed one would lose digits on its way out."""
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
After = Annotated[str, Field(max_length=200, description="`next` of the page before")]
Word = Annotated[str, Field(max_length=255, pattern="^[^\\x00]*$")]
"""A text that a list is narrowed by; no database looks for NUL."""


class Shape(Schema):
    """An object of an answer."""


class Asked(Schema):
    """An object of a request: fields that it does not have are refused, since they would be ignored silently."""

    model_config = ConfigDict(extra="forbid")


class Page(Shape, Generic[T]):
    """Some items of a list, and the cursor of those that follow; null at the end."""

    items: list[T]
    next: str | None


class ProblemDocument(Shape):
    """What went wrong (RFC 9457), with a stable code and what to do about it."""

    type: str = Field(description="`urn:tidegate:error:` and the code")
    title: str
    status: int
    detail: str = Field(description="what is wrong, in one sentence")
    code: str = Field(description="stable: its meaning never changes", examples=["TG-H211"])
    where: str = Field(description="the JSON path, header or id that it is about; may be empty")
    next_step: str = Field(description="what to do; may be empty")
