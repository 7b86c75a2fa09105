"""Starts a server: the home folder, the sockets, the database, the first administrator's link, the process tree."""

import contextlib
import fcntl
import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tidegate.assembly import load_policy
from tidegate.engine.base import ProcessState, ProcessStatus
from tidegate.engine.local import LocalEngine
from tidegate.errors import ServeError
from tidegate.server.lanes.tree import Sockets, lane_specs, write_status
from tidegate.server.precheck.wire import socket_path as precheck_socket_path
from tidegate.server.project.clock import now_s
from tidegate.server.project.setup import make_home, migrate, prepare
from tidegate.server.project.values import public_url
from tidegate.server.texts.address import listen, socket_path
from tidegate.settings import Resolved, as_flags, resolve

BACKLOG = 2048
DRAIN_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A server that is about to run: where people reach it, and the first administrator's link if nobody was in yet."""

    url: str
    first_link: str
    settings: Resolved


def serve(
    resolved: Resolved, *, on_begun: Callable[[Begun], None], on_ready: Callable[[], None] = lambda: None
) -> None:
    """Run until SIGTERM or SIGINT. `on_begun` hears when all is in place, `on_ready` when every lane runs.

    Raises ServeError for a taken port or home, SettingError, PolicyError, KeyRingError, MissingDependencyError.
    """
    make_home(resolved.settings.home)
    with contextlib.ExitStack() as stack:
        run = resolved.settings.home / "run"
        run.mkdir(mode=0o700, exist_ok=True)
        stack.enter_context(_alone(run / "serve.lock"))
        web = stack.enter_context(contextlib.closing(_listen(resolved)))
        resolved = _with_port(resolved, web)
        load_policy(resolved)
        first_link = _ready_database(resolved)
        sockets = Sockets(web=web, texts=_texts(resolved, stack), precheck=_precheck(resolved, stack))
        telling = _Telling(run / "status.json", on_ready)
        engine = LocalEngine(drain_s=DRAIN_S, on_status=telling)
        on_begun(Begun(url=public_url(resolved), first_link=first_link, settings=resolved))
        try:
            engine.start(lane_specs(resolved, sockets))
            engine.run_until_stopped()
        finally:
            engine.stop(DRAIN_S)
            (run / "status.json").unlink(missing_ok=True)


class _Telling:
    """Writes every status down, and says once that all lanes run."""

    def __init__(self, path: Path, on_ready: Callable[[], None]) -> None:
        self._path, self._on_ready = path, on_ready
        self._is_told = threading.Event()

    def __call__(self, statuses: tuple[ProcessStatus, ...]) -> None:
        write_status(self._path, statuses)
        if not self._is_told.is_set() and _all_run(statuses):
            self._is_told.set()
            self._on_ready()


def _all_run(statuses: Sequence[ProcessStatus]) -> bool:
    return bool(statuses) and all(one.state is ProcessState.RUNNING for one in statuses)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One server a home: two would sweep each other's work away. Raises ServeError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise ServeError(
            "another server runs on this home", where=str(path.parents[1]), next_step="end it, or use another home"
        ) from None
    try:
        yield
    finally:
        os.close(descriptor)


def _listen(resolved: Resolved) -> socket.socket:
    host, port = resolved.settings.server.host, resolved.settings.server.port
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        opened = socket.socket(family, kind | socket.SOCK_CLOEXEC, protocol)
    except OSError as error:
        raise ServeError(f"no such address: {error.strerror or error}", where=f"server.host {host}") from error
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(address)
        opened.listen(BACKLOG)
    except OSError as error:
        opened.close()
        raise ServeError(
            f"cannot listen: {error.strerror or error}",
            where=f"{host} port {port}",
            next_step="end what listens there, or choose another: `tidegate serve --port 8481`",
        ) from error
    return opened


def _with_port(resolved: Resolved, web: socket.socket) -> Resolved:
    """The settings with the port that was really taken."""
    port = web.getsockname()[1]
    if port == resolved.settings.server.port:
        return resolved
    return resolve((*as_flags(resolved), f"server.port={port}"), environ={})


def _ready_database(resolved: Resolved) -> str:
    """Migrate, check the keys, and make the first administrator's link where nobody has signed in yet."""
    prepare(resolved)
    from django.db import connections

    from tidegate.server.accounts.people import first_admin_link
    from tidegate.server.project.ring import check_ring

    try:
        migrate()
        check_ring(resolved)
        invitation = first_admin_link(now_s())
        return f"{public_url(resolved)}{invitation.path}" if invitation is not None else ""
    finally:
        connections.close_all()


def _texts(resolved: Resolved, stack: contextlib.ExitStack) -> socket.socket | None:
    if not resolved.settings.server.text_processes:
        return None
    return stack.enter_context(contextlib.closing(listen(socket_path(resolved.settings.home))))


def _precheck(resolved: Resolved, stack: contextlib.ExitStack) -> socket.socket | None:
    if not resolved.settings.server.precheck_processes:
        return None
    return stack.enter_context(contextlib.closing(listen(precheck_socket_path(resolved.settings.home))))
