"""`tidegate policy`: check a policy file with every mistake at its place, or show what a policy says."""

from pathlib import Path

import click

from tidegate.cli.options import json_option, set_option
from tidegate.cli.terminal import emit, print_lines
from tidegate.errors import PolicyError, UsageError
from tidegate.explain.visible import visible
from tidegate.settings import Resolved

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def policy() -> None:
    """Check a policy file, or show what a policy says."""


@policy.command()
@click.argument("file", type=_FILE)
@set_option
@json_option
def check(file: Path, resolved: Resolved, as_json: bool) -> int:
    """Check FILE: every error and warning, with its line and a caret. Exit 2 if there is an error."""
    from tidegate.assembly import all_labels
    from tidegate.judgement.model import FusionModel
    from tidegate.policy.document import check_file
    from tidegate.records import to_json

    checked = check_file(file, labels=all_labels(resolved), measured_labels=FusionModel.bundled().measured_labels)
    if as_json:
        for diagnostic in checked.diagnostics:
            emit(to_json(diagnostic))
        emit({"file": str(file), "is_valid": checked.policy is not None, "error_count": len(checked.errors)})
    else:
        lines = checked.render().rstrip("\n").split("\n")
        click.echo("\n".join(visible(line) for line in lines))
    return PolicyError.exit_code if checked.errors else 0


@policy.command()
@click.argument("file", type=_FILE, required=False)
@click.option("--clause", "clause_id", metavar="ID", help="Only this clause, in full.")
@click.option("--full", is_flag=True, help="Every clause in full.")
@click.option("--yaml", "as_yaml", is_flag=True, help="The policy's own source, byte for byte, to copy and edit.")
@set_option
@json_option
def show(
    file: Path | None, clause_id: str | None, full: bool, as_yaml: bool, resolved: Resolved, as_json: bool
) -> None:
    """Show the policy in FILE, or the one that decides without a file: every clause in a line, or one in full."""
    from tidegate.assembly import load_policy, policy_path
    from tidegate.cli.clause_text import clause_in_full, overview
    from tidegate.records import to_json

    if as_yaml and (clause_id is not None or full or as_json):
        raise UsageError("--yaml shows the whole source", next_step="drop --clause, --full and --json")
    loaded = load_policy(resolved, file)
    if as_yaml:
        click.echo(policy_path(resolved, file).read_bytes(), nl=False)
        return
    chosen = [clause for clause in loaded.clauses if clause_id in (None, clause.id)]
    if clause_id is not None and not chosen:
        raise UsageError(f"no clause {clause_id!r}", where=loaded.id, next_step=_nearest(clause_id, loaded))
    if as_json:
        emit(to_json(chosen[0] if clause_id is not None else loaded))
        return
    if clause_id is None:
        print_lines(overview(loaded))
    if clause_id is not None or full:
        for clause in chosen:
            print_lines(clause_in_full(clause))


def _nearest(clause_id: str, loaded: object) -> str:
    import difflib

    ids = [clause.id for clause in getattr(loaded, "clauses", ())]
    close = difflib.get_close_matches(clause_id, ids, n=1)
    return f"did you mean {close[0]}?" if close else f"clauses: {', '.join(ids)}"
