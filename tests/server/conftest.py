"""The server's database for tests, on SQLite and on a real PostgreSQL, with people, keys and uploads to put into it.

A pytest process prepares Django once. A test asks for `database` (SQLite) or for `both_databases` (it runs on each);
either is migrated once a session and empty when the test begins. Whatever else is here goes by the one asked for.
"""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from tidegate.records import Context, Upload, Verdict
from tidegate.settings import Resolved, resolve
from tidegate.testing import postgres
from tidegate.testing.decided import decision_of, screening_of

if TYPE_CHECKING:
    from django.test import Client

    from tidegate.server.accounts.models import Person
    from tidegate.server.intake.record import Claimed, Finished, NewUpload

KEPT_TABLES = {"django_migrations", "django_content_type", "auth_permission"}
SETTINGS = ("server.second_factor=required",)
_COUNT = itertools.count(1)


@pytest.fixture(scope="session")
def server_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home folder of this session's server: keys, blobs, the SQLite file."""
    return tmp_path_factory.mktemp("server-home")


@pytest.fixture(scope="session")
def django_ready(server_home: Path) -> Resolved:
    """Django, made ready once for the whole process; the settings it was made ready with."""
    from tidegate.server.project.setup import prepare

    resolved = resolve([f"home={server_home}", *SETTINGS], environ={})
    prepare(resolved)
    from django.db import connections

    # Nothing here has to survive a power cut.
    connections.settings["default"]["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"
    return resolved


@pytest.fixture(scope="session")
def sqlite_values(django_ready: Resolved) -> dict[str, Any]:
    """Django's values for the SQLite database, migrated."""
    from django.db import connections

    from tidegate.server.project.setup import migrate

    values = connections.settings["default"]
    with _default_is(values):
        migrate()
    return dict(values)


@pytest.fixture(scope="session")
def postgres_url(lacking: Callable[[str, str], NoReturn]) -> Iterator[str]:
    """The URL of a PostgreSQL server that this session started for itself; the database in it may not be migrated."""
    if postgres.programs() is None:
        lacking("postgresql", "what holds on PostgreSQL")
    with postgres.started() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_values(django_ready: Resolved, postgres_url: str) -> dict[str, Any]:
    """Django's values for the PostgreSQL database, migrated."""
    from django.db import connections

    from tidegate.server.project.database import database_of
    from tidegate.server.project.setup import migrate

    made = database_of(postgres_url, django_ready.settings.home, keeps_connections=True)
    values = connections.configure_settings({"default": made})
    with _default_is(values["default"]):
        migrate()
    return dict(values["default"])


@pytest.fixture(params=["sqlite", "postgresql"])
def both_databases(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database of each kind in turn; its vendor."""
    short = {"sqlite": "sqlite_values", "postgresql": "postgres_values"}
    yield from _empty_database(request.getfixturevalue(short[request.param]))


@pytest.fixture
def postgres_database(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty PostgreSQL database, for what only that one has."""
    yield from _empty_database(request.getfixturevalue("postgres_values"))


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty SQLite database, or the one of the fixtures above where the test asks for that; its vendor."""
    asked = {"both_databases", "postgres_database"} & set(request.fixturenames)
    if asked:
        yield request.getfixturevalue(asked.pop())
    else:
        yield from _empty_database(request.getfixturevalue("sqlite_values"))


@contextmanager
def _default_is(values: dict[str, Any]) -> Iterator[None]:
    """Every thread that connects meanwhile connects to this database; the connection of this one is closed after."""
    from django.db import connections

    before = connections.settings["default"]
    _drop_connection()
    connections.settings["default"] = values
    try:
        yield
    finally:
        _drop_connection()
        connections.settings["default"] = before


def _drop_connection() -> None:
    from django.db import connections

    connections.close_all()
    if hasattr(connections._connections, "default"):
        del connections["default"]


def _empty_database(values: dict[str, Any]) -> Iterator[str]:
    from django.db import connection

    with _default_is(values):
        _empty()
        yield connection.vendor


def _empty() -> None:
    from django.db import connection, transaction

    from tidegate.server.accounts.keys import forget_remembered
    from tidegate.server.ledger.journal import GENESIS

    with transaction.atomic(), connection.cursor() as cursor:
        for table in sorted(set(connection.introspection.table_names(cursor)) - KEPT_TABLES):
            cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608 - names of our own tables
        cursor.execute("INSERT INTO journal_head (id, seq, hash) VALUES (1, 0, %s)", [GENESIS])
        cursor.execute("INSERT INTO tallied (id, seq) VALUES (1, 0)")
    forget_remembered()


@pytest.fixture
def emptied(database: str) -> Callable[[], None]:
    """Empty the test's database once more, as property tests do before each of their examples."""
    return _empty


@pytest.fixture
def in_threads(database: str) -> Callable[[Callable[[int], None], int], None]:
    """Run `work(number)` in so many threads at once, each with a connection of its own; the first error is raised."""
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connections

    def run(work: Callable[[int], None], count: int) -> None:
        def alone(number: int) -> None:
            try:
                work(number)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(count) as threads:
            for future in [threads.submit(alone, number) for number in range(count)]:
                future.result()

    return run


@pytest.fixture
def person(database: str) -> Callable[..., "Person"]:
    """Make somebody: `person("reviewer")`, each time somebody new; without a password unless one is given."""
    from tidegate.server.accounts.models import Person

    def make(role: str = "reviewer", *, password: str | None = None) -> "Person":
        number = next(_COUNT)
        return Person.objects.create_user(
            f"{role}-{number}@example.org", password, role=role, name=f"{role.title()} {number}"
        )

    return make


@pytest.fixture
def client_as(person: Callable[..., "Person"]) -> Callable[..., "Client"]:
    """A browser in which somebody of a role is signed in with a second factor: `client_as("lead")`.

    `client.person` is who. With `checks_csrf` unsafe requests need the token, as from a real browser.
    """
    from django.test import Client

    def make(role: str = "reviewer", *, has_second_factor: bool = True, checks_csrf: bool = False) -> "Client":
        somebody = person(role)
        client = Client(enforce_csrf_checks=checks_csrf, SERVER_NAME="localhost")
        client.force_login(somebody)
        methods = [{"method": "password", "at": time.time()}]
        if has_second_factor:
            methods.append({"method": "mfa", "type": "totp", "at": time.time(), "id": _totp_of(somebody)})
        session = client.session
        session["account_authentication_methods"] = methods
        session["account_authentication_methods_user"] = somebody.id
        session.save()
        client.person = somebody  # type: ignore[attr-defined]
        return client

    return make


def _totp_of(somebody: "Person") -> int:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    return int(TOTP.activate(somebody, generate_totp_secret()).instance.pk)


@pytest.fixture
def key_for(database: str) -> Callable[..., str]:
    """The `Authorization` header of a new API key: `key_for("uploads:write", "uploads:read")`."""
    from tidegate.server.accounts.keys import create

    def make(*scopes: str) -> str:
        _, secret = create("a platform", scopes, now_s=time.time())
        return f"Bearer {secret}"

    return make


@pytest.fixture
def live_server(database: str, django_ready: Resolved) -> Iterator[str]:
    """The ASGI application on a port of its own, with the protocol that `tidegate serve` guards it by; its address."""
    import uvicorn

    from tidegate.server.lanes.guarded import GuardedProtocol
    from tidegate.server.project.asgi import Application

    config = uvicorn.Config(
        Application(django_ready),
        host="127.0.0.1",
        port=0,
        http=GuardedProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=2,
    )
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    port = running.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    running.should_exit = True
    thread.join(30)


@pytest.fixture
def new_upload() -> Callable[..., "NewUpload"]:
    """An upload about to be accepted, with words and no media: `new_upload(caption="...", lane="express")`.

    A field of `Upload` goes there, any other is a field of `NewUpload`; each has a key of its own unless one is given.
    """
    from tidegate.server.ids import new_id
    from tidegate.server.intake.record import NewUpload
    from tidegate.server.ledger.journal import canonical, digest

    def make(*, context: Context | None = None, **fields: Any) -> "NewUpload":
        number = next(_COUNT)
        of_upload = {name: fields.pop(name) for name in list(fields) if name in Upload.__dataclass_fields__}
        values = {
            "submitted_by": "ak_test",
            "idempotency_key": f"k:{number}",
            "request_sha256": digest(canonical([number, fields])),
            "external_id": f"clip-{number}",
            "lane": "standard",
            "target_s": 60.0,
        }
        upload = Upload(**{"id": new_id("up"), "caption": f"low tide {number}", **of_upload})
        return NewUpload(upload=upload, context=context or Context(), **{**values, **fields})

    return make


@pytest.fixture
def accepted(database: str, new_upload: Callable[..., "NewUpload"]) -> Callable[..., str]:
    """Accept an upload as `new_upload` makes it; its id. `now_s` is when (now)."""
    from tidegate.server.intake.accepting import accept

    def make(*, now_s: float | None = None, **fields: Any) -> str:
        at_s = time.time() if now_s is None else now_s
        return accept([new_upload(**fields)], now_s=at_s)[0].upload_id

    return make


@pytest.fixture
def claimed(accepted: Callable[..., str]) -> Callable[..., "Claimed"]:
    """Accept an upload and lease it to the lane `screen-test`, as the only one that is due."""
    from tidegate.server.intake.claiming import LeaseRules, claim
    from tidegate.server.intake.models import Stage, UploadRow

    def make(*, now_s: float | None = None, **fields: Any) -> "Claimed":
        at_s = time.time() if now_s is None else now_s
        upload_id = accepted(now_s=at_s, **fields)
        others = UploadRow.objects.filter(stage=Stage.SCREEN).exclude(id=upload_id)
        due = dict(others.values_list("id", "due_s"))
        others.update(due_s=at_s + 1.0)
        (one,) = claim(Stage.SCREEN, 1, "screen-test", rules=LeaseRules(lease_s=300.0, max_tries=3), now_s=at_s)
        for other_id, due_s in due.items():
            UploadRow.objects.filter(id=other_id).update(due_s=due_s)
        return one

    return make


@pytest.fixture
def found(django_ready: Resolved) -> Callable[..., "Finished"]:
    """What a lane found for a claimed upload: `found(claimed, "removed")`; a screening and a machine's decision."""
    from tidegate.server.intake.record import Finished
    from tidegate.server.project.places import current_policy

    def make(one: "Claimed", verdict: str = "allowed", *, now_s: float | None = None, **fields: Any) -> "Finished":
        at_s = time.time() if now_s is None else now_s
        return Finished(
            upload_id=one.upload.id,
            lease_token=one.lease_token,
            decision=decision_of(current_policy(), one.upload.id, Verdict(verdict), now_s=at_s),
            screening=screening_of(one.upload.id),
            **fields,
        )

    return make


@pytest.fixture
def decided(claimed: Callable[..., "Claimed"], found: Callable[..., "Finished"]) -> Callable[..., str]:
    """An upload that a machine decided: `decided("removed")`; its id. `decided("held")` waits for a person."""
    from tidegate.server.history.finishing import finish

    def make(verdict: str = "allowed", *, now_s: float | None = None, **fields: Any) -> str:
        at_s = time.time() if now_s is None else now_s
        one = claimed(now_s=at_s, **fields)
        assert finish([found(one, verdict, now_s=at_s)], "screen-test", now_s=at_s) == [one.upload.id]
        return one.upload.id

    return make
