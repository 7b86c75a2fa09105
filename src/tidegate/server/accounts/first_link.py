"""One-time links: whoever holds one sets the password of one person, once, within a day. Only digests are kept."""

import hashlib
import secrets
from dataclasses import dataclass

from django.core.validators import validate_email
from django.db import transaction

from tidegate.errors import AccountRequestError, FirstLinkError
from tidegate.server.accounts.models import FirstLinkRow, Person
from tidegate.server.ledger.journal import Entry, append

ADDRESS = "first/"
"""Where links lead; the secret follows."""

LINK_S = 24 * 3600.0
"""How long a link is good for, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The path of a link with its secret, and when it ends."""

    path: str
    expires_at_s: float


def new_link(person_id: str, now_s: float) -> Link:
    """The only link of a person: the ones before it end. Call it inside a transaction."""
    token = secrets.token_urlsafe(32)
    drop_links(person_id)
    FirstLinkRow.objects.create(token_sha256=_digest(token), person_id=person_id, expires_at_s=now_s + LINK_S)
    return Link(path=f"/{ADDRESS}{token}", expires_at_s=now_s + LINK_S)


def drop_links(person_id: str) -> None:
    """End every link of a person that was not used."""
    FirstLinkRow.objects.filter(person_id=person_id, used_at_s=None).delete()


def person_of_link(token: str, *, now_s: float) -> Person:
    """Whose link this is. Raises FirstLinkError, saying no more than that it is not good."""
    row = FirstLinkRow.objects.filter(token_sha256=_digest(token), used_at_s=None, expires_at_s__gt=now_s).first()
    person = Person.objects.filter(id=row.person_id, is_active=True).first() if row else None
    if person is None:
        raise _not_good()
    return person


def use_link(token: str, *, password: str, email: str | None = None, now_s: float) -> Person:
    """Set the password, and the address where one is given; the link and all sessions of the person end.

    The password is taken as it is: forms check it by the validators. Raises FirstLinkError, ValidationError, and
    AccountRequestError where somebody else has the address.
    """
    with transaction.atomic():
        used = FirstLinkRow.objects.filter(token_sha256=_digest(token), used_at_s=None, expires_at_s__gt=now_s)
        row = used.first()
        # The update counts, not the read: of two who open the same link at once, one gets in.
        if row is None or not used.update(used_at_s=now_s):
            raise _not_good()
        person = Person.objects.select_for_update().filter(id=row.person_id, is_active=True).first()
        if person is None:
            raise _not_good()
        if email is not None:
            person.email = _free_address(email, person)
        person.set_password(password)
        person.save()
        append([Entry(kind="account.password_set", subject=person.id, actor=f"person:{person.id}")], now_s=now_s)
    return person


def _free_address(email: str, person: Person) -> str:
    address = email.strip().lower()
    validate_email(address)
    if Person.objects.filter(email=address).exclude(id=person.id).exists():
        raise AccountRequestError("somebody with this address is here already", where="email")
    return address


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _not_good() -> FirstLinkError:
    return FirstLinkError(
        "this link is not good any more: it was used, is older than a day, or was replaced",
        next_step="ask an administrator for a new one",
    )
