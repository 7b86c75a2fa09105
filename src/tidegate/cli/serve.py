"""`tidegate serve`: web, workers, outbox and scheduler as one process tree."""

import click

from tidegate.cli.options import json_option
from tidegate.cli.terminal import emit, say
from tidegate.settings import resolve

_SHORT = (("home", "home"), ("host", "server.host"), ("port", "server.port"), ("database", "server.database_url"))


@click.command()
@click.option("--home", metavar="FOLDER", help="Where all state lives; made when it is not there.")
@click.option("--host", metavar="ADDRESS", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", metavar="PORT", help="Port to listen on; 0 takes a free one.  [default: 8480]")
@click.option("--database", metavar="URL", help="postgresql://user:password@host/name instead of a file at home.")
@click.option(
    "--set", "flags", multiple=True, metavar="NAME=VALUE", help="Set a setting for this run. May be repeated."
)
@json_option
def serve(
    home: str | None, host: str | None, port: str | None, database: str | None, flags: tuple[str, ...], as_json: bool
) -> None:
    """Hold uploads until they are decided, and tell the platform.

    The first start makes everything it needs and prints a one-time link for the first administrator. It runs until
    Ctrl-C or SIGTERM, and finishes what is under way.
    """
    given = {"home": home, "host": host, "port": port, "database": database}
    short = tuple(f"{setting}={given[name]}" for name, setting in _SHORT if given[name] is not None)
    resolved = resolve((*short, *flags))
    from tidegate.server.project.logs import log_to_stderr
    from tidegate.server.project.serving import Begun
    from tidegate.server.project.serving import serve as run

    log_to_stderr()

    def begun(one: Begun) -> None:
        if as_json:
            emit({"event": "listening", "url": one.url, "first_admin_link": one.first_link or None})
            return
        click.echo(f"Tidegate console   {one.url}/")
        if one.first_link:
            click.echo(f"First administrator {one.first_link}")
            click.echo("                    opens once, within 24 hours; start again for a new one")

    def ready() -> None:
        if as_json:
            emit({"event": "ready"})
        else:
            say("every lane runs; Ctrl-C ends it")

    run(resolved, on_begun=begun, on_ready=ready)
