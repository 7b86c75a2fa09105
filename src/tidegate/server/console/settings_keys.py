"""`/settings/keys`: API keys made, shown once and revoked."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from tidegate.errors import AccountRequestError, TidegateError
from tidegate.server.accounts.access import may
from tidegate.server.accounts.keys import create, list_keys, revoke
from tidegate.server.accounts.models import ApiKeyRow
from tidegate.server.accounts.principal import principal_of
from tidegate.server.accounts.roles import SCOPES
from tidegate.server.console.upload_page import names_of
from tidegate.server.problems import status_of
from tidegate.server.project.clock import now_s

SCOPE_TEXTS = {
    "uploads:write": "submit uploads",
    "uploads:read": "read uploads, their evidence and explanation",
    "texts:score": "score texts",
    "decisions:read": "follow the feed of decisions",
    "webhooks:manage": "add and remove webhooks, replay deliveries",
    "cases:decide": "decide cases and take decisions back",
    "metrics:read": "read the metrics",
}
LIFETIMES_DAYS = (30, 90, 365)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyView:
    """One key as the page lists it; `state` is `active`, `expired` or `revoked`."""

    row: ApiKeyRow
    scopes: tuple[str, ...]
    state: str
    maker: str


def keys(request: HttpRequest) -> HttpResponse:
    """`GET` lists every key, `POST` makes one and shows its secret this once."""
    if request.method != "POST":
        return _page(request)
    told = request.POST
    try:
        scopes = told.getlist("scopes")
        _check_scopes(request, scopes)
        row, secret = create(
            told.get("name", ""),
            scopes,
            now_s=now_s(),
            expires_at_s=_end_s(told.get("days", "")),
            by=principal_of(request).actor,
        )
    except TidegateError as error:
        return _page(request, error=error, status=status_of(error))
    return _page(request, made=row, secret=secret)


def revoke_key(request: HttpRequest, key_id: str) -> HttpResponse:
    """`POST /settings/keys/{id}/revoke`: end a key."""
    revoke(key_id, now_s=now_s(), by=principal_of(request).actor)
    messages.success(request, "The key was revoked; it ends everywhere within five seconds.")
    return redirect("settings-keys")


def scopes_for(role: str) -> tuple[str, ...]:
    """Scopes that people of this role may hand out: no key may decide cases whose maker may not."""
    may_decide = may(role, "POST", "console-case-decide")
    return tuple(scope for scope in sorted(SCOPES) if scope != "cases:decide" or may_decide)


def _check_scopes(request: HttpRequest, scopes: list[str]) -> None:
    beyond = sorted(set(scopes) & SCOPES - set(scopes_for(principal_of(request).role)))
    if beyond:
        raise AccountRequestError(
            f"your role cannot hand out {', '.join(beyond)}", where="scopes", next_step="ask an administrator"
        )


def _end_s(days: str) -> float | None:
    """When a key ends that is good for so many days; `None` for one without an end."""
    if not days:
        return None
    if not days.isascii() or not days.isdigit() or not 1 <= int(days[:6]) <= 3650:
        raise AccountRequestError("a key is good for 1 to 3650 days", where="days")
    return (datetime.fromtimestamp(now_s(), UTC) + timedelta(days=int(days[:6]))).timestamp()


def _page(
    request: HttpRequest,
    *,
    made: ApiKeyRow | None = None,
    secret: str = "",
    error: TidegateError | None = None,
    status: int = 200,
) -> HttpResponse:
    at_s = now_s()
    rows = list_keys()
    names = names_of(row.created_by for row in rows)
    told = request.POST if error else {}
    values = {
        "keys": [
            KeyView(
                row=row,
                scopes=tuple(row.scopes.split()),
                state=_state(row, at_s),
                maker=names.get(f"person:{row.created_by}", row.created_by),
            )
            for row in rows
        ],
        "scopes": [(scope, SCOPE_TEXTS.get(scope, scope)) for scope in scopes_for(principal_of(request).role)],
        "lifetimes": LIFETIMES_DAYS,
        "made": made,
        "secret": secret,
        "error": error,
        "name": told.get("name", "") if told else "",
        "chosen": request.POST.getlist("scopes") if error else [],
    }
    response = render(request, "console/settings_keys.html", values, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _state(row: ApiKeyRow, at_s: float) -> str:
    if row.revoked_at_s is not None:
        return "revoked"
    return "expired" if row.expires_at_s is not None and row.expires_at_s <= at_s else "active"
