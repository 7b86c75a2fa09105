"""The list as CSV: whole, bounded, and harmless to a spreadsheet."""

import csv
import importlib
import io
from collections.abc import Callable
from types import ModuleType

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tidegate.server.console.cells import safe_cell
from tidegate.settings import Resolved

NOW_S = 1_790_000_000.0


@pytest.fixture
def export(django_ready: Resolved) -> ModuleType:
    """The module under test, which needs Django to be ready."""
    return importlib.import_module("tidegate.server.console.export")


def _rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u00a0=1"])
def test_a_formula_is_kept_from_being_one(cell: str) -> None:
    assert safe_cell(cell) == f"'{cell}"


@given(st.text(max_size=30))
def test_no_cell_begins_as_a_formula_and_nothing_is_lost(cell: str) -> None:
    safe = safe_cell(cell)
    assert safe.removeprefix("'") == cell.removeprefix("'") or safe == cell
    assert not safe.lstrip(" ").startswith(("=", "+", "-", "@"))


def test_what_a_platform_calls_an_upload_cannot_become_a_formula(
    export: ModuleType, client_as: Callable[..., Client], accepted: Callable[..., str]
) -> None:
    accepted(external_id="=cmd|' /C calc'!A0", creator_id='@SUM(1)","x')
    response = client_as("lead").get("/uploads.csv")
    rows = _rows(b"".join(response.streaming_content))  # type: ignore[attr-defined]
    assert rows[0] == list(export.HEADER)
    assert rows[1][1] == "'=cmd|' /C calc'!A0"
    assert rows[1][2] == '\'@SUM(1)","x'
    assert response["Content-Disposition"] == 'attachment; filename="uploads.csv"'


def test_the_file_holds_what_the_filter_lets_through(
    client_as: Callable[..., Client], decided: Callable[..., str]
) -> None:
    removed, _ = decided("removed"), decided("allowed")
    response = client_as("lead").get("/uploads.csv?verdict=removed")
    rows = _rows(b"".join(response.streaming_content))  # type: ignore[attr-defined]
    assert [row[0] for row in rows[1:]] == [removed]


def test_the_file_is_bounded(export: ModuleType, accepted: Callable[..., str]) -> None:
    for number in range(5):
        accepted(now_s=NOW_S + number)
    lines = b"".join(export.csv_lines(export.Filter(), most=3))
    assert len(_rows(lines)) == 1 + 3


def test_an_empty_list_is_a_file_with_its_heading(export: ModuleType, database: str) -> None:
    assert _rows(b"".join(export.csv_lines(export.Filter()))) == [list(export.HEADER)]
