"""Results as rows are what the general codec makes of them, both ways."""

from collections.abc import Callable
from typing import Any

import pytest

from tidegate.records import AbstentionReason, from_json, to_json
from tidegate.server.texts.record import TextRequest, TextResult
from tidegate.server.texts.rows import result_of, row_of
from tidegate.server.texts.scorer import Scorer

TEXTS = ("", "low tide", "Guaranteed returns. Send $100 today, and get $1000 back", "नमस्ते दोस्तों", "a. " * 3000)


@pytest.mark.parametrize("text", TEXTS, ids=["empty", "plain", "offer", "language", "long"])
def test_a_row_is_what_the_codec_writes_and_reads(scorer: Scorer, text: str) -> None:
    (result,) = scorer.score([TextRequest(id="c1", text=text)])
    row = row_of(result)
    assert row == to_json(result)
    assert list(row) == list(to_json(result))
    assert result_of(row) == result == from_json(TextResult, row)


def test_signals_abstentions_and_flags_come_back(result: Callable[..., TextResult]) -> None:
    made = result(
        {"wording.hate": 0.5}, flagged=("wording.hate",), abstained=(AbstentionReason.FAILED, ("wording.spam",))
    )
    assert result_of(row_of(made)) == made


@pytest.mark.parametrize(
    "change", [{"verdict": "maybe"}, {"clauses": None}, {"clauses": [{}]}, {"signals": [{}]}, {"actions": ["dance"]}]
)
def test_a_row_that_is_none_is_an_error(result: Callable[..., TextResult], change: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        result_of(row_of(result()) | change)
