"""Texts: what is sent to be scored, and what is said of them."""

from typing import Annotated

from pydantic import Field

from tidegate.records import Surface
from tidegate.server.api.shapes.base import Asked, Shape
from tidegate.server.texts.record import MAX_ID_CHARS, MAX_TEXT_CHARS, MAX_TEXTS, TextKind, TextResult

Short = Annotated[str, Field(max_length=MAX_ID_CHARS)]


class Text(Asked):
    """One text, with where it would appear."""

    text: Annotated[str, Field(max_length=MAX_TEXT_CHARS)]
    id: Annotated[str, Field(min_length=1, max_length=MAX_ID_CHARS)] = Field(
        default_factory=str,
        description="the platform's own; without it, a digest of the text",
    )
    kind: TextKind = TextKind.COMMENT
    surface: Surface = Field(default=Surface.COMMENT, description="without it, by the kind")
    language: Short = Field(default="", description="BCP 47; without it, detected")
    region: Annotated[str, Field(pattern="^([A-Z]{2}(-[A-Z0-9]{1,3})?)?$")] = ""
    creator_id: Short = ""


class Texts(Asked):
    """Up to 100 texts, 200,000 characters in all."""

    texts: Annotated[list[Text], Field(min_length=1, max_length=MAX_TEXTS)]


class TextsScored(Shape):
    """One result for each text, in their order."""

    results: list[TextResult]
