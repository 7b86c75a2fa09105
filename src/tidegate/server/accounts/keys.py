"""API keys: made once, shown once, kept as a digest; each is good for some scopes and, if wanted, for some time.

`tg_<26 characters of its id>_<43 random characters>`. The secret carries 256 random bits, so that one SHA-256 is
enough: there is nothing to guess, and a lookup by digest says nothing about a secret through its time.
"""

import contextlib
import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import DatabaseError, transaction
from django.db.models import Q

from tidegate.errors import (
    AccountRequestError,
    KeyExpiredError,
    KeyMissingError,
    KeyRevokedError,
    KeyUnknownError,
    ScopeMissingError,
)
from tidegate.server.accounts.models import ApiKeyRow
from tidegate.server.accounts.roles import SCOPES
from tidegate.server.ids import new_id
from tidegate.server.ledger.journal import Entry, append

REMEMBERED_S = 4.0
"""How long a process goes by what it read of a key: a revoked key ends within five seconds everywhere."""

USED_EVERY_S = 60.0
_MOST_REMEMBERED = 2048
_LONGEST_SECRET = 200
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyHolder:
    """Who comes with a key: the key's id and name, and what it may be used for."""

    key_id: str
    name: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Known:
    holder: KeyHolder
    expires_at_s: float | None
    revoked_at_s: float | None
    last_used_at_s: float | None
    read_at_s: float


_KNOWN: dict[str, _Known] = {}


def create(
    name: str, scopes: Iterable[str], *, now_s: float, expires_at_s: float | None = None, by: str = "command-line"
) -> tuple[ApiKeyRow, str]:
    """A new key and its secret, which nothing can show again. `by` is who makes it, for the journal.

    Raises AccountRequestError for a name that is empty or too long, no or unknown scopes, or an end in the past.
    """
    wanted, name = frozenset(scopes), name.strip()
    _check(name, wanted, expires_at_s, now_s)
    key_id = new_id("ak")
    secret = f"tg_{key_id.removeprefix('ak_')}_{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        row = ApiKeyRow.objects.create(
            id=key_id,
            name=name,
            secret_sha256=_digest(secret),
            scopes=" ".join(sorted(wanted)),
            created_at_s=now_s,
            created_by=by.removeprefix("person:"),
            expires_at_s=expires_at_s,
        )
        facts = {"scopes": sorted(wanted), "expires_at_s": expires_at_s}
        append([Entry(kind="key.made", subject=key_id, actor=by, body=facts)], now_s=now_s)
    return row, secret


def _check(name: str, scopes: frozenset[str], expires_at_s: float | None, now_s: float) -> None:
    if not name or len(name) > _LONGEST_NAME:
        raise AccountRequestError("a key needs a name of at most 120 characters", where="name")
    if not scopes or scopes - SCOPES:
        unknown = ", ".join(sorted(scopes - SCOPES)) or "none"
        raise AccountRequestError(
            f"a key needs known scopes, not {unknown}",
            where="scopes",
            next_step=f"choose of {', '.join(sorted(SCOPES))}",
        )
    if expires_at_s is not None and expires_at_s <= now_s:
        raise AccountRequestError("a key cannot end before it is made", where="expires")


def authenticate(secret: str, *, now_s: float) -> KeyHolder:
    """Who holds this secret. Reads the database at most every few seconds for each key; call it in a thread.

    Raises KeyMissingError, KeyUnknownError, KeyExpiredError, KeyRevokedError.
    """
    if not secret:
        raise KeyMissingError(
            "no API key came with the request",
            where="Authorization",
            next_step="send `Authorization: Bearer tg_...`; keys are made under settings or by `tidegate keys`",
        )
    known = _look_up(secret, now_s)
    if known is None:
        raise KeyUnknownError(
            "no such API key", where="Authorization", next_step="check the key; make a new one if lost"
        )
    where = known.holder.key_id
    if known.revoked_at_s is not None:
        raise KeyRevokedError("the API key was revoked", where=where, next_step="ask an administrator for a new one")
    if known.expires_at_s is not None and known.expires_at_s <= now_s:
        raise KeyExpiredError("the API key has expired", where=where, next_step="ask an administrator for a new one")
    _note_use(secret, known, now_s)
    return known.holder


def remembered(secret: str, *, now_s: float) -> KeyHolder | None:
    """Who holds this secret as far as this process still goes by what it read: no database, so no thread is needed.

    `None` says nothing against the key: ask `authenticate`.
    """
    known = _KNOWN.get(_digest(secret))
    if known is None or not 0 <= now_s - known.read_at_s < REMEMBERED_S or known.revoked_at_s is not None:
        return None
    is_over = known.expires_at_s is not None and known.expires_at_s <= now_s
    is_noted = known.last_used_at_s is not None and now_s - known.last_used_at_s < USED_EVERY_S
    return known.holder if is_noted and not is_over else None


def require_scope(holder: KeyHolder, scopes: frozenset[str]) -> None:
    """Nothing if the key is good for one of the scopes. Raises ScopeMissingError."""
    if not holder.scopes & scopes:
        wanted = " or ".join(sorted(scopes)) or "a person"
        raise ScopeMissingError(
            f"the API key is not made for this: it needs {wanted}",
            where=holder.key_id,
            next_step="use a key with that scope",
        )


def revoke(key_id: str, *, now_s: float, by: str = "command-line") -> None:
    """End a key: at once in this process, within five seconds in others. Again is free. Raises AccountRequestError."""
    with transaction.atomic():
        row = ApiKeyRow.objects.select_for_update().filter(id=key_id).first()
        if row is None:
            raise AccountRequestError("no such key", where=key_id, next_step="`tidegate keys list` names them")
        if row.revoked_at_s is None:
            row.revoked_at_s = now_s
            row.save(update_fields=["revoked_at_s"])
            append([Entry(kind="key.revoked", subject=key_id, actor=by)], now_s=now_s)
    _KNOWN.pop(row.secret_sha256, None)


def list_keys() -> list[ApiKeyRow]:
    """Every key that was ever made, the newest first."""
    return list(ApiKeyRow.objects.order_by("-created_at_s", "-id"))


def forget_remembered() -> None:
    """Read every key anew at its next use, in this process."""
    _KNOWN.clear()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _look_up(secret: str, now_s: float) -> _Known | None:
    if not secret.startswith("tg_") or len(secret) > _LONGEST_SECRET:
        return None
    digest = _digest(secret)
    known = _KNOWN.get(digest)
    # A clock that was set back must not stretch what is remembered.
    if known is not None and 0 <= now_s - known.read_at_s < REMEMBERED_S:
        return known
    row = ApiKeyRow.objects.filter(secret_sha256=digest).first()
    if row is None:
        _KNOWN.pop(digest, None)
        return None
    holder = KeyHolder(key_id=row.id, name=row.name, scopes=frozenset(row.scopes.split()))
    return _remember(digest, _Known(holder, row.expires_at_s, row.revoked_at_s, row.last_used_at_s, now_s))


def _remember(digest: str, known: _Known) -> _Known:
    if len(_KNOWN) >= _MOST_REMEMBERED:
        _KNOWN.clear()
    _KNOWN[digest] = known
    return known


def _note_use(secret: str, known: _Known, now_s: float) -> None:
    """Write when the key was last used, at most once a minute; a busy database is no reason to refuse the request."""
    if known.last_used_at_s is not None and now_s - known.last_used_at_s < USED_EVERY_S:
        return
    _remember(_digest(secret), _Known(known.holder, known.expires_at_s, known.revoked_at_s, now_s, known.read_at_s))
    old = Q(last_used_at_s=None) | Q(last_used_at_s__lt=now_s - USED_EVERY_S)
    with contextlib.suppress(DatabaseError):
        ApiKeyRow.objects.filter(old, id=known.holder.key_id).update(last_used_at_s=now_s)
