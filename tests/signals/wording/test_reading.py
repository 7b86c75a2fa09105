from tidegate.records import AbstentionReason, Span, TextSource
from tidegate.signals.base import TextView
from tidegate.signals.wording.normalise import MAX_CHARS
from tidegate.signals.wording.reading import over_budget, read_view


def test_a_text_is_cut_at_the_limit_and_the_rest_counted() -> None:
    reading = read_view(TextView(source=TextSource.CAPTION, text="a b " * MAX_CHARS))
    assert len(reading.text.original) == MAX_CHARS
    assert reading.unread_chars == 3 * MAX_CHARS


def test_what_was_not_read_is_abstained_with_its_place() -> None:
    view = TextView(source=TextSource.SPEECH, text="x" * (MAX_CHARS + 5), span=Span(start_s=1.0, end_s=2.0))
    spoken = over_budget(read_view(view), "wording.test@1", frozenset({"wording.spam"}))
    assert spoken.reason is AbstentionReason.OVER_BUDGET
    assert spoken.span == view.span
    assert "last 5 characters" in spoken.detail


def test_detectors_share_one_normalised_text() -> None:
    view = TextView(source=TextSource.CAPTION, text="shared words")
    assert read_view(view).text is read_view(view).text
