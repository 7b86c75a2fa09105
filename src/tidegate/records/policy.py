"""The policy as it is executed: clauses with their text, risk targets, exceptions, actions and blindness rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tidegate.records.upload import Surface


class Action(StrEnum):
    """What a decision does; ordered from the mildest to the gravest."""

    ALLOW = "allow"
    LABEL = "label"
    WARN_BEFORE_SHARE = "warn-before-share"
    AGE_RESTRICT = "age-restrict"
    NOT_RECOMMENDED = "not-recommended"
    RESTRICT_INTERACTION = "restrict-interaction"
    REGION_BLOCK = "region-block"
    DEMONETISE = "demonetise"
    HOLD = "hold"
    REMOVE = "remove"
    ESCALATE = "escalate"


class Severity(StrEnum):
    """How bad a missed violation is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class BlindRule(StrEnum):
    """What blindness or an Abstention means for a clause."""

    ALLOW = "allow"
    SAMPLE = "sample"
    HOLD = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskTargets:
    """The errors a policy owner accepts; thresholds follow from them.

    Act without a person only where precision is at least `act_precision` at `confidence`; show people what at least
    one in `look_one_in` of would be a violation, and down to half of that where catching `catch_recall` of the
    violations takes it and labelled data tells so.
    """

    act_precision: float | None = None
    confidence: float = 0.95
    catch_recall: float | None = None
    look_one_in: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyException:
    """A ground on which a clause does not apply; `when` is a CEL condition, empty where only people can tell."""

    id: str
    text: str
    when: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blind:
    """What blindness means for a clause: known blind spots in words, the rule, the share, surfaces that differ.

    `rule` is for what no detector of the run can see, `lost` for a detector or media lost in this upload (`None`:
    the same as `rule`). `sample_share` in (0, 1] is the share of uploads that sampling holds for a person.
    """

    spots: tuple[str, ...] = ()
    rule: BlindRule = BlindRule.SAMPLE
    sample_share: float = 0.0
    surfaces: Mapping[str, BlindRule] = field(default_factory=dict)
    lost: BlindRule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EuReference:
    """How the clause is reported under the EU Digital Services Act: category and keywords of its database."""

    category: str
    keywords: tuple[str, ...] = ()


class Moment(StrEnum):
    """When a rule counts: the judgement meets the act target, a person is to look, or a fact alone is enough."""

    ACT = "act"
    LOOK = "look"
    FACT = "fact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Actions for a clause under a CEL condition (empty: always); the first rule of its moment that holds applies."""

    actions: tuple[Action, ...]
    when: str = ""
    on: Moment = Moment.ACT


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One thing a policy forbids or limits. `labels` maps each label that speaks to it to its share in (0, 1]."""

    id: str
    title: str
    text: str
    severity: Severity
    labels: Mapping[str, float]
    targets: RiskTargets
    rules: tuple[Rule, ...]
    blind: Blind
    eu: EuReference
    examples: tuple[str, ...] = ()
    counter_examples: tuple[str, ...] = ()
    exceptions: tuple[PolicyException, ...] = ()
    surfaces: tuple[Surface, ...] = ()
    regions: tuple[str, ...] = ()
    creator_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A versioned document of clauses. `digest` is the SHA-256 of the document's bytes."""

    id: str
    version: str
    title: str
    clauses: tuple[Clause, ...]
    digest: str = ""

    def clause(self, clause_id: str) -> Clause:
        """The clause of that id; raises KeyError if the policy has none."""
        for clause in self.clauses:
            if clause.id == clause_id:
                return clause
        raise KeyError(clause_id)
