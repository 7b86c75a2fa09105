"""The `tidegate` command: a table of subcommands that load when they are called, and one exit code per ending."""

import importlib
import io
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import click

from tidegate import __version__
from tidegate.cli.terminal import emit, say
from tidegate.errors import TidegateError, UsageError
from tidegate.explain.visible import visible

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")  # before NumPy loads: workers share cores, and waiting threads burn them

INTERRUPTED = 130
READER_GONE = 141

COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "demo": ("tidegate.cli.demo:demo", "Make clips with known truth, screen them, compare, write a report."),
        "screen": ("tidegate.cli.screen:screen", "Screen videos and say which clause they touch, where, and why."),
        "serve": ("tidegate.cli.serve:serve", "Hold uploads until they are decided: web, workers, outbox, scheduler."),
        "people": ("tidegate.cli.people:people", "Invite people, give them roles, let them go."),
        "keys": ("tidegate.cli.keys:keys", "Make, list and revoke API keys."),
        "ledger": ("tidegate.cli.ledger:ledger", "Prove that the journal is whole, or print its head."),
        "masterkey": ("tidegate.cli.masterkey:masterkey", "Rotate or retire the keys that media are sealed with."),
        "detectors": ("tidegate.cli.detectors:detectors", "List every detector: needs, labels, cost, availability."),
        "policy": ("tidegate.cli.policy:policy", "Check a policy file, or show what a policy says."),
        "train": ("tidegate.cli.train:train", "Train detectors from labelled data."),
        "doctor": ("tidegate.cli.doctor:doctor", "Check that everything Tidegate needs is here and works."),
        "config": ("tidegate.cli.config:config", "Print every setting and where its value came from."),
    }
)
"""Name -> where the command lives, and its summary; kept here so that `--help` imports none of them."""


class _ReaderGoneError(Exception):
    """Whoever read stdout went away."""


class LazyGroup(click.Group):
    """A group whose commands are imported only when one is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; click would end a broken pipe with 1, which means an internal error here."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise _ReaderGoneError from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the summaries from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one was probably meant."""
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in COMMANDS:
            import difflib

            close = difflib.get_close_matches(name, COMMANDS, n=1)
            hint = f"did you mean `tidegate {close[0]}`?" if close else "`tidegate --help` lists the commands"
            raise UsageError(f"no command {visible(name, 40)!r}", next_step=hint)
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tidegate")
def tidegate() -> None:
    """Screens short video before anyone sees it, and says why."""


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and exit. Exit codes: 0 ran, 1 internal, 2 usage, 3 missing dependency, 4 unreadable
    media, 10 needs review, 20 restricted (10 and 20 only with `--fail-on`), 130 interrupted, 141 reader gone.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot show a character gets it written out rather than an error.
            stream.reconfigure(errors="backslashreplace")
    # Ended from outside, it says what it has done, as on Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    arguments = list(sys.argv[1:] if argv is None else argv)
    sys.exit(run(arguments))


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code; every error ends up as one message, never a stack of calls."""
    as_json = "--json" in arguments
    try:
        result = tidegate.main(args=arguments, prog_name="tidegate", standalone_mode=False)
        sys.stdout.flush()
    except (BrokenPipeError, _ReaderGoneError):
        _forget_stdout()
        return READER_GONE
    except (KeyboardInterrupt, click.Abort):
        say("interrupted")
        return INTERRUPTED
    except click.ClickException as error:
        return _refuse(UsageError(_without_stop(error.format_message()), next_step=_usage(error)), as_json)
    except TidegateError as error:
        return _refuse(error, as_json)
    except Exception as error:  # noqa: BLE001 - the last line: an exit code and a way to report it, whatever it was
        return _refuse(_internal(error), as_json)
    return result if isinstance(result, int) else 0


def _internal(error: Exception) -> TidegateError:
    import traceback

    if os.environ.get("TIDEGATE_TRACEBACK"):
        traceback.print_exception(error)
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{os.path.basename(last.filename)}:{last.lineno}"  # noqa: PTH119
    return TidegateError(
        f"internal error: {type(error).__name__}: {visible(str(error), 300)}",
        where=where,
        next_step="run again with TIDEGATE_TRACEBACK=1 and report what it prints",
    )


def _refuse(error: TidegateError, as_json: bool) -> int:
    if as_json:
        emit({"error": error.to_json()})
    else:
        say(f"tidegate: {visible_lines(str(error))}")
    return error.exit_code


def visible_lines(text: str) -> str:
    """`visible`, line by line: the breaks between the parts of an error stay."""
    return "\n".join(visible(line) for line in text.split("\n"))


def _usage(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"`{context.command_path} --help` shows what it takes" if context else "`tidegate --help` shows the commands"


def _without_stop(message: str) -> str:
    return message.rstrip(".")


def _forget_stdout() -> None:
    # Python flushes stdout at exit; pointing it nowhere keeps that from raising a second time.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
