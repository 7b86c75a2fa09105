"""A screened upload as lines a person reads: verdict, table of clauses, coverage, blindness, cost."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tidegate.cli.paths import Refusal
from tidegate.cli.readings import origin_lines, sound_lines, word_lines, words_summary
from tidegate.explain.clauses import (
    ClauseRow,
    blind_groups,
    clause_rows,
    probability_text,
    share_text,
    when_of,
    when_text,
)
from tidegate.explain.phrases import (
    abstention_text,
    cost_text,
    coverage_text,
    evidence_text,
    media_line,
    problem_text,
    some_of,
)
from tidegate.explain.visible import visible
from tidegate.records import (
    Decision,
    Outcome,
    Policy,
    Screening,
    Signal,
    Verdict,
)

VERDICT_STYLES = {
    Verdict.ALLOWED: "bold green",
    Verdict.RESTRICTED: "bold yellow",
    Verdict.HELD: "bold blue",
    Verdict.REMOVED: "bold red",
}
_OUTCOME_STYLES = {
    Outcome.ACT: "red",
    Outcome.REVIEW: "blue",
    Outcome.UNSEEN: "cyan",
    Outcome.SAMPLED: "cyan",
    Outcome.EXCEPTED: "green",
}
_CLEAR_SHOWN = 3


def headline(name: str, decision: Decision, screening: Screening, *, has_leading: bool = True) -> Text:
    """`clip.mp4  HELD  hate: reason`, on one line."""
    line = Text()
    line.append(f"{visible(name, 200)}  ", style="bold")
    line.append(decision.verdict.value.upper(), style=VERDICT_STYLES[decision.verdict])
    if decision.leading_clause_id and has_leading:
        line.append(f"  {visible(decision.leading_clause_id)}")
    if screening.media is not None:
        line.append(f"  {screening.media.duration_s:.1f} s", style="dim")
        if unread := unread_text(screening):
            line.append(f"  {unread}", style="yellow")
    for problem in screening.problems[:1] if screening.media is None else ():
        line.append(f"  {problem.code} {visible(problem.what, 160)}", style="red")
    return line


def unread_text(screening: Screening) -> str:
    """`words not understood: voice, picture` where some were not; empty where nothing is known to be missing."""
    whose = {"speech": "voice", "onscreen": "picture"}
    blind = {one.detector_id.partition(".")[0] for one in screening.abstentions if one.is_blind and one.span}
    places = [place for family, place in whose.items() if family in blind]
    return f"words not understood: {', '.join(places)}" if places else ""


def refused(name: str, refusal: Refusal) -> Text:
    """`clip.mp4  NOT SCREENED  TG-C004 no such file`, and on a line of its own what to do next."""
    line = Text()
    line.append(visible(name, 200), style="bold")
    line.append("  NOT SCREENED", style="bold red")
    line.append(f"  {refusal.error.code} {visible(refusal.error.what, 200)}", style="red")
    where, following = refusal.error.where, refusal.error.next_step
    if where and where != refusal.name:
        line.append(f"\n  at {visible(where, 300)}", style="dim")
    if following:
        line.append(f"\n  next: {visible(following, 300)}", style="yellow")
    return line


def details(name: str, policy: Policy, screening: Screening, decision: Decision, *, explain: bool) -> RenderableType:
    """Everything about one upload; with `explain` also every clause, contribution, trace step and abstention."""
    rows = clause_rows(policy, screening, decision)
    if screening.media is None and screening.problems and not explain:
        return _unread(name, rows, screening, decision)
    parts: list[RenderableType] = [headline(name, decision, screening)]
    body: list[RenderableType] = [Text(visible(decision.reason))] if decision.reason else []
    if screening.media is not None:
        body.append(Text(media_line(screening.media), style="dim"))
    body.append(clause_table(rows, screening.signals, show_all=explain))
    told = [row for row in rows if explain or row.clause_id == decision.leading_clause_id]
    body.append(_labelled_lines(rows, told, screening, is_explained=explain))
    if explain:
        body += explanation(rows, screening)
    parts.append(Padding(Group(*body), (0, 0, 1, 2)))
    return Group(*parts)


def _unread(name: str, rows: Sequence[ClauseRow], screening: Screening, decision: Decision) -> RenderableType:
    """Media that could not be read, in a few lines: the problem, what to do, and what the words alone came to."""
    body: list[RenderableType] = [
        Text(f"next: {visible(problem.next_step, 300)}", style="yellow")
        for problem in screening.problems
        if problem.next_step
    ]
    spoken = [row for row in rows if row.signals and not row.is_clear]
    if spoken:
        body.append(clause_table(spoken, screening.signals, show_all=False))
    line = headline(name, decision, screening, has_leading=bool(spoken))
    return Group(line, Padding(Group(*body), (0, 0, 1, 2)))


def clause_table(rows: Sequence[ClauseRow], signals: Sequence[Signal], *, show_all: bool) -> RenderableType:
    """The clauses that ask for something, and the likeliest clear ones with evidence; `show_all` leaves none out."""
    asked = [row for row in rows if not row.is_clear]
    clear = [row for row in rows if row.is_clear]
    told = clear if show_all else [row for row in clear if row.signals][:_CLEAR_SHOWN]
    shown = [*asked, *told]
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    for heading, style in (("clause", ""), ("outcome", ""), ("probability", ""), ("seconds", ""), ("evidence", "")):
        table.add_column(heading, style=style, overflow="fold", no_wrap=heading in ("outcome", "probability"))
    table.add_column("who decides", no_wrap=True)
    for row in shown:
        said = [signals[index] for index in row.signals]
        dim = "dim" if row.is_clear else ""
        table.add_row(
            Text(row.clause_id, style=dim),
            Text(row.outcome.value, style=_OUTCOME_STYLES.get(row.outcome, dim)),
            Text(probability_text(row) + ("" if row.is_measured else " ~"), style=dim),
            Text(when_text(said), style=dim),
            Text(evidence_text(said), style=dim),
            Text(row.decider, style=dim),
        )
    left = [row for row in clear if row not in told]
    more = "more clear" if told else "clear"
    note = f"{len(left)} {more}, none above {share_text(max(row.probability for row in left))}" if left else ""
    legend = (
        "~ rests on assumed weights: a machine never acts on it" if any(not row.is_measured for row in shown) else ""
    )
    lines = [Text(line, style="dim") for line in (note, legend) if line]
    return Group(*([table] if shown else ()), *lines)


def _labelled_lines(
    rows: Sequence[ClauseRow], told: Sequence[ClauseRow], screening: Screening, *, is_explained: bool
) -> RenderableType:
    """Problems, coverage, words, blindness and cost; the policy's own blind spots only of the clauses `told`."""
    seen = coverage_text(screening.coverage) if screening.media is not None else "no picture and no sound"
    lines = [("problem", problem_text(problem)) for problem in screening.problems]
    lines.append(("seen", seen))
    if words := words_summary(screening):
        lines.append(("words", words if is_explained else f"{words}; --explain lists them"))
    lines += [*_blind_lines(rows, told), ("cost", cost_text(screening.costs))]
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for label, text in lines:
        table.add_row(label, Text(visible(text)))
    return table


def _blind_lines(rows: Sequence[ClauseRow], told: Sequence[ClauseRow]) -> Iterator[tuple[str, str]]:
    """What nothing looked at in this upload, then what the policy says no detector can see in any."""
    for group in blind_groups(rows):
        word = "lost" if group.is_lost else "blind"
        yield word, f"{some_of(group.whats, 6)}: {group.reason} [{some_of(group.clause_ids, 4)}]"
    for row in told:
        if row.spots:
            yield "blind", f"{row.clause_id}: {'; '.join(row.spots)}"
    if silent := len([row for row in rows if row.spots]) - len([row for row in told if row.spots]):
        names = "clause names" if silent == 1 else "clauses name"
        count = f"{silent} more" if silent < len([row for row in rows if row.spots]) else f"{silent}"
        yield "blind", f"{count} {names} what no detector can see; --explain lists it"


def explanation(rows: Sequence[ClauseRow], screening: Screening) -> Iterator[RenderableType]:
    """Contributions and trace of every clause that moved, what was heard, read and proven, then every abstention."""
    for row in rows:
        if row.signals or not row.is_clear:
            yield Text(f"\n{row.clause_id} ({row.outcome.value}), natural-log odds", style="bold")
            yield _contribution_table(row, screening.signals)
            yield _list([("+" if step.held else "-", f"{step.rule}: {step.why}") for step in row.trace])
    yield from _told_words(screening)
    for title, lines in (
        ("sound", list(sound_lines(screening))),
        ("origin", list(origin_lines(screening.provenance)) if screening.provenance else []),
    ):
        if lines:
            yield Text(f"\n{title}", style="bold")
            yield _columns(lines)
    if screening.abstentions:
        yield Text("\nnot looked at", style="bold")
        yield _list([("", abstention_text(abstention)) for abstention in screening.abstentions])


def _told_words(screening: Screening) -> Iterator[RenderableType]:
    """What was heard and read, a line each, in order of time."""
    lines, more = word_lines(screening)
    if lines:
        yield Text("\nheard and read", style="bold")
        yield _columns(lines)
    if more:
        yield Text(f"    {more} more", style="dim")


def _columns(lines: Sequence[tuple[str, ...]]) -> Table:
    """Cells under each other, indented; only the last may be folded."""
    table = Table.grid(padding=(0, 2))
    table.add_column(width=2)
    for index in range(len(lines[0])):
        is_last = index == len(lines[0]) - 1
        table.add_column(overflow="fold", no_wrap=not is_last)
    for cells in lines:
        table.add_row("", *(Text(visible(cell)) for cell in cells))
    return table


def _list(lines: Sequence[tuple[str, str]]) -> Table:
    """Lines behind a sign each; what does not fit goes on under the words, not under the sign."""
    table = Table.grid(padding=(0, 1))
    table.add_column(width=3, justify="right")
    table.add_column(overflow="fold")
    for sign, text in lines:
        table.add_row(sign, Text(visible(text)))
    return table


def _contribution_table(row: ClauseRow, signals: Sequence[Signal]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", no_wrap=True)
    for _ in range(4):
        table.add_column(overflow="fold")
    for item in row.contributions:
        signal = signals[item.signal_index] if item.signal_index >= 0 else None
        basis = f"measured on {item.labelled_count}" if item.basis == "measured" else item.basis
        cells = (
            item.name,
            when_of(signal) if signal else "",
            signal.detector_id if signal else "",
            basis,
        )
        table.add_row(f"  {item.log_odds:+.2f}", *(Text(visible(cell)) for cell in cells))
    return table
