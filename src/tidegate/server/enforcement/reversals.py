"""Every action names the one that takes it back."""

from types import MappingProxyType

from tidegate.records import Action

REVERSALS = MappingProxyType(
    {
        Action.ALLOW: "withdraw",
        Action.LABEL: "remove-label",
        Action.WARN_BEFORE_SHARE: "stop-warning",
        Action.AGE_RESTRICT: "lift-age-restriction",
        Action.NOT_RECOMMENDED: "recommend-again",
        Action.RESTRICT_INTERACTION: "reopen-interaction",
        Action.REGION_BLOCK: "unblock-region",
        Action.DEMONETISE: "remonetise",
        Action.HOLD: "release",
        Action.REMOVE: "restore",
        Action.ESCALATE: "close-escalation",
    }
)
"""Action -> the name of its reversal, as events carry it."""
