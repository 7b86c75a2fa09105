"""`tidegate people`: who works here, invited by one-time links."""

from typing import TYPE_CHECKING

import click

from tidegate.cli.options import json_option, set_option
from tidegate.cli.terminal import emit, print_lines, say
from tidegate.explain.visible import visible
from tidegate.settings import Resolved

if TYPE_CHECKING:
    from tidegate.server.accounts.models import Person
    from tidegate.server.accounts.people import Invitation

ROLES = ("reviewer", "lead", "policy", "admin", "auditor", "integrator")


@click.group()
def people() -> None:
    """Invite people, give them roles, let them go."""


@people.command("list")
@set_option
@json_option
def list_(resolved: Resolved, as_json: bool) -> None:
    """List everybody: address, role, whether they may come in, and when they last did."""
    _ready(resolved)
    from tidegate.server.accounts.people import list_people

    everybody = list_people()
    if as_json:
        for person in everybody:
            emit(_as_json(person))
    else:
        _print(everybody)


@people.command()
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What they are here to do.")
@click.option("--name", default="", help="What others see them called.")
@set_option
@json_option
def invite(email: str, role: str, name: str, resolved: Resolved, as_json: bool) -> None:
    """Invite EMAIL: prints a one-time link, good for a day, that lets them set a password. Send it to them yourself."""
    _ready(resolved)
    from tidegate.server.accounts import people as room
    from tidegate.server.project.clock import now_s

    _tell_link(room.invite(email, role, name=name, now_s=now_s()), resolved, as_json)


@people.command()
@click.argument("email")
@click.option("--reset-second-factor", is_flag=True, help="Forget their authenticator too; their sessions end now.")
@set_option
@json_option
def link(email: str, reset_second_factor: bool, resolved: Resolved, as_json: bool) -> None:
    """A new one-time link for EMAIL, who lost their password or comes back; the links before it end."""
    _ready(resolved)
    from tidegate.server.accounts import people as room
    from tidegate.server.project.clock import now_s

    person = room.person_by_email(email)
    made = room.renew_link(person.id, is_second_factor_reset=reset_second_factor, now_s=now_s())
    _tell_link(made, resolved, as_json)


@people.command()
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
@set_option
@json_option
def role(email: str, role: str, resolved: Resolved, as_json: bool) -> None:
    """Give EMAIL another ROLE; it counts from their next request."""
    _ready(resolved)
    from tidegate.server.accounts import people as room
    from tidegate.server.project.clock import now_s

    _tell(room.change_role(room.person_by_email(email).id, role, now_s=now_s()), as_json)


@people.command()
@click.argument("email")
@set_option
@json_option
def deactivate(email: str, resolved: Resolved, as_json: bool) -> None:
    """EMAIL leaves: their sessions, password and links end now. What they decided stays theirs in the journal."""
    _ready(resolved)
    from tidegate.server.accounts import people as room
    from tidegate.server.project.clock import now_s

    _tell(room.deactivate(room.person_by_email(email).id, now_s=now_s()), as_json)


def _ready(resolved: Resolved) -> None:
    from tidegate.server.project.ring import check_ring
    from tidegate.server.project.setup import migrate, prepare

    prepare(resolved)
    migrate()
    check_ring(resolved)


def _tell_link(made: "Invitation", resolved: Resolved, as_json: bool) -> None:
    from tidegate.server.project.values import public_url

    address = public_url(resolved) + made.path
    if as_json:
        emit({**_as_json(made.person), "link": address, "link_expires_at_s": made.expires_at_s})
        return
    say(f"{visible(made.person.email)}, {made.person.role}: this link is good once, for a day")
    click.echo(address)


def _tell(person: "Person", as_json: bool) -> None:
    if as_json:
        emit(_as_json(person))
    else:
        _print([person])


def _as_json(person: "Person") -> dict[str, object]:
    return {
        "id": person.id,
        "email": person.email,
        "name": person.name,
        "role": person.role,
        "is_active": person.is_active,
        "last_signed_in_at": person.last_login.isoformat() if person.last_login else None,
    }


def _print(everybody: "list[Person]") -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    for heading in ("address", "name", "role", "last signed in"):
        table.add_column(heading, overflow="fold")
    for person in everybody:
        seen = person.last_login.strftime("%Y-%m-%d %H:%M UTC") if person.last_login else "never"
        row = (person.email, person.name or "-", person.role, seen if person.is_active else "has left")
        table.add_row(*(Text(visible(cell, 100), style="" if person.is_active else "dim") for cell in row))
    print_lines(table)
