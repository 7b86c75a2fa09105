"""Marks of origin inside a file in plain words: what they say, who says it, and what it does not mean."""

from dataclasses import dataclass

from tidegate.explain.phrases import manifest_text
from tidegate.records import ManifestState, Provenance

MOST_VALUES = 20
MOST_CHARS = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginRow:
    """One fact with its values, and how many more there are. `is_code` is true for names that machines gave."""

    term: str
    values: tuple[str, ...]
    is_code: bool = False
    hidden: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What the page says about where a file comes from. `tone` is `good`, `bad` or `plain`."""

    headline: str
    tone: str
    declares_ai: bool
    rows: tuple[OriginRow, ...]


def origin_of(provenance: Provenance | None) -> Origin | None:
    """The panel of origin, `None` where nothing looked for marks of origin."""
    if provenance is None:
        return None
    rows = (
        _row("made with", (provenance.generator,)),
        _row("signed at", (provenance.signed_at,)),
        _row("done to it", [action.removeprefix("c2pa.").replace("_", " ") for action in provenance.actions]),
        _row("made from", (_files(provenance.ingredient_count),)),
        _row("software named in tags", provenance.software),
        _row("encoded again", provenance.reencode_traces),
        _row("problems", provenance.problems, is_code=True),
    )
    return Origin(
        headline=manifest_text(provenance),
        tone=_tone(provenance),
        declares_ai=provenance.declares_ai,
        rows=tuple(row for row in rows if row.values),
    )


def _files(count: int) -> str:
    return "" if count == 0 else "one other file" if count == 1 else f"{count} other files"


def _tone(provenance: Provenance) -> str:
    if provenance.manifest is ManifestState.INVALID:
        return "bad"
    return "good" if provenance.manifest is ManifestState.VALID and provenance.is_trusted else "plain"


def _row(term: str, values: "tuple[str, ...] | list[str]", *, is_code: bool = False) -> OriginRow:
    told = tuple(value[:MOST_CHARS] for value in values if value)
    return OriginRow(term=term, values=told[:MOST_VALUES], is_code=is_code, hidden=max(0, len(told) - MOST_VALUES))
