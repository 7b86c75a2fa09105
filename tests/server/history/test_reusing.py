"""An exact copy takes over the decision that stands; whatever changes what would be found begins anew."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tidegate.records import Context, DeclaredFacts, Sound
from tidegate.server.history.basis import basis_of
from tidegate.server.intake.record import Claimed, Finished
from tidegate.settings import MatchingSettings, ScreeningSettings, Settings, SpeechSettings

Claim = Callable[..., Claimed]
Found = Callable[..., Finished]
NOW_S = 1_800_000_000.0
WORDS = {"caption": "low tide at six", "media_sha256": "ab" * 32}


@pytest.fixture
def screener(django_ready: object) -> Any:
    """What the key needs of a screener: its policy and the ids of its detectors."""
    from tidegate.server.project.places import current_policy

    detectors = [SimpleNamespace(id="matching.file@1"), SimpleNamespace(id="wording.rules@1")]
    return SimpleNamespace(policy=current_policy(), detectors=detectors)


@pytest.fixture
def first(claimed: Claim, found: Found, screener: Any) -> Callable[..., str]:
    """Finish an upload with the key that a lane would give it; its id."""

    def make(verdict: str = "allowed", *, now_s: float = NOW_S, **fields: Any) -> str:
        from tidegate.server.history.finishing import finish
        from tidegate.server.history.reusing import screening_key

        one = claimed(now_s=now_s, **{**WORDS, **fields})
        result = replace(found(one, verdict, now_s=now_s), screening_key=screening_key(one, screener))
        assert finish([result], "screen-test", now_s=now_s) == [one.upload.id]
        return one.upload.id

    return make


def _reused(one: Claimed, screener: Any, now_s: float = NOW_S + 100) -> Finished | None:
    from tidegate.server.history.reusing import reused

    return reused(one, screener, now_s=now_s)


def _decision_id(upload_id: str) -> str:
    from tidegate.server.intake.models import UploadRow

    return UploadRow.objects.get(id=upload_id).decision_id


@pytest.mark.parametrize("verdict", ["allowed", "restricted", "removed", "held"])
def test_an_exact_copy_has_the_decision_of_the_first(
    both_databases: str, first: Callable[..., str], claimed: Claim, screener: Any, verdict: str
) -> None:
    from tidegate.server.history.finishing import finish
    from tidegate.server.history.models import DecisionRow
    from tidegate.server.ledger.verify import verify

    original = first(verdict)
    copy = claimed(now_s=NOW_S + 100, **WORDS, creator_id="somebody else")
    result = _reused(copy, screener)
    assert result is not None
    assert (result.upload_id, result.screening, result.reused_from) == (copy.upload.id, None, _decision_id(original))
    assert result.decision.verdict.value == verdict
    assert (result.decision.upload_id, result.decision.decided_at_s) == (copy.upload.id, NOW_S + 100)
    assert finish([result], "screen-test", now_s=NOW_S + 100) == [copy.upload.id]
    assert DecisionRow.objects.get(upload_id=copy.upload.id).reused_from == _decision_id(original)
    assert verify().findings == ()


def test_a_copy_of_a_copy_is_one_as_well(
    database: str, first: Callable[..., str], claimed: Claim, screener: Any
) -> None:
    from tidegate.server.history.finishing import finish

    first("removed")
    for number in range(3):
        result = _reused(claimed(now_s=NOW_S + 100 + number, **WORDS), screener, NOW_S + 100 + number)
        assert result is not None and result.decision.verdict.value == "removed"
        finish([result], "screen-test", now_s=NOW_S + 100 + number)


@pytest.mark.parametrize(
    "changed",
    [
        {"caption": "low tide at seven"},
        {"media_sha256": "cd" * 32},
        {"hashtags": ("sea",)},
        {"sound": Sound(id="s1")},
        {"region": "KR"},
        {"language": "ko"},
        {"declared": DeclaredFacts(ai_generated=True)},
        {"facts": {"series": "tides"}},
        {"context": Context(account_age_days=1.0)},
    ],
)
def test_whatever_else_a_decision_depends_on_makes_it_no_copy(
    database: str, first: Callable[..., str], claimed: Claim, screener: Any, changed: dict[str, Any]
) -> None:
    first("allowed")
    assert _reused(claimed(now_s=NOW_S + 100, **{**WORDS, **changed}), screener) is None


def test_when_the_facts_were_known_makes_no_difference(
    database: str, first: Callable[..., str], claimed: Claim, screener: Any
) -> None:
    first("allowed", context=Context(account_age_days=1.0, as_of_s=1.0))
    copy = claimed(now_s=NOW_S + 100, **WORDS, context=Context(account_age_days=1.0, as_of_s=2.0))
    assert _reused(copy, screener) is not None


def test_another_policy_decides_anew(database: str, first: Callable[..., str], claimed: Claim, screener: Any) -> None:
    first("allowed")
    screener.policy = SimpleNamespace(digest="another")
    assert _reused(claimed(now_s=NOW_S + 100, **WORDS), screener) is None


def test_other_detectors_decide_anew(database: str, first: Callable[..., str], claimed: Claim, screener: Any) -> None:
    first("allowed")
    screener.detectors = [*screener.detectors, SimpleNamespace(id="wording.similar@1")]
    assert _reused(claimed(now_s=NOW_S + 100, **WORDS), screener) is None


def test_another_bank_decides_anew(
    database: str, first: Callable[..., str], claimed: Claim, screener: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tidegate.server.history import reusing

    first("allowed")
    monkeypatch.setattr(reusing, "basis", lambda: "of another bank")
    assert _reused(claimed(now_s=NOW_S + 100, **WORDS), screener) is None


def test_what_a_person_took_back_is_not_taken_over_not_even_from_an_older_copy(
    both_databases: str, first: Callable[..., str], claimed: Claim, screener: Any
) -> None:
    from tidegate.server.casework.deciding import reverse

    first("allowed")
    second = first("allowed", now_s=NOW_S + 10)
    reverse(_decision_id(second), person_id="pe_1", why="it was not all right", now_s=NOW_S + 20)
    assert _reused(claimed(now_s=NOW_S + 100, **WORDS), screener) is None


def test_a_ruling_that_may_still_be_undone_is_not_taken_over_and_then_is(
    both_databases: str, first: Callable[..., str], claimed: Claim, screener: Any
) -> None:
    from tidegate.records import Verdict
    from tidegate.server.casework.deciding import Ruling, decide_case
    from tidegate.server.casework.models import CaseRow

    first("held")
    decide_case(CaseRow.objects.get().id, Ruling(verdict=Verdict.ALLOWED), person_id="pe_1", now_s=NOW_S + 50)
    copy = claimed(now_s=NOW_S + 51, **WORDS)
    assert _reused(copy, screener, NOW_S + 60) is None
    result = _reused(copy, screener, NOW_S + 90)
    assert result is not None
    assert (result.decision.verdict, result.decision.decided_by.value) == (Verdict.ALLOWED, "both")


def test_what_machines_gave_up_is_no_decision_to_take_over(database: str, claimed: Claim, screener: Any) -> None:
    from tidegate.server.intake.claiming import LeaseRules, fail
    from tidegate.server.intake.record import Failed

    one = claimed(now_s=NOW_S, **WORDS)
    failed = Failed(upload_id=one.upload.id, lease_token=one.lease_token, code="X", why="", is_permanent=True)
    fail([failed], "screen-test", rules=LeaseRules(lease_s=300.0, max_tries=3), now_s=NOW_S)
    assert _reused(claimed(now_s=NOW_S + 100, **WORDS), screener) is None


def test_the_basis_changes_with_what_a_bank_holds_and_not_with_where_it_lies(tmp_path: Path) -> None:
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    one.write_text("[]", encoding="utf-8")
    other.write_text("[]", encoding="utf-8")

    def with_bank(path: Path) -> str:
        return basis_of(Settings(home=tmp_path, matching=MatchingSettings(bank_paths=(path,))))

    before = with_bank(one)
    assert with_bank(other) == before
    one.write_text('["a new hash"]', encoding="utf-8")
    assert with_bank(one) != before
    assert basis_of(Settings(home=tmp_path)) != before


def test_the_basis_goes_by_settings_that_matter_alone(tmp_path: Path) -> None:
    before = basis_of(Settings(home=tmp_path))
    assert basis_of(Settings(home=tmp_path / "elsewhere")) == before
    assert basis_of(Settings(home=tmp_path, screening=ScreeningSettings(jobs=7))) == before
    assert basis_of(Settings(home=tmp_path, screening=ScreeningSettings(seed=7))) != before
    assert basis_of(Settings(home=tmp_path, speech=SpeechSettings(max_speech_s=1.0))) != before
