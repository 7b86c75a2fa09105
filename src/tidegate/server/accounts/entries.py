"""Journal entries of signing in and out. A name that somebody typed is written as a keyed digest only."""

import hashlib
import hmac
from typing import Any

from allauth.account.signals import password_changed
from allauth.mfa import signals as mfa
from django.db import transaction

from tidegate.server.accounts.models import Person
from tidegate.server.ledger.journal import Entry, append
from tidegate.server.project.clock import now_s
from tidegate.server.project.places import key_ring

NOBODY = "nobody"
"""The actor of a failed sign-in: who it was is what failed."""


def note(kind: str, person: Person, **facts: Any) -> None:  # noqa: ANN401 - JSON values
    """Write that somebody did something with their own account."""
    _write(Entry(kind=kind, subject=person.id, actor=f"person:{person.id}", body=facts))


def note_failed(method: str, name: str) -> None:
    """Write that a sign-in failed: by which method, and for which name, digested under a key of this server."""
    address = name.strip().lower()
    person = Person.objects.filter(email=address).only("id").first()
    body = {"method": method, "name_digest": name_digest(address)}
    _write(Entry(kind="account.sign_in_failed", subject=person.id if person else NOBODY, actor=NOBODY, body=body))


def name_digest(name: str) -> str:
    """32 hexadecimal digits for a name: the same for the same name until the keys rotate, and no way back."""
    key = key_ring().derive("account names")
    return hmac.new(key, name.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]


def listen() -> None:
    """Have the entries written that django-allauth tells of by signals. Once, when the app is ready."""
    mfa.authenticator_added.connect(_added, dispatch_uid="tidegate")
    mfa.authenticator_reset.connect(_added, dispatch_uid="tidegate")
    mfa.authenticator_removed.connect(_removed, dispatch_uid="tidegate")
    mfa.authentication_failed.connect(_not_proved, dispatch_uid="tidegate")
    password_changed.connect(_password_changed, dispatch_uid="tidegate")


def _write(entry: Entry) -> None:
    with transaction.atomic():
        append([entry], now_s=now_s())


def _added(user: Person, authenticator: Any, **_: object) -> None:  # noqa: ANN401 - a library's model
    note("second_factor.added", user, type=str(authenticator.type))


def _removed(user: Person, authenticator: Any, **_: object) -> None:  # noqa: ANN401 - a library's model
    note("second_factor.removed", user, type=str(authenticator.type))


def _not_proved(user: Person, **_: object) -> None:
    note_failed("second_factor", user.email)


def _password_changed(user: Person, **_: object) -> None:
    note("account.password_set", user)
