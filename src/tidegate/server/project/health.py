"""Whether the server lives, whether it can take work, and its figures for Prometheus."""

import time
from typing import TYPE_CHECKING

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from tidegate.engine.base import ProcessState, read_status_json
from tidegate.server.project.places import home

if TYPE_CHECKING:
    from pathlib import Path

    from tidegate.engine.base import ProcessStatus

STALE_S = 30.0
"""A status file older than this says that nobody writes it any more."""


async def healthz(request: HttpRequest) -> HttpResponse:
    """`GET /healthz`: this process answers. It asks nobody else, so that a slow database ends no web process."""
    del request
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """`GET /readyz`: 200 when uploads can be taken and screened, else 503; each check by name."""
    del request
    checks = {"database": _has_database(), "lanes": _has_lanes()}
    is_ready = all(checks.values())
    body = {"ready": is_ready, "checks": {name: "ok" if is_ok else "failed" for name, is_ok in checks.items()}}
    return JsonResponse(body, status=200 if is_ready else 503)


def metrics(request: HttpRequest) -> HttpResponse:
    """`GET /metrics`: the figures in the format of Prometheus."""
    from tidegate.server.insight.exposing import exposition

    del request
    text, content_type = exposition(statuses())
    return HttpResponse(text, content_type=content_type)


def status_path(at: "Path") -> "Path":
    """The file in which `tidegate serve` says how its processes do."""
    return at / "run" / "status.json"


def statuses(*, most_age_s: float = STALE_S) -> "tuple[ProcessStatus, ...]":
    """Every process of this server as last written down; empty when that is too long ago."""
    path = status_path(home())
    try:
        if time.time() - path.stat().st_mtime > most_age_s:
            return ()
        return read_status_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def _has_database() -> bool:
    from django.db import Error

    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT seq FROM journal_head WHERE id = 1")
            return cursor.fetchone() is not None
    except Error:
        return False


def _has_lanes() -> bool:
    """Each lane has at least one process that runs."""
    known = statuses()
    lanes = {one.lane for one in known}
    return bool(lanes) and lanes == {one.lane for one in known if one.state is ProcessState.RUNNING}
