"""`tidegate people` and `tidegate keys`: what the console does, for scripts."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tidegate.cli.keys import keys
from tidegate.cli.main import run
from tidegate.cli.people import ROLES
from tidegate.settings import Resolved

if TYPE_CHECKING:
    from django.test import Client

WORDS = "thirty gulls on a groyne"


@pytest.fixture
def command(
    database: str, django_ready: Resolved, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run a command on the test's database: exit code, stdout, stderr."""

    def call(*words: str) -> tuple[int, str, str]:
        code = run([*words, "--set", f"home={django_ready.settings.home}"])
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


def rows(told: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in told.splitlines()]


def test_an_invitation_prints_the_link_and_nothing_else_on_stdout(
    command: Callable[..., Any], browser: Callable[..., "Client"], whose: Callable[["Client"], str]
) -> None:
    code, told, narrated = command("people", "invite", "Ada@Example.org", "--role", "reviewer", "--name", "Ada")
    assert code == 0
    (link,) = told.split()
    assert link.startswith("http://127.0.0.1:8480/first/")
    assert "ada@example.org" in narrated
    client = browser()
    path = link.removeprefix("http://127.0.0.1:8480")
    assert client.post(path, {"password": WORDS, "again": WORDS}).status_code == 302
    assert whose(client) == "ada@example.org"


def test_people_are_listed_given_roles_and_let_go(command: Callable[..., Any]) -> None:
    for email, role in (("ada@example.org", "admin"), ("bo@example.org", "lead")):
        (made,) = rows(command("people", "invite", email, "--role", role, "--json")[1])
        assert made["link_expires_at_s"] - time.time() == pytest.approx(86_400, abs=600)
    (changed,) = rows(command("people", "role", "bo@example.org", "auditor", "--json")[1])
    assert (changed["email"], changed["role"], changed["is_active"]) == ("bo@example.org", "auditor", True)
    (left,) = rows(command("people", "deactivate", "BO@example.org", "--json")[1])
    assert left["is_active"] is False
    listed = rows(command("people", "list", "--json")[1])
    assert [(one["email"], one["is_active"]) for one in listed] == [
        ("ada@example.org", True),
        ("bo@example.org", False),
    ]
    assert "has left" in command("people", "list")[1]
    (back,) = rows(command("people", "link", "bo@example.org", "--reset-second-factor", "--json")[1])
    assert back["is_active"] is True


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (["people", "deactivate", "ada@example.org"], 2, "TG-A011"),
        (["people", "role", "ada@example.org", "lead"], 2, "TG-A011"),
        (["people", "link", "nobody@example.org"], 2, "TG-A010"),
        (["people", "invite", "nonsense", "--role", "lead"], 2, "TG-A010"),
        (["people", "invite", "x@example.org", "--role", "king"], 2, "TG-C001"),
        (["keys", "revoke", "ak_none"], 2, "TG-A010"),
        (["keys", "make", "x", "--scope", "all"], 2, "TG-A010"),
        (["keys", "make", "x", "--scope", "uploads:read", "--days", "0"], 2, "TG-C001"),
    ],
)
def test_what_cannot_be_done_is_said_with_its_code(
    command: Callable[..., Any], words: list[str], code: int, error: str
) -> None:
    command("people", "invite", "ada@example.org", "--role", "admin")
    exit_code, told, _ = command(*words, "--json")
    assert exit_code == code
    assert rows(told)[0]["error"]["code"] == error


def test_a_key_is_made_used_listed_and_revoked(command: Callable[..., Any]) -> None:
    from tidegate.errors import KeyRevokedError
    from tidegate.server.accounts.keys import authenticate

    code, told, narrated = command("keys", "make", "a platform", "--scope", "uploads:write", "--days", "30")
    assert code == 0
    (secret,) = told.split()
    holder = authenticate(secret, now_s=time.time())
    assert holder.scopes == {"uploads:write"}
    assert holder.key_id in narrated
    assert secret not in narrated
    (listed,) = rows(command("keys", "list", "--json")[1])
    assert listed["expires_at_s"] - listed["created_at_s"] == pytest.approx(30 * 86_400)
    assert secret not in command("keys", "list")[1]
    (revoked,) = rows(command("keys", "revoke", holder.key_id, "--json")[1])
    assert revoked["revoked_at_s"]
    assert "revoked" in command("keys", "list")[1]
    with pytest.raises(KeyRevokedError):
        authenticate(secret, now_s=time.time())


def test_names_of_strangers_cannot_steer_the_terminal(command: Callable[..., Any]) -> None:
    command("people", "invite", "ada@example.org", "--role", "admin", "--name", "\x1b[2Jada\u202e")
    command("keys", "make", "\x1b[2Jkey", "--scope", "uploads:read")
    for words in (("people", "list"), ("keys", "list")):
        told = command(*words)[1]
        assert "\x1b" not in told
        assert "\u202e" not in told


def test_the_commands_offer_every_role_and_name_every_scope(django_ready: Resolved) -> None:
    from tidegate.server.accounts.roles import SCOPES, Role

    assert set(ROLES) == set(Role.values)
    assert all(scope in (keys.commands["make"].help or "") for scope in SCOPES)


@pytest.mark.slow
def test_on_an_empty_home_the_first_command_makes_what_it_needs(tmp_path: Path) -> None:
    program = str(Path(sys.executable).with_name("tidegate"))
    words = ["people", "invite", "ada@example.org", "--role", "admin", "--json", "--set", f"home={tmp_path / 'new'}"]
    done = subprocess.run([program, *words], capture_output=True, text=True, timeout=120, check=True)
    assert json.loads(done.stdout)["email"] == "ada@example.org"
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_help_does_not_load_the_server() -> None:
    words = "import sys; from tidegate.cli.main import run; run(['people', '--help']); run(['keys', 'make', '--help'])"
    program = f"{words}; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=False).returncode == 0
