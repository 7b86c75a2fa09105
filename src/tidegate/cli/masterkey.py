"""`tidegate masterkey`: the keys that wrap the keys of media and secrets."""

import sys
from datetime import UTC, datetime

import click

from tidegate.cli.options import json_option, set_option
from tidegate.cli.terminal import emit, is_terminal, say
from tidegate.settings import Resolved


@click.group()
def masterkey() -> None:
    """Rotate or retire the keys that media are sealed with."""


@masterkey.command("list")
@set_option
@json_option
def list_(resolved: Resolved, as_json: bool) -> None:
    """Print every master key: its id, when it was made, and whether new media are sealed with it."""
    from tidegate.server.project.ring import ring_of

    ring = ring_of(resolved)
    for key_id in ring.key_ids:
        made = datetime.fromtimestamp(ring.created_s(key_id), UTC).isoformat(timespec="seconds")
        is_active = key_id == ring.active_id
        if as_json:
            emit({"id": key_id, "made": made, "is_active": is_active})
        else:
            click.echo(f"{key_id}  {made}  {'active' if is_active else 'old'}")


@masterkey.command()
@click.option("--resume", is_flag=True, help="Go on with the active key after a rotation that was stopped.")
@set_option
@json_option
def rotate(resume: bool, resolved: Resolved, as_json: bool) -> None:
    """Make a new master key and put everything under it; the server may run meanwhile.

    Media are not written anew, only the small keys in front of them. The old key stays until it is retired.
    """
    from tidegate.server.project.places import blob_store, key_ring
    from tidegate.server.project.rotation import rewrap_all
    from tidegate.server.project.setup import prepare

    prepare(resolved)
    ring = key_ring()
    if not resume:
        ring.rotate()
    result = rewrap_all(ring, blob_store(), progress=_progress)
    if as_json:
        emit(
            {
                "active": ring.active_id,
                "objects": result.object_count,
                "secrets": result.secret_count,
                "failed": list(result.failed),
            }
        )
        return
    click.echo(
        f"{ring.active_id} is active; {result.object_count} objects and {result.secret_count} secrets are under it"
    )
    for one in result.failed:
        say(f"not done: {one}")


@masterkey.command()
@click.argument("key_id")
@set_option
@json_option
def retire(key_id: str, resolved: Resolved, as_json: bool) -> None:
    """Forget an old master key for ever; refused while anything is still under it."""
    from tidegate.server.project.places import blob_store, key_ring
    from tidegate.server.project.rotation import is_key_used
    from tidegate.server.project.setup import prepare

    prepare(resolved)
    ring, blobs = key_ring(), blob_store()
    ring.retire(key_id, is_used=lambda one: is_key_used(one, ring, blobs))
    if as_json:
        emit({"retired": key_id})
    else:
        click.echo(f"{key_id} is forgotten")


def _progress(share: float) -> None:
    if is_terminal(sys.stderr):
        sys.stderr.write(f"\r\x1b[2K{share:6.1%}")
