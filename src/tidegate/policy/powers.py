"""What may be done at which moment; the checker refuses the rest, and a decision never does it."""

from collections.abc import Mapping

from tidegate.records import Action, Moment

MILD = frozenset({Action.LABEL, Action.WARN_BEFORE_SHARE, Action.AGE_RESTRICT, Action.NOT_RECOMMENDED})
"""What a fact alone may bring about; everything graver needs a judgement or a person."""
FOR_PEOPLE = frozenset({Action.HOLD, Action.ESCALATE})
"""What can be done while a person has still to look."""
WITH_REMOVAL = frozenset({Action.REMOVE, Action.ESCALATE, Action.DEMONETISE})
"""What still means something for an upload that is removed."""
POWERS: Mapping[Moment, frozenset[Action]] = {
    Moment.ACT: frozenset(Action) - {Action.ALLOW},
    Moment.LOOK: FOR_PEOPLE,
    Moment.FACT: MILD,
}
"""Moment -> the actions a rule may take then."""
