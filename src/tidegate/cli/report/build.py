"""Writes the report: sections as uploads come, an index over all of them, one file that replaces the old one whole."""

import base64
import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from tidegate import __version__
from tidegate.cli.paths import Refusal
from tidegate.cli.replacing import replacing
from tidegate.explain.clauses import probability_text
from tidegate.explain.phrases import media_line, problem_text
from tidegate.explain.scale import clock_text, probability_ticks
from tidegate.explain.view import MAX_LINES, UploadView, upload_view
from tidegate.explain.visible import escaped, is_unsafe
from tidegate.records import Policy, Verdict

if TYPE_CHECKING:
    from jinja2 import Environment

    from tidegate.screening import Screened

MOST_FRAMES = 24
MOST_FRAMES_IN_BATCH = 8
MOST_LINES_IN_BATCH = 120
"""Frames and lines shown per upload, alone and in a batch: a page of a hundred uploads must still open."""

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRow:
    """One line of the index. `verdict` is empty for what could not be screened at all."""

    key: str
    name: str
    verdict: str
    clause: str
    probability: str
    duration: str
    note: str


class ReportBuilder:
    """Collects screened uploads into one page. Sections go to a temporary file at once: memory stays flat.

    `expected` is how many uploads will come, which decides on an index and frames per upload. Call `close` at the end.
    """

    def __init__(self, policy: Policy, *, made_at_s: float, expected: int = 1) -> None:
        self._policy = policy
        self._made_at_s = made_at_s
        self._is_single = expected == 1
        self._rows: list[IndexRow] = []
        self._sections: TextIO = tempfile.TemporaryFile("w+", encoding="utf-8", prefix="tidegate-")  # noqa: SIM115

    def close(self) -> None:
        """Let go of the temporary file."""
        self._sections.close()

    def add(self, name: str, result: "Screened | Refusal") -> None:
        """Take in one upload, or what could not be screened."""
        key = f"u{len(self._rows) + 1}"
        if isinstance(result, Refusal):
            self._rows.append(_refused_row(key, name, result))
            return
        most = MOST_FRAMES if self._is_single else MOST_FRAMES_IN_BATCH
        lines = MAX_LINES if self._is_single else MOST_LINES_IN_BATCH
        view = upload_view(key, name, result, self._policy, most_frames=most, most_lines=lines)
        self._rows.append(_index_row(view))
        self._sections.write(_render("upload.html.j2", view=view, is_single=self._is_single))

    def write(self, path: Path) -> None:
        """Write the page to `path`, replacing it whole. Raises UsageError when the place cannot be written."""
        style = (_FOLDER / "style.css").read_text(encoding="utf-8")
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
        made_at = datetime.fromtimestamp(self._made_at_s, UTC).strftime("%Y-%m-%d %H:%M UTC")
        page = _render(
            "page.html.j2",
            rows=self._rows,
            counts=_counts(self._rows),
            is_single=self._is_single,
            policy=self._policy,
            made_at=made_at,
            style=style,
            style_digest=digest,
        )
        head, foot = page.split("<!-- sections -->")
        self._sections.seek(0)
        with replacing(path, "report") as file:
            file.write(head)
            shutil.copyfileobj(self._sections, file)
            file.write(foot)


def _index_row(view: UploadView) -> IndexRow:
    leading, media = view.leading, view.screening.media
    problem = view.screening.problems[0] if view.screening.problems and media is None else None
    return IndexRow(
        key=view.key,
        name=view.name,
        verdict=view.decision.verdict.value,
        clause=leading.row.title if leading else "",
        probability=probability_text(leading.row) if leading else "",
        duration=clock_text(media.duration_s) if media else "",
        note=f"{problem.code} {problem.what}" if problem else "",
    )


def _refused_row(key: str, name: str, refusal: Refusal) -> IndexRow:
    note = f"{refusal.error.code} {refusal.error.what}"
    return IndexRow(key=key, name=name, verdict="", clause="", probability="", duration="", note=note)


def _counts(rows: list[IndexRow]) -> list[tuple[str, int]]:
    counted = [(verdict.value, sum(row.verdict == verdict.value for row in rows)) for verdict in Verdict]
    refused = sum(not row.verdict for row in rows)
    return [*counted, *([("not screened", refused)] if refused else [])]


def _render(template: str, **values: object) -> str:
    rendered: str = _environment().get_template(template).render(**values)
    return rendered


def page_text(value: object) -> object:
    """What a template prints: text loses every character that could reorder, hide or not be encoded; breaks stay."""
    from markupsafe import Markup

    if not isinstance(value, str) or isinstance(value, Markup) or (value.isascii() and value.isprintable()):
        return value
    return "".join(escaped(c) if c not in "\n\t" and is_unsafe(c) else c for c in value)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=page_text,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "clock": clock_text,
        "problem": problem_text,
        "media_line": media_line,
        "chance": probability_text,
    }
    environment.globals |= {"ticks": probability_ticks(), "version": __version__, "own_markup": Markup}
    return environment
