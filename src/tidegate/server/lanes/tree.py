"""The process tree of one server: which lanes run, in how many processes, bounded by what."""

import json
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tidegate.engine.base import LaneSpec, ProcessStatus, status_json
from tidegate.server.lanes.config import written
from tidegate.settings import Resolved

SCREEN_OPEN_S = 300.0
"""Models load from a cold disk within this time."""
RECYCLE_SCREEN_AFTER = 20_000
"""Screenings after which a process is replaced, whatever its memory says."""
WEB_MEMORY_MIB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Sockets:
    """What listens already, held by the parent and handed to every process that answers on it."""

    web: socket.socket
    texts: socket.socket | None
    precheck: socket.socket | None


def lane_specs(resolved: Resolved, sockets: Sockets) -> list[LaneSpec]:
    """Every lane of this server, in the order in which they start."""
    server = resolved.settings.server
    web_fd = sockets.web.fileno()
    plain = written(resolved)
    specs = [
        LaneSpec(
            name="web",
            factory="tidegate.server.lanes.web:make",
            config=written(resolved, listen_fd=web_fd),
            processes=server.web_processes,
            memory_limit_mib=WEB_MEMORY_MIB,
            stuck_after_s=150.0,
            listen_fds=(web_fd,),
        ),
        LaneSpec(name="outbox", factory="tidegate.server.lanes.outbox:make", config=plain),
        LaneSpec(name="scheduler", factory="tidegate.server.lanes.scheduler:make", config=plain, stuck_after_s=3600.0),
    ]
    if server.fetch_threads:
        specs.insert(1, LaneSpec(name="fetch", factory="tidegate.server.lanes.fetch:make", config=plain))
    if server.screen_processes:
        specs.insert(1, _screen(resolved, plain))
    for name, listener in (("texts", sockets.texts), ("precheck", sockets.precheck)):
        if listener is not None:
            specs.append(_desk(resolved, name, listener))
    return specs


def _screen(resolved: Resolved, plain: str) -> LaneSpec:
    server = resolved.settings.server
    return LaneSpec(
        name="screen",
        factory="tidegate.server.lanes.screen:make",
        config=plain,
        processes=server.screen_processes,
        memory_limit_mib=server.memory_limit_mib,
        recycle_after=RECYCLE_SCREEN_AFTER,
        # A lease that has run out is somebody else's upload: whoever still works on it by then is stuck.
        stuck_after_s=server.lease_s,
        open_within_s=SCREEN_OPEN_S,
    )


def _desk(resolved: Resolved, name: str, listener: socket.socket) -> LaneSpec:
    factories = {"texts": "tidegate.server.texts.desk:make", "precheck": "tidegate.server.lanes.precheck:make"}
    server = resolved.settings.server
    return LaneSpec(
        name=name,
        factory=factories[name],
        config=written(resolved, fd=listener.fileno()),
        processes=server.text_processes if name == "texts" else server.precheck_processes,
        memory_limit_mib=server.memory_limit_mib,
        open_within_s=SCREEN_OPEN_S,
        listen_fds=(listener.fileno(),),
    )


def write_status(path: Path, statuses: Sequence[ProcessStatus]) -> None:
    """Write how every process does, whole or not at all; the web processes read it."""
    new = path.with_suffix(".new")
    new.write_text(status_json(statuses), encoding="utf-8")
    os.replace(new, path)  # noqa: PTH105 - the same call, and it says that the old one goes


def pids_of(path: Path) -> dict[str, list[int]]:
    """Lane -> process ids as last written down; for tests and tools that end one on purpose."""
    found: dict[str, list[int]] = {}
    for row in json.loads(path.read_text(encoding="utf-8")):
        if row["pid"] is not None:
            found.setdefault(row["lane"], []).append(row["pid"])
    return found
