"""`tidegate screen`: videos in, a decision with timed evidence out, one bad file never stopping the rest."""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tidegate.cli.inputs import STDIN, Request, given_of, plan, read_text
from tidegate.cli.options import json_option, set_option
from tidegate.cli.paths import Refusal, is_one_file, passed_text
from tidegate.cli.terminal import say
from tidegate.errors import FileTooLargeError, UsageError
from tidegate.records import Surface
from tidegate.settings import Resolved

if TYPE_CHECKING:
    from tidegate.cli.transcript import Transcripts

EXIT_INTERRUPTED = 130
_FILE = click.Path(path_type=Path, dir_okay=False)


def _upload_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The fields of an Upload; each wins over the sidecar of a file."""
    options = [
        click.option("--caption", metavar="TEXT", help="The caption."),
        click.option("--caption-file", type=_FILE, help="Read the caption from a file."),
        click.option("--hashtag", "hashtags", multiple=True, metavar="TAG", help="A hashtag. May be repeated."),
        click.option("--sound", metavar="TITLE", help="Title of the attached sound."),
        click.option("--creator", metavar="ID", help="The creator's id."),
        click.option("--surface", type=click.Choice([s.value for s in Surface]), help="Where it would appear."),
        click.option("--region", metavar="CODE", help="ISO 3166 code, such as KR or US-CA."),
        click.option("--language", metavar="TAG", help="BCP 47 tag, such as ko or pt-BR."),
        click.option("--declared-ai/--declared-no-ai", "ai_generated", default=None, help="Declared as made with AI."),
        click.option(
            "--declared-paid/--declared-unpaid", "paid_promotion", default=None, help="Declared as paid promotion."
        ),
        click.option(
            "--declared-for-children",
            "made_for_children",
            flag_value=True,
            default=None,
            help="Declared as made for children.",
        ),
        click.option(
            "--declared-minor", "shows_minor", flag_value=True, default=None, help="Declared as showing a minor."
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@click.argument("paths", nargs=-1, metavar="PATH...|-")
@_upload_options
@click.option("--manifest", type=_FILE, help="JSON lines: Upload fields and `path`, one upload a line.")
@click.option("--policy", "policy_path", type=_FILE, help="Policy file to decide under.")
@click.option("--bank", "banks", type=_FILE, multiple=True, help="Bank file to match against. May be repeated.")
@click.option("--detectors", metavar="ID,...", help="Run only these detectors or families.")
@click.option("--jobs", type=click.IntRange(min=1), help="Decode processes working ahead.")
@click.option(
    "--explain", is_flag=True, help="Every clause, contribution, trace step, abstention, and every word heard or read."
)
@click.option("--report", "report_path", type=_FILE, help="Write one self-contained HTML page.")
@click.option(
    "--transcript",
    type=click.Path(),
    help="Write what was said as WebVTT. One file to screen: PATH is the transcript, - is stdout (results then go to "
    "stderr). Folders, patterns or several files: PATH is a folder, made if missing, that gets NAME.vtt for each.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["review", "restricted"]),
    help="`review`: exit 20 for a restricted or removed upload, 10 for a held one; `restricted`: 20 alone.",
)
@set_option
@json_option
def screen(paths: tuple[str, ...], resolved: Resolved, **options: Any) -> int:  # noqa: ANN401 - click's options
    """Screen videos and say which clause they touch, where, and why.

    PATH is a file, a folder (searched for media to any depth), a quoted pattern, or - for a video on stdin.
    Upload fields come from the options, else from a JSON file beside the video (clip.mp4.json).
    Exit 4 when anything could not be read, whatever else there was; then 20, then 10 with --fail-on; else 0.
    """
    if not paths and options["manifest"] is None:
        raise UsageError("nothing to screen", next_step="name a file, a folder, a pattern, - or --manifest")
    if options["caption"] is not None and options["caption_file"] is not None:
        raise UsageError("--caption and --caption-file both give the caption", next_step="keep one of them")
    if options["caption_file"] is not None:
        options["caption"] = read_text(options["caption_file"])
    given = given_of(options)
    given.check()
    with _stdin_spooled(paths, resolved) as spooled:
        passed: list[str] = []
        total, items = plan(paths, options["manifest"], given, spooled=spooled, passed=passed)
        options["transcripts"] = _transcripts(paths, total, options)
        if passed:
            say(passed_text(passed))
        return _screen_all(total, items, resolved, options)


def _transcripts(paths: tuple[str, ...], total: int, options: Mapping[str, Any]) -> "Transcripts | None":
    """Where transcripts are wanted, `None` where they are not. Raises UsageError before anything is screened."""
    from tidegate.cli.transcript import STDOUT, Transcripts

    place = options["transcript"]
    if place is None:
        return None
    if place == STDOUT and options["as_json"]:
        raise UsageError("--json and --transcript - both write to stdout", next_step="name a file for the transcript")
    is_one = options["manifest"] is None and len(paths) == 1 and is_one_file(paths[0])
    return Transcripts(place, total=total, is_one=is_one)


@contextmanager
def _stdin_spooled(paths: tuple[str, ...], resolved: Resolved) -> Iterator[Path | Refusal | None]:
    """Bytes on stdin become a private temporary file of at most `media.max_size_bytes`, gone afterwards."""
    if STDIN not in paths:
        yield None
        return
    limit = resolved.settings.media.max_size_bytes
    with tempfile.NamedTemporaryFile(prefix="tidegate-stdin-") as spool:
        left = limit
        while left >= 0 and (block := sys.stdin.buffer.read(min(1 << 20, left + 1))):
            left -= len(block)
            spool.write(block)
        spool.flush()
        yield Path(spool.name) if left >= 0 else _too_large(limit)


def _too_large(limit: int) -> Refusal:
    following = "raise media.max_size_bytes if that is right"
    return Refusal(name=STDIN, error=FileTooLargeError(f"more than {limit} bytes", where="stdin", next_step=following))


def _screen_all(
    total: int, items: "Iterator[Request | Refusal]", resolved: Resolved, options: Mapping[str, Any]
) -> int:
    from tidegate.assembly import open_screener
    from tidegate.cli.batch import Tally, fed, screen_each
    from tidegate.cli.interrupt import Interrupts
    from tidegate.cli.output import Output

    tally, start_s, interrupted = Tally(), time.monotonic(), False
    only = tuple(name.strip() for name in (options["detectors"] or "").split(",") if name.strip())
    with (
        open_screener(
            resolved, policy_path=options["policy_path"], only=only, banks=options["banks"], jobs=options["jobs"]
        ) as (screener, ahead),
        Output(
            screener.policy,
            total,
            as_json=options["as_json"],
            explain=options["explain"],
            report_path=options["report_path"],
            transcripts=options["transcripts"],
        ) as output,
        Interrupts() as interrupts,
    ):
        try:
            for name, result in screen_each(fed(items, ahead), screener):
                with interrupts.whole():
                    output.show(name, result)
                    tally.add(result)
        except KeyboardInterrupt:
            interrupted = True
        output.finish()
    if interrupted:
        say(f"interrupted after {tally.total} of {total}: what is above is complete")
    if total != 1 or interrupted:
        say(tally.text(time.monotonic() - start_s))
    return EXIT_INTERRUPTED if interrupted else tally.exit_code(options["fail_on"])
