"""What Tidegate's events mean for one video on this site. Pure: no database, no clock, no network."""

from dataclasses import dataclass

from tidegate.client.events import DECIDED, IN_REVIEW, UNDONE, Event

CHECKING, PUBLIC, WITHHELD, REMOVED = "checking", "public", "withheld", "removed"

CARRIED_OUT = frozenset(
    {"allow", "label", "warn-before-share", "age-restrict", "not-recommended", "restrict-interaction", "demonetise"}
)
"""Actions under which this site shows a video. With any other one, a future one included, it does not show it."""
_RELEASING = frozenset({"allowed", "restricted"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a video stands: its state, what restricts it, and the decision that says so.

    `number` and `is_undone` are the place of the last event among the events of its video.
    """

    state: str = CHECKING
    restrictions: frozenset[str] = frozenset()
    verdict: str = ""
    reason: str = ""
    statement_id: str = ""
    decision_id: str = ""
    number: int = -1
    is_undone: bool = False

    @property
    def is_public(self) -> bool:
        """Whether anybody may watch it at all."""
        return self.state == PUBLIC

    @property
    def is_listed(self) -> bool:
        """Whether the front page shows it."""
        return self.is_public and "not-recommended" not in self.restrictions

    @property
    def needs_age(self) -> bool:
        """Whether it is behind the age gate."""
        return "age-restrict" in self.restrictions


def after(standing: Standing, event: Event) -> Standing | None:
    """The standing after an event, `None` where the event changes nothing: it is old, or of a kind not known here.

    Events of a video are ordered by `Event.position`, never by when they arrive.
    """
    if event.kind not in (IN_REVIEW, DECIDED, UNDONE) or event.position <= (standing.number, standing.is_undone):
        return None
    is_undone = event.kind == UNDONE or event.undone_at_s is not None
    if event.kind != DECIDED or is_undone:
        # Taken back, or to be looked at by a person: whatever was allowed before is not allowed now.
        return Standing(number=event.decision_number, is_undone=is_undone)
    actions = frozenset(one.action for one in event.actions)
    return Standing(
        state=_state(event.verdict, actions),
        restrictions=actions - {"allow"},
        verdict=event.verdict,
        reason=event.reason,
        statement_id=event.statement_of_reasons or "",
        decision_id=event.decision_id,
        number=event.decision_number,
    )


def _state(verdict: str, actions: frozenset[str]) -> str:
    if verdict == "removed" or "remove" in actions:
        return REMOVED
    return PUBLIC if verdict in _RELEASING and actions <= CARRIED_OUT else WITHHELD


def done_by(event: Event) -> tuple[str, ...]:
    """The names of what an event makes the site do: actions, or the reversals of actions when they are taken back."""
    return tuple((one.reversal or one.action) if event.kind == UNDONE else one.action for one in event.actions)
