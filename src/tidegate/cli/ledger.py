"""`tidegate ledger`: proves that the journal is whole, and says what to note down to prove it again."""

import sys

import click

from tidegate.cli.options import json_option, set_option
from tidegate.cli.terminal import emit, is_terminal, say
from tidegate.errors import LedgerBrokenError, UsageError
from tidegate.settings import Resolved

MOST_FINDINGS_SHOWN = 50


@click.group()
def ledger() -> None:
    """Prove that the journal is whole, or print its head."""


@ledger.command()
@click.option("--since", metavar="SEQ:HASH", help="A head noted down before: it must still be in the chain.")
@set_option
@json_option
def verify(since: str | None, resolved: Resolved, as_json: bool) -> None:
    """Read the whole journal and compare it with what it speaks of. Exit code 1 when anything does not hold.

    Heads that the server noted in the home folder are checked too. Keep one elsewhere: whoever can change the database
    and the home folder can change both.
    """
    from tidegate.server.ledger.heads import noted
    from tidegate.server.ledger.verify import verify as check
    from tidegate.server.project.setup import prepare

    prepare(resolved)
    heads = noted(resolved.settings.home / "ledger-heads.txt")
    result = check(since=_since(since) if since else (heads[-1] if heads else None), progress=_progress)
    shown = {
        "entries": result.entry_count,
        "uploads": result.upload_count,
        "decisions": result.decision_count,
        "screenings": result.screening_count,
        "head": f"{result.seq}:{result.hash}",
        "findings": [{"where": one.where, "what": one.what} for one in result.findings[:MOST_FINDINGS_SHOWN]],
        "finding_count": len(result.findings),
    }
    if as_json:
        emit(shown)
    else:
        counts = ", ".join(f"{shown[name]:,} {name}" for name in ("entries", "uploads", "decisions", "screenings"))
        click.echo(f"{counts}\nhead {shown['head']}")
        for finding in result.findings[:MOST_FINDINGS_SHOWN]:
            click.echo(f"  {finding.where}: {finding.what}")
        click.echo("the journal holds" if not result.findings else f"{len(result.findings)} things do not hold")
    if result.findings:
        first = result.findings[0]
        raise LedgerBrokenError(
            f"the journal does not hold: {first.what}",
            where=first.where,
            next_step="keep the database as it is, and compare with a backup",
        )


@ledger.command()
@set_option
@json_option
def head(resolved: Resolved, as_json: bool) -> None:
    """Print the number and hash of the last entry, to be kept elsewhere."""
    from tidegate.server.ledger.heads import head as read
    from tidegate.server.project.setup import prepare

    prepare(resolved)
    seq, last_hash = read()
    if as_json:
        emit({"seq": seq, "hash": last_hash})
    else:
        click.echo(f"{seq}:{last_hash}")


def _since(text: str) -> tuple[int, str]:
    seq, mark, last_hash = text.partition(":")
    if not mark or not seq.isdigit() or len(last_hash) != 64:
        raise UsageError(
            "wanted SEQ:HASH", where="--since", next_step="give a line that `tidegate ledger head` printed"
        )
    return int(seq), last_hash


def _progress(done: int) -> None:
    if is_terminal(sys.stderr):
        sys.stderr.write(f"\r\x1b[2K{done:,} entries")
    elif done % 1_000_000 == 0:
        say(f"{done:,} entries")
