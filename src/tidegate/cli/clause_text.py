"""A policy's clauses as a person reads them: one line each, or one in full."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tidegate.explain.visible import visible
from tidegate.records import Blind, Clause, Moment, Policy, RiskTargets, Rule

_MOMENTS = {
    Moment.ACT: "a machine acts",
    Moment.LOOK: "a person is to look",
    Moment.FACT: "the fact alone is enough",
}


def overview(policy: Policy) -> RenderableType:
    """The policy's head, and a line for each clause."""
    head = Text(visible(f"{policy.title}  {policy.id} {policy.version}"), style="bold")
    digest = Text(f"SHA-256 {policy.digest}", style="dim")
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    for heading in ("clause", "severity", "a machine acts", "a person looks", "if blind", "title"):
        table.add_column(heading, overflow="fold")
    for clause in policy.clauses:
        targets = clause.targets
        acts = f"precision {targets.act_precision:g}" if targets.act_precision is not None else "never"
        cells = (clause.id, clause.severity.value, acts, f"1 in {targets.look_one_in}", blind_text(clause.blind))
        table.add_row(*(Text(visible(cell)) for cell in (*cells, clause.title)))
    return Group(head, digest, Text(""), table)


def clause_in_full(clause: Clause) -> RenderableType:
    """Everything one clause says, under short headings."""
    head = Text(f"\n{visible(clause.title)}", style="bold")
    head.append(f"  {clause.id}, {clause.severity.value}", style="dim")
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for label, text in _parts(clause):
        table.add_row(label, Text(visible(text)))
    return Group(head, Padding(Text(visible(" ".join(clause.text.split()))), (0, 0, 1, 0)), table)


def _parts(clause: Clause) -> Iterator[tuple[str, str]]:
    yield from (("example", text) for text in clause.examples)
    yield from (("not meant", text) for text in clause.counter_examples)
    for exception in clause.exceptions:
        yield "exception", f"{exception.id}: {exception.text} ({exception.when or 'only a person can tell'})"
    yield "labels", ", ".join(f"{label} {share:g}" for label, share in clause.labels.items()) or "none speaks to it"
    yield "targets", targets_text(clause.targets)
    yield from (("rule", rule_text(rule)) for rule in clause.rules)
    yield from (("blind to", spot) for spot in clause.blind.spots)
    yield "if blind", blind_text(clause.blind)
    if clause.surfaces:
        yield "surfaces", ", ".join(surface.value for surface in clause.surfaces)
    if clause.regions:
        yield "regions", ", ".join(clause.regions)
    yield "EU category", " ".join((clause.eu.category, *clause.eu.keywords))
    if clause.creator_text:
        yield "to creator", " ".join(clause.creator_text.split())


def targets_text(targets: RiskTargets) -> str:
    """The errors a clause accepts, as a sentence."""
    looks = f"a person looks where one in {targets.look_one_in} would be a violation"
    catches = f"; catch {targets.catch_recall:g} of violations" if targets.catch_recall is not None else ""
    if targets.act_precision is None:
        return f"{looks}; a machine never acts{catches}"
    acts = f"a machine acts at precision {targets.act_precision:g}, {targets.confidence:g} sure"
    return f"{looks}; {acts}{catches}"


def rule_text(rule: Rule) -> str:
    """`where a machine acts: remove (when upload.surface == "ad")`."""
    condition = f" (when {rule.when})" if rule.when else ""
    return f"where {_MOMENTS[rule.on]}: {', '.join(action.value for action in rule.actions)}{condition}"


def blind_text(blind: Blind) -> str:
    """What blindness means for a clause, surfaces that differ included."""
    share = (
        f" 1 in {1 / blind.sample_share:,.0f}"
        if blind.sample_share and (blind.rule == "sample" or "sample" in blind.surfaces.values())
        else ""
    )
    lost = f", {blind.lost.value} if lost" if blind.lost is not None else ""
    others = "".join(f", {rule.value} on {surface}" for surface, rule in blind.surfaces.items())
    return f"{blind.rule.value}{share}{lost}{others}"
