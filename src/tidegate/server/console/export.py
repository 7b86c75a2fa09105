"""The list of uploads as CSV: streamed page by page, bounded, and harmless to a spreadsheet."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime

from tidegate.server.console.cells import safe_cell
from tidegate.server.console.listing import Filter, page_of
from tidegate.server.intake.models import UploadRow

MOST_ROWS = 10_000
BATCH = 500
HEADER = (
    "upload_id",
    "external_id",
    "creator_id",
    "surface",
    "region",
    "lane",
    "state",
    "verdict",
    "clause",
    "accepted_at",
    "deadline",
    "decided_at",
    "acted_at",
    "media_size_bytes",
)


def csv_lines(wanted: Filter, *, after: str = "", most: int = MOST_ROWS) -> Iterator[bytes]:
    """The filter's uploads from behind a cursor on, newest first, at most `most`. Reads a batch at a time."""
    yield _line(HEADER)
    left = most
    while left > 0:
        page = page_of(wanted, after=after, most=min(BATCH, left))
        if page.rows:
            yield b"".join(_line(_cells(row)) for row in page.rows)
        left -= len(page.rows)
        after = page.after
        if not after:
            return


def _cells(row: UploadRow) -> tuple[str, ...]:
    return (
        row.id,
        row.external_id,
        row.creator_id,
        row.surface,
        row.region,
        row.lane,
        row.state,
        row.verdict,
        row.clause_id,
        *(_moment(at_s) for at_s in (row.accepted_at_s, row.deadline_s, row.decided_at_s, row.acted_at_s)),
        str(row.media_size_bytes),
    )


def _moment(at_s: float | None) -> str:
    return "" if at_s is None else datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds")


def _line(cells: tuple[str, ...]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(safe_cell(cell) for cell in cells)
    return text.getvalue().encode("utf-8", "replace")
