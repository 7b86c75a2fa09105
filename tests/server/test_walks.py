"""Random walks through the life of uploads: whatever happens in whatever order, nothing leaves its hold undecided."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tidegate.errors import CaseClosedError, UndoTooLateError
from tidegate.records import Verdict
from tidegate.server.intake.record import Claimed, Failed, Finished, NewUpload

VERDICTS = ("allowed", "restricted", "removed", "held")
OUT = ("decided", "acted")


class Walk(RuleBasedStateMachine):
    """One server's uploads. The clock goes forward and, now and then, back."""

    emptied: Callable[[], None]
    new_upload: Callable[..., NewUpload]
    found: Callable[..., Finished]

    def __init__(self) -> None:
        super().__init__()
        self.emptied()
        self.now_s = 1_800_000_000.0
        self.leases: list[Claimed] = []
        for key in range(3):
            self.accept(key=key, content=0, is_reference=False, target_s=15)

    @rule(
        key=st.integers(0, 5), content=st.integers(0, 1), is_reference=st.booleans(), target_s=st.sampled_from([15, 60])
    )
    def accept(self, key: int, content: int, is_reference: bool, target_s: int) -> None:
        from tidegate.server.intake.accepting import accept

        new = self.new_upload(
            idempotency_key=f"k:{key}",
            request_sha256=f"{content}" * 64,
            reference="https://cdn.example.org/a" if is_reference else "",
            target_s=float(target_s),
        )
        accept([new], now_s=self.now_s)

    @rule(seconds=st.sampled_from([0.5, 3.0, 31.0, 301.0, 4000.0, -10.0, -100_000.0]))
    def wait(self, seconds: float) -> None:
        self.now_s += seconds

    @rule(
        stage=st.sampled_from(["screen", "screen", "fetch"]),
        most=st.integers(1, 3),
        later_s=st.sampled_from([0.0, 0.0, 31.0]),
    )
    def claim(self, stage: str, most: int, later_s: float) -> None:
        """Lease what is due, at times after the leases there are have run out."""
        from tidegate.server.intake.claiming import claim
        from tidegate.server.intake.models import Stage

        self.now_s += later_s
        self.leases += claim(Stage(stage), most, "walk", rules=_rules(), now_s=self.now_s)

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), verdict=st.sampled_from(VERDICTS))
    def finish(self, data: st.DataObject, verdict: str) -> None:
        from tidegate.server.history.finishing import finish

        some = data.draw(st.lists(st.sampled_from(self.leases), min_size=1, max_size=3))
        held = {one.upload.id for one in some if _holds(one, "screening")}
        done = finish([self.found(one, verdict, now_s=self.now_s) for one in some], "walk", now_s=self.now_s)
        assert sorted(done) == sorted(held)

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), is_permanent=st.booleans())
    def fail(self, data: st.DataObject, is_permanent: bool) -> None:
        from tidegate.server.intake.claiming import fail

        one = data.draw(st.sampled_from(self.leases))
        failed = Failed(
            upload_id=one.upload.id, lease_token=one.lease_token, code="TG-X", why="", is_permanent=is_permanent
        )
        is_held = _holds(one, "screening") or _holds(one, "accepted")
        assert fail([failed], "walk", rules=_rules(), now_s=self.now_s) == is_held

    @precondition(lambda self: self.leases)
    @rule(data=st.data())
    def fetched(self, data: st.DataObject) -> None:
        from tidegate.server.intake.claiming import fetched

        one = data.draw(st.sampled_from(self.leases))
        is_held = _holds(one, "accepted")
        told = {"media_sha256": "ab" * 32, "size_bytes": 1, "now_s": self.now_s}
        assert fetched(one.upload.id, one.lease_token, "walk", **told) == is_held

    @rule(number=st.integers(0, 30), verdict=st.sampled_from(["allowed", "removed"]))
    def decide(self, number: int, verdict: str) -> None:
        from tidegate.server.casework.deciding import Ruling, decide_case
        from tidegate.server.casework.models import CaseRow
        from tidegate.server.project.places import current_policy

        ids = list(CaseRow.objects.order_by("id").values_list("id", flat=True))
        if ids:
            ruling = Ruling(verdict=Verdict(verdict), clause_id=current_policy().clauses[0].id, note="a note")
            _or(CaseClosedError, decide_case, ids[number % len(ids)], ruling, person_id="pe_1", now_s=self.now_s)

    @rule(number=st.integers(0, 30), is_reversal=st.booleans())
    def take_back(self, number: int, is_reversal: bool) -> None:
        from tidegate.server.casework.deciding import reverse, undo
        from tidegate.server.history.models import DecisionRow

        ids = list(DecisionRow.objects.order_by("id").values_list("id", flat=True))
        if not ids:
            return
        decision_id = ids[number % len(ids)]
        if is_reversal:
            _or(UndoTooLateError, reverse, decision_id, person_id="pe_1", why="a mistake", now_s=self.now_s)
        else:
            _or(UndoTooLateError, undo, decision_id, person_id="pe_1", now_s=self.now_s)

    @invariant()
    def nothing_is_out_of_its_hold_without_exactly_one_final_decision(self) -> None:
        from tidegate.server.history.models import DecisionRow
        from tidegate.server.intake.models import UploadRow

        final: dict[str, list[Any]] = {}
        for row in DecisionRow.objects.filter(is_final=True, undone_at_s=None):
            final.setdefault(row.upload_id, []).append(row)
        for upload in UploadRow.objects.all():
            standing = final.get(upload.id, [])
            if upload.state in OUT:
                assert [row.id for row in standing] == [upload.decision_id]
                assert (upload.verdict, upload.stage, upload.lease_token) == (standing[0].verdict, "", "")
            else:
                assert standing == []
                assert upload.verdict in ("", "held")

    @invariant()
    def what_waits_for_a_person_has_one_open_case(self) -> None:
        from tidegate.server.casework.models import CaseRow
        from tidegate.server.intake.models import UploadRow

        waiting = sorted(UploadRow.objects.filter(state="in_review").values_list("id", flat=True))
        assert sorted(CaseRow.objects.filter(closed_at_s=None).values_list("upload_id", flat=True)) == waiting

    @invariant()
    def whatever_waits_for_a_machine_will_be_claimed(self) -> None:
        from tidegate.server.intake.models import UploadRow

        stages = {"accepted": "fetch", "held": "screen", "screening": "screen"}
        for upload in UploadRow.objects.all():
            assert upload.stage == stages.get(upload.state, "")

    @invariant()
    def what_machines_gave_up_is_held_and_never_allowed(self) -> None:
        from tidegate.server.history.models import DecisionRow

        given_up = DecisionRow.objects.filter(policy_digest="")
        assert set(given_up.values_list("verdict", "is_final")) <= {("held", False)}

    def teardown(self) -> None:
        """At the end of a walk the journal holds."""
        from tidegate.server.ledger.verify import verify

        assert verify().findings == ()


def _rules() -> Any:
    from tidegate.server.intake.claiming import LeaseRules

    return LeaseRules(lease_s=30.0, max_tries=2)


def _holds(one: Claimed, state: str) -> bool:
    """Whether this lease is the one that counts."""
    from tidegate.server.intake.models import UploadRow

    return UploadRow.objects.filter(id=one.upload.id, lease_token=one.lease_token, state=state).exists()


def _or(error: type[Exception], work: Callable[..., object], *arguments: object, **named: object) -> None:
    """Do it; that it is refused is an answer as good."""
    try:
        work(*arguments, **named)
    except error:
        return


def _walk(emptied: Callable[[], None], new_upload: Any, found: Any, *, examples: int, steps: int) -> None:
    class OfThisTest(Walk):
        pass

    OfThisTest.emptied = staticmethod(emptied)
    OfThisTest.new_upload = staticmethod(new_upload)
    OfThisTest.found = staticmethod(found)
    run_state_machine_as_test(
        OfThisTest,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            # Making a walk shorter takes minutes on a database: who looks for a fault lets it do so.
            phases=(Phase.explicit, Phase.reuse, Phase.generate),
        ),
    )


def test_no_walk_lets_anything_out_undecided(
    both_databases: str, emptied: Callable[[], None], new_upload: Any, found: Any
) -> None:
    examples = 10 if both_databases == "postgresql" else 20
    _walk(emptied, new_upload, found, examples=examples, steps=40)
