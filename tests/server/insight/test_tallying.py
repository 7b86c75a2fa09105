"""The journal's sums: each entry once, whatever happens between."""

import time
from collections.abc import Callable

from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from tidegate.server.insight.exposing import exposition
from tidegate.server.insight.tallying import tallies, tally


def _sums(name: str) -> dict[tuple[str, ...], float]:
    return {tuple(labels.values()): value for one, labels, value in tallies() if one == name}


def test_decisions_are_counted_by_verdict_and_by_who_made_them(
    both_databases: str, decided: Callable[..., str]
) -> None:
    for verdict in ("allowed", "allowed", "removed", "held"):
        decided(verdict)
    assert tally() > 0
    assert _sums("decisions") == {("machine", "allowed"): 2.0, ("machine", "removed"): 1.0}


def test_a_decision_of_a_person_is_counted_as_one(
    both_databases: str, decided: Callable[..., str], person: Callable[..., object]
) -> None:
    from tidegate.records import Verdict
    from tidegate.server.casework.deciding import Ruling, decide_case
    from tidegate.server.casework.models import CaseRow

    upload_id = decided("held")
    case = CaseRow.objects.get(upload_id=upload_id)
    somebody = person("reviewer")
    decide_case(case.id, Ruling(verdict=Verdict.ALLOWED), person_id=somebody.id, now_s=time.time())  # type: ignore[attr-defined]
    tally()
    assert _sums("decisions") == {("person", "allowed"): 1.0}


def test_summing_twice_adds_nothing(both_databases: str, decided: Callable[..., str]) -> None:
    decided("allowed")
    tally()
    before = tallies()
    assert tally() == 0
    assert tallies() == before


def test_summing_in_small_steps_gives_the_same_as_at_once(both_databases: str, decided: Callable[..., str]) -> None:
    for _ in range(3):
        decided("allowed")
    steps = 0
    while tally(2):
        steps += 1
    assert steps > 3
    assert _sums("decisions") == {("machine", "allowed"): 3.0}


def test_time_to_decision_is_told_by_lane_and_late_ones_are_breaches(
    both_databases: str, decided: Callable[..., str]
) -> None:
    from tidegate.server.intake.models import UploadRow

    upload_id = decided("allowed", lane="express", target_s=15.0)
    UploadRow.objects.filter(id=upload_id).update(accepted_at_s=time.time() - 40.0, deadline_s=time.time() - 25.0)
    tally()
    buckets = _sums("decision_seconds_bucket")
    assert ("express", "30.0") not in buckets
    assert buckets[("express", "60.0")] == 1.0
    assert _sums("decision_breaches") == {("express",): 1.0}


def test_the_figures_are_such_as_prometheus_reads(database: str, decided: Callable[..., str]) -> None:
    decided("removed")
    tally()
    text, _ = exposition(())
    families = {family.name: family for family in text_string_to_metric_families(text.decode())}
    assert families["tidegate_decisions"].samples[0].value == 1.0
    assert families["tidegate_decision_seconds"].type == "histogram"
    assert families["tidegate_cases_open"].samples[0].value == 0.0


def test_every_figure_is_documented(
    database: str, decided: Callable[..., str], client_as: Callable[..., Client]
) -> None:
    from pathlib import Path

    text, _ = exposition(())
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "watch-the-server.md").read_text(encoding="utf-8")
    for family in text_string_to_metric_families(text.decode()):
        assert f"`{family.name}" in page, family.name
