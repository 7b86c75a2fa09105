"""Whether a readable policy makes sense: every contradiction, dead rule and empty promise, with its place."""

from collections.abc import Iterator, Mapping, Sequence

from tidegate.policy.diagnostics import did_you_mean
from tidegate.policy.expressions import literals_in, names_in
from tidegate.policy.powers import FOR_PEOPLE, MILD, WITH_REMOVAL
from tidegate.policy.reader import Path, Reader
from tidegate.policy.regions import is_known, mistaken
from tidegate.policy.tree import Entries
from tidegate.policy.variables import VARIABLES
from tidegate.policy.words import one_in
from tidegate.records import Action, Blind, BlindRule, Clause, Moment, Rule, Surface

JUDGED_NAMES = frozenset({"probability", "interval.low", "interval.high", "is_measured", "judged", "score"})
LOW_PRECISION = 0.9
MANY_LOOKS = 1000


def check_clause(
    reader: Reader, clause: Clause, path: Path, *, clause_ids: Sequence[str], labels: Mapping[str, str]
) -> None:
    """Note everything about one clause that reads well and cannot be meant."""
    _check_blind(reader, clause, (*path, "blind"))
    _check_targets(reader, clause, path)
    _check_rules(reader, clause, (*path, "rules"))
    for where, text in _conditions(clause, path):
        if where in reader.nodes:
            _check_condition(reader, where, text, clause_ids, labels)


def check_measured(reader: Reader, clause: Clause, path: Path, measured_labels: frozenset[str]) -> None:
    """Warn where a machine is told to act on labels that nobody has measured."""
    if clause.targets.act_precision is not None and clause.labels and not clause.labels.keys() & measured_labels:
        reader.note_at(
            "TG-P045",
            (*path, "targets", "act"),
            "none of the clause's labels is measured, so a person decides every case",
            "measure one on labelled data, or drop `act`",
            is_error=False,
        )


def _check_blind(reader: Reader, clause: Clause, path: Path) -> None:
    blind = clause.blind
    if not any(one[: len(path)] == path for one in reader.unread):
        _check_share(reader, blind, path)
    for surface in blind.surfaces:
        if clause.surfaces and Surface(surface) not in clause.surfaces:
            message = f"the clause does not hold on the surface {surface!r}"
            reader.note_at("TG-P042", (*path, "surfaces", surface), message, "drop this line")
    clause_path = path[:-1]
    if clause.labels or _has_entries(reader, (*clause_path, "labels")):
        return
    if not blind.spots:
        message = "no label speaks to this clause, and it does not say what it is blind to"
        reader.note_at("TG-P041", path, message, "add spots: [...]")
    elif blind.rule is BlindRule.ALLOW:
        message = "no label speaks to this clause, and blindness allows: nothing and nobody looks"
        reader.note_at("TG-P041", (*path, "rule"), message, "sample a share, or hold", is_error=False)


def _check_share(reader: Reader, blind: Blind, path: Path) -> None:
    rules = (blind.rule, blind.lost, *blind.surfaces.values())
    if BlindRule.SAMPLE in rules and (*path, "share") not in reader.nodes:
        reader.note_at("TG-P040", path, "something is sampled, and no share is named", "add share: 0.001")
    if BlindRule.SAMPLE not in rules and (*path, "share") in reader.nodes and (*path, "rule") in reader.nodes:
        reader.note_at("TG-P040", (*path, "share"), "a share, and nothing is sampled", "drop it, or say rule: sample")


def _has_entries(reader: Reader, path: Path) -> bool:
    """Whether labels stand in the document, even if none of them could be read."""
    node = reader.nodes.get(path)
    return isinstance(node, Entries) and bool(node.pairs)


def _check_targets(reader: Reader, clause: Clause, path: Path) -> None:
    targets, act = clause.targets, (*path, "targets", "act")
    if targets.look_one_in > MANY_LOOKS:
        message = f"one violation in {targets.look_one_in} looks sends nearly everything to people"
        reader.note_at("TG-P048", (*path, "targets", "look"), message, is_error=False)
    if targets.act_precision is None:
        return
    if 1.0 / targets.look_one_in >= targets.act_precision:
        message = f"look: 1 in {targets.look_one_in} asks for more certainty than act does"
        reader.note_at("TG-P043", (*path, "targets", "look"), message, "for example 1 in 20")
    if not any(rule.on is Moment.ACT for rule in clause.rules) and clause.rules:
        message = "there is an act target and no rule to act by"
        reader.note_at("TG-P043", act, message, "add a rule without `on`, or drop `act`")
    if not clause.labels and not _has_entries(reader, (*path, "labels")):
        message = "no label speaks to this clause, so this is never reached"
        reader.note_at("TG-P045", act, message, "drop `act`", is_error=False)
    for exception in clause.exceptions:
        if not exception.when:
            message = f"only people can tell the exception {exception.id!r}, so a person decides every case"
            reader.note_at("TG-P045", act, message, "give it a `when`, or drop `act`", is_error=False)
    removes = any(Action.REMOVE in rule.actions for rule in clause.rules if rule.on is Moment.ACT)
    if removes and targets.act_precision < LOW_PRECISION:
        message = f"up to {one_in(1.0 - targets.act_precision)} of a machine's removals would be wrong"
        reader.note_at("TG-P047", (*act, "precision"), message, "0.97 or more is usual", is_error=False)


def _check_rules(reader: Reader, clause: Clause, path: Path) -> None:
    for index, rule in enumerate(clause.rules):
        here = (*path, index)
        if (*here, "on") in reader.unread:
            continue
        _check_reach(reader, clause, clause.rules[:index], rule, here)
        match rule.on:
            case Moment.ACT:
                _check_act(reader, rule, here)
            case Moment.LOOK:
                _check_only(reader, rule, here, FOR_PEOPLE, "while a person has still to look")
            case Moment.FACT:
                _check_only(reader, rule, here, MILD, "on a fact alone, without a judgement")
                _check_fact(reader, rule, here)
    acts = [index for index, rule in enumerate(clause.rules) if rule.on is Moment.ACT]
    if acts and all(clause.rules[index].when for index in acts):
        message = "every rule has a condition; a case that meets none goes to a person"
        reader.note_at("TG-P046", (*path, acts[-1], "when"), message, "add a last rule without `when`", is_error=False)


def _check_reach(reader: Reader, clause: Clause, before: Sequence[Rule], rule: Rule, path: Path) -> None:
    earlier = [one for one in before if one.on is rule.on]
    if any(not one.when for one in earlier):
        place = (*path, "when") if rule.when else (*path, "actions")
        reader.note_at("TG-P042", place, "a rule before it always holds, so this one is never reached", "move it up")
    elif rule.when and any(one.when == rule.when for one in earlier):
        reader.note_at("TG-P042", (*path, "when"), "a rule before it has the same condition", "merge the two")
    for literal in literals_in(rule.when):
        is_whole = rule.when.replace(" ", "") in (
            f"upload.surface=='{literal.value}'",
            f'upload.surface=="{literal.value}"',
        )
        if is_whole and clause.surfaces and literal.value not in clause.surfaces:
            message = f"the clause does not hold on the surface {literal.value!r}"
            reader.note_at("TG-P042", (*path, "when"), message, "drop the rule, or add the surface to the clause")


def _check_act(reader: Reader, rule: Rule, path: Path) -> None:
    actions = (*path, "actions")
    if rule.actions == (Action.ALLOW,):
        message = "a rule cannot allow what the clause forbids"
        reader.note_at("TG-P044", (*actions, 0), message, "write an exception instead")
    elif Action.ALLOW in rule.actions:
        index = rule.actions.index(Action.ALLOW)
        reader.note_at("TG-P043", (*actions, index), "allow contradicts the other actions", "drop it")
    if Action.REMOVE in rule.actions:
        moot = [action for action in rule.actions if action not in WITH_REMOVAL and action is not Action.ALLOW]
        if moot:
            index = rule.actions.index(moot[0])
            message = f"{moot[0].value!r} means nothing for what is removed"
            reader.note_at("TG-P043", (*actions, index), message, "drop it, or drop remove")


def _check_only(reader: Reader, rule: Rule, path: Path, allowed: frozenset[Action], moment: str) -> None:
    for index, action in enumerate(rule.actions):
        if action not in allowed:
            known = ", ".join(one.value for one in Action if one in allowed)
            message = f"{action.value!r} is not possible {moment}"
            reader.note_at("TG-P044", (*path, "actions", index), message, f"possible: {known}")


def _check_fact(reader: Reader, rule: Rule, path: Path) -> None:
    if not rule.when and (*path, "when") not in reader.nodes:
        message = "a fact rule without a condition would hold for every upload"
        reader.note_at("TG-P044", (*path, "on"), message, "add when:, for example declared.ai_generated")
    if used := sorted(names_in(rule.when) & JUDGED_NAMES):
        message = f"{used[0]!r} is a judgement, not a fact"
        reader.note_at("TG-P044", (*path, "when"), message, "drop `on: fact`, so that the targets decide")


def _conditions(clause: Clause, path: Path) -> Iterator[tuple[Path, str]]:
    for index, rule in enumerate(clause.rules):
        if rule.when:
            yield (*path, "rules", index, "when"), rule.when
    for exception in clause.exceptions:
        if exception.when:
            yield (*path, "exceptions", exception.id, "when"), exception.when


def _check_condition(
    reader: Reader, path: Path, text: str, clause_ids: Sequence[str], labels: Mapping[str, str]
) -> None:
    known = {
        "label": ("TG-P022", list(labels)),
        "clause": ("TG-P033", list(clause_ids)),
        "name": ("TG-P033", list(VARIABLES)),
        "surface": ("TG-P033", [surface.value for surface in Surface]),
    }
    for literal in literals_in(reader.raw(path)):
        code, words = known.get(literal.kind, ("TG-P025", []))
        is_right = is_known(literal.value) if literal.kind == "region" else literal.value in words
        if not is_right:
            message = f"there is no {literal.kind} {literal.value[:60]!r}"
            hint = did_you_mean(literal.value, words) if words else mistaken(literal.value)
            reader.note_inside(code, path, literal.start, len(literal.value), message, hint)
    names = names_in(text)
    unguarded = sorted(name for name in names if name.startswith("context.")) if "known" not in names else []
    if unguarded and path[-3] == "rules":
        message = f"{unguarded[0]} may be unknown; the case then goes to a person"
        hint = f"to skip the rule instead: '{unguarded[0]}' in known && ..."
        reader.note_at("TG-P034", path, message, hint, is_error=False)
