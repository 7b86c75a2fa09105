"""The command line as a whole: one exit code per ending, one message per mistake, nothing imported in vain."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable

import click
import pytest

from tidegate.cli import main as main_module
from tidegate.cli.main import COMMANDS, main, run, tidegate
from tidegate.errors import MissingDependencyError


def test_help_lists_every_command_in_order(
    capsys: pytest.CaptureFixture[str], golden: Callable[[str, str], None]
) -> None:
    assert run(["--help"]) == 0
    golden("cli/help.txt", capsys.readouterr().out)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_that_begins_as_the_list_says(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert shown.startswith(f"Usage: tidegate {name}")
    assert COMMANDS[name][1].split(",")[0].split(":")[0].rstrip(".") in shown


@pytest.mark.parametrize("name", ["screen", "train", "policy check"])
def test_the_options_of_a_command_are_as_agreed(
    name: str, capsys: pytest.CaptureFixture[str], golden: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run([*name.split(), "--help"]) == 0
    golden(f"cli/help-{name.replace(' ', '-')}.txt", capsys.readouterr().out)


def test_help_imports_no_command_and_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "from tidegate.cli.main import run\n"
        "run(['--help'])\n"
        "heavy = {'numpy', 'av', 'rich', 'jinja2', 'yaml', 'PIL', 'tidegate.records', 'tidegate.cli.screen'}\n"
        "sys.exit(' '.join(sorted(heavy & sys.modules.keys())) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["scren"], "did you mean `tidegate screen`?"),
        (["zzz"], "`tidegate --help` lists the commands"),
        (["screen"], "nothing to screen"),
        (["screen", "x", "--jobs", "0"], "TG-C001"),
        (["screen", "x", "--caption", "a", "--caption-file", "b"], "--caption and --caption-file"),
        (["config", "--no-such"], "`tidegate config --help` shows what it takes"),
        (["config", "--set", "media.max_frame=1"], "did you mean media.max_frames?"),
        (["policy", "show", "--clause", "hat"], "did you mean hate?"),
        (["detectors", "visual.nothing"], "TG-S005"),
    ],
)
def test_a_usage_mistake_ends_in_two_with_a_next_step(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err


def test_a_mistake_in_json_mode_is_an_object_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", "nothing", "--json"]) == 2
    out, err = capsys.readouterr()
    assert err == ""
    assert json.loads(out)["error"]["code"] == "TG-C002"


def failing(error: BaseException) -> click.Command:
    def body() -> None:
        raise error

    return click.Command("config", callback=body, params=[click.Option(["--json"], is_flag=True, expose_value=False)])


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (MissingDependencyError("needs a package", next_step="pip install it"), 3, "next: pip install it"),
        (ZeroDivisionError("division by zero"), 1, "internal error: ZeroDivisionError: division by zero"),
    ],
)
def test_every_ending_has_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: BaseException, code: int, says: str
) -> None:
    monkeypatch.setattr(main_module.LazyGroup, "get_command", lambda *_: failing(error))
    assert run(["config"]) == code
    assert says in capsys.readouterr().err


def test_an_internal_error_in_json_mode_is_an_object_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(main_module.LazyGroup, "get_command", lambda *_: failing(RuntimeError("broken")))
    assert run(["config", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["what"] == "internal error: RuntimeError: broken"


def test_the_message_of_an_error_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["\x1b[2Jscreen"]) == 2
    assert "\x1b" not in capsys.readouterr().err


def test_main_exits_with_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["tidegate", "--version"])
    with pytest.raises(SystemExit) as exit_info:
        main()
    assert exit_info.value.code == 0


def test_a_reader_that_goes_away_ends_quietly() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", "from tidegate.cli.main import main; main(['config', '--json'])"],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


def test_commands_without_a_subcommand_show_their_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy"]) in (0, 2)
    assert "show" in "".join(capsys.readouterr())


def test_the_group_has_no_command_beyond_the_table() -> None:
    context = click.Context(tidegate)
    assert tidegate.list_commands(context) == list(COMMANDS)
    assert tidegate.get_command(context, "other") is None


def test_nothing_is_coloured_away_from_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", "media"]) == 0
    assert "\x1b" not in capsys.readouterr().out


def test_text_that_cannot_be_encoded_is_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii", errors="strict"))
    assert run(["config", "media.max_frames", "--json"]) == 0
    assert json.loads(raw.getvalue())["name"] == "media.max_frames"
