"""What events mean for a video of the reference site, in every order of arrival."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st
from video_site.standing import PUBLIC, REMOVED, WITHHELD, Standing, after, done_by

from tidegate.client import ActionTaken, Event
from tidegate.records import Action
from tidegate.server.enforcement.reversals import REVERSALS

_KINDS = st.sampled_from(["upload.decided", "upload.in_review", "decision.undone"])
_VERDICTS = st.sampled_from(["allowed", "restricted", "removed", "held", "something-new"])
_NAMES = st.frozensets(st.sampled_from([*Action, "something-new"]), min_size=1, max_size=3)


@st.composite
def _histories(draw: st.DrawFn) -> list[Event]:
    """Up to four events of one video, each decision in one event, in the order in which they happened."""
    return [
        _event(draw(_KINDS), draw(_VERDICTS), number, sorted(draw(_NAMES))) for number in range(draw(st.integers(1, 4)))
    ]


def _event(kind: str, verdict: str, number: int, actions: Iterable[str]) -> Event:
    taken = tuple(ActionTaken(action=one, reversal=REVERSALS.get(one, "")) for one in actions)
    return Event(
        kind=kind, at_s=0.0, decision_id=f"de_{number}", decision_number=number, verdict=verdict, actions=taken
    )


@given(_histories())
def test_whatever_the_order_of_arrival_the_last_event_decides(history: list[Event]) -> None:
    ends = set()
    for order in permutations(history):
        standing = Standing()
        for event in order:
            standing = after(standing, event) or standing
        ends.add(standing)
    (end,) = ends
    last = history[-1]
    actions = {one.action for one in last.actions}
    assert end.is_public <= (last.kind == "upload.decided" and last.verdict in ("allowed", "restricted"))
    assert not (end.is_public and actions & {"hold", "remove", "escalate", "region-block", "something-new"})
    assert end.state in (PUBLIC, WITHHELD, REMOVED) or last.kind != "upload.decided"


def test_every_action_of_the_vocabulary_is_undone_by_its_own_name() -> None:
    names = done_by(_event("decision.undone", "restricted", 0, Action))
    assert len(set(names)) == len(Action)
    assert not set(names) & set(Action)


def test_an_event_of_a_later_version_changes_nothing() -> None:
    assert after(Standing(), _event("upload.praised", "allowed", 0, ["allow"])) is None


def test_a_decision_said_again_after_it_was_undone_stays_undone() -> None:
    decided, undone = (_event(kind, "allowed", 3, ["allow"]) for kind in ("upload.decided", "decision.undone"))
    standing = after(after(Standing(), decided) or Standing(), undone)
    assert standing is not None
    assert not standing.is_public
    assert after(standing, decided) is None
    assert after(standing, replace(decided, undone_at_s=5.0)) is None
