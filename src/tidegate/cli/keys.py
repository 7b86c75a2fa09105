"""`tidegate keys`: the API keys that platforms come with."""

import datetime
from typing import TYPE_CHECKING

import click

from tidegate.cli.options import json_option, set_option
from tidegate.cli.terminal import emit, print_lines, say
from tidegate.explain.visible import visible
from tidegate.settings import Resolved

if TYPE_CHECKING:
    from tidegate.server.accounts.models import ApiKeyRow

_DAY_S = 86_400.0


@click.group()
def keys() -> None:
    """Make, list and revoke API keys."""


@keys.command("list")
@set_option
@json_option
def list_(resolved: Resolved, as_json: bool) -> None:
    """List every key that was ever made, the newest first. Secrets are not kept and cannot be shown."""
    _ready(resolved)
    from tidegate.server.accounts.keys import list_keys

    rows = list_keys()
    if as_json:
        for row in rows:
            emit(_as_json(row))
    else:
        _print(rows)


@keys.command()
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, help="What it is good for; may be repeated.")
@click.option("--days", type=click.FloatRange(min=0, min_open=True), help="Days until it ends; without, it does not.")
@set_option
@json_option
def make(name: str, scopes: tuple[str, ...], days: float | None, resolved: Resolved, as_json: bool) -> None:
    """Make a key called NAME and print its secret, this once.

    Scopes: uploads:write, uploads:read, texts:score, decisions:read, webhooks:manage, cases:decide, metrics:read.
    """
    _ready(resolved)
    from tidegate.server.accounts.keys import create
    from tidegate.server.project.clock import now_s

    at_s = now_s()
    row, secret = create(name, scopes, expires_at_s=None if days is None else at_s + days * _DAY_S, now_s=at_s)
    if as_json:
        emit({**_as_json(row), "secret": secret})
        return
    say(f"{row.id} ({visible(row.name)}): keep this secret, it cannot be shown again")
    click.echo(secret)


@keys.command()
@click.argument("key_id", metavar="ID")
@set_option
@json_option
def revoke(key_id: str, resolved: Resolved, as_json: bool) -> None:
    """End the key ID, within five seconds in every process."""
    _ready(resolved)
    from tidegate.server.accounts import keys as room
    from tidegate.server.project.clock import now_s

    room.revoke(key_id, now_s=now_s())
    (row,) = [one for one in room.list_keys() if one.id == key_id]
    if as_json:
        emit(_as_json(row))
    else:
        _print([row])


def _ready(resolved: Resolved) -> None:
    from tidegate.server.project.ring import check_ring
    from tidegate.server.project.setup import migrate, prepare

    prepare(resolved)
    migrate()
    check_ring(resolved)


def _as_json(row: "ApiKeyRow") -> dict[str, object]:
    return {
        "id": row.id,
        "name": row.name,
        "scopes": row.scopes.split(),
        "created_at_s": row.created_at_s,
        "created_by": row.created_by,
        "expires_at_s": row.expires_at_s,
        "revoked_at_s": row.revoked_at_s,
        "last_used_at_s": row.last_used_at_s,
    }


def _print(rows: "list[ApiKeyRow]") -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    for heading in ("id", "name", "scopes", "last used", "ends"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        used = _day(row.last_used_at_s) if row.last_used_at_s is not None else "never"
        cells = (row.id, row.name, row.scopes, used, _end(row))
        table.add_row(*(Text(visible(cell, 120), style="" if row.revoked_at_s is None else "dim") for cell in cells))
    print_lines(table)


def _end(row: "ApiKeyRow") -> str:
    if row.revoked_at_s is not None:
        return f"revoked {_day(row.revoked_at_s)}"
    return _day(row.expires_at_s) if row.expires_at_s is not None else "-"


def _day(at_s: float) -> str:
    return datetime.datetime.fromtimestamp(at_s, datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")
