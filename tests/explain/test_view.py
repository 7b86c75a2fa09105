"""What the page says about one upload, before any markup."""

from dataclasses import replace

from tidegate.explain.view import MAX_EVIDENCE, upload_view
from tidegate.records import Policy
from tidegate.screening import Screened


def test_evidence_is_numbered_by_how_far_it_moved_a_clause(sample: Screened, sample_policy: Policy) -> None:
    view = upload_view("u1", "harbour.mp4", sample, sample_policy, most_frames=24)
    assert [item.number for item in view.evidence] == list(range(1, 10))
    assert [item.signal.label for item in view.evidence[:2]] == ["matching.frame", "pattern.scam_offer"]
    assert view.evidence[0].clauses == ("banned_media",)


def test_evidence_leads_to_the_picture_that_shows_it(sample: Screened, sample_policy: Policy) -> None:
    view = upload_view("u1", "harbour.mp4", sample, sample_policy, most_frames=24)
    assert view.pictures[view.evidence[0].frame_index].clock == "0:12.0"
    assert view.evidence[1].frame_index == -1


def test_more_signals_than_a_page_holds_are_counted(sample: Screened, sample_policy: Policy) -> None:
    many = replace(sample.screening, signals=sample.screening.signals * 40)
    view = upload_view("u1", "harbour.mp4", replace(sample, screening=many), sample_policy, most_frames=8)
    assert len(view.evidence) == MAX_EVIDENCE
    assert view.hidden_evidence == 9 * 40 - MAX_EVIDENCE


def test_costs_fill_the_bar(sample: Screened, sample_policy: Policy) -> None:
    view = upload_view("u1", "harbour.mp4", sample, sample_policy, most_frames=8)
    assert abs(sum(cost.width for cost in view.costs) - 100) < 0.01
    assert view.cpu_s == sum(cost.cpu_s for cost in sample.screening.costs)


def test_an_unreadable_upload_has_a_view(unreadable_sample: Screened, sample_policy: Policy) -> None:
    view = upload_view("u1", "empty.mp4", unreadable_sample, sample_policy, most_frames=8)
    assert (view.pictures, view.evidence, view.costs, view.leading) == ((), (), (), None)
