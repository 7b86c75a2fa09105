"""People: invited by a one-time link, given a role, made to leave. Nobody makes an account for themselves."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from tidegate.errors import AccountRequestError, LastAdminError
from tidegate.server.accounts.first_link import drop_links, new_link
from tidegate.server.accounts.models import Person
from tidegate.server.accounts.roles import Role
from tidegate.server.ledger.journal import Entry, append

FIRST_ADMIN_EMAIL = "first.admin@tidegate.invalid"
"""Stands in for the address of the first administrator, who says their own when they open the link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """Somebody and the path of the one-time link that lets them in; it cannot be shown again."""

    person: Person
    path: str
    expires_at_s: float


def invite(email: str, role: str, *, now_s: float, name: str = "", by: str = "command-line") -> Invitation:
    """A new person of one role, with a link good for 24 hours. Raises AccountRequestError."""
    address = _address(email)
    _check_role(role)
    with transaction.atomic():
        if Person.objects.filter(email=address).exists():
            raise AccountRequestError(
                "somebody with this address is here already", where="email", next_step="send them a new link instead"
            )
        person = Person.objects.create_user(address, role=role, name=name.strip()[:120])
        link = new_link(person.id, now_s)
        append([Entry(kind="account.invited", subject=person.id, actor=by, body={"role": role})], now_s=now_s)
    return Invitation(person=person, path=link.path, expires_at_s=link.expires_at_s)


def first_admin_link(now_s: float) -> Invitation | None:
    """A link for the first administrator, new each time; `None` once anybody has signed in."""
    if Person.objects.filter(last_login__isnull=False).exists():
        return None
    with transaction.atomic():
        person = Person.objects.filter(role=Role.ADMIN, is_active=True).order_by("created_at", "id").first()
        if person is None:
            person, is_new = Person.objects.get_or_create(
                email=FIRST_ADMIN_EMAIL, defaults={"role": Role.ADMIN, "password": "!"}
            )
            facts = {"role": Role.ADMIN.value}
            if is_new:
                append([Entry(kind="account.invited", subject=person.id, actor="serve", body=facts)], now_s=now_s)
        link = new_link(person.id, now_s)
    return Invitation(person=person, path=link.path, expires_at_s=link.expires_at_s)


def renew_link(
    person_id: str, *, now_s: float, is_second_factor_reset: bool = False, by: str = "command-line"
) -> Invitation:
    """A new link for somebody who lost their password, or came back; older links of theirs end.

    Nothing else changes until the link is used; then every session of theirs ends. With `is_second_factor_reset` their
    authenticator, recovery codes and tie to the issuer are forgotten at once, and every session of theirs ends now.
    Raises AccountRequestError.
    """
    from allauth.mfa.models import Authenticator
    from allauth.socialaccount.models import SocialAccount

    with transaction.atomic():
        person = _locked(person_id)
        if not person.is_active:
            person.is_active = True
            person.save(update_fields=["is_active"])
        if is_second_factor_reset:
            Authenticator.objects.filter(user_id=person.id).delete()
            SocialAccount.objects.filter(user_id=person.id).delete()
            _end_sessions(person)
        link = new_link(person.id, now_s)
        facts = {"is_second_factor_reset": is_second_factor_reset}
        append([Entry(kind="account.link_renewed", subject=person.id, actor=by, body=facts)], now_s=now_s)
    return Invitation(person=person, path=link.path, expires_at_s=link.expires_at_s)


def change_role(person_id: str, role: str, *, now_s: float, by: str = "command-line") -> Person:
    """Give somebody another role; it counts from their next request. Raises AccountRequestError, LastAdminError."""
    _check_role(role)
    with transaction.atomic():
        person = _locked(person_id)
        if person.role == role:
            return person
        if person.role == Role.ADMIN:
            _check_other_admin(person)
        facts = {"role": role, "was": person.role}
        person.role = role
        person.save(update_fields=["role"])
        append([Entry(kind="account.role_changed", subject=person.id, actor=by, body=facts)], now_s=now_s)
    return person


def deactivate(person_id: str, *, now_s: float, by: str = "command-line") -> Person:
    """Somebody leaves: their sessions, password and links end now and stay ended, even if a new link lets them back.

    Raises AccountRequestError, LastAdminError.
    """
    with transaction.atomic():
        person = _locked(person_id)
        if person.is_active:
            if person.role == Role.ADMIN:
                _check_other_admin(person)
            person.is_active = False
            person.save(update_fields=["is_active"])
            _end_sessions(person)
            drop_links(person.id)
            append([Entry(kind="account.deactivated", subject=person.id, actor=by)], now_s=now_s)
    return person


def list_people() -> list[Person]:
    """Everybody, whether active or not, by address."""
    return list(Person.objects.order_by("email"))


def person_by_email(email: str) -> Person:
    """The person of an address, whatever its case. Raises AccountRequestError."""
    person = Person.objects.filter(email=email.strip().lower()).first()
    if person is None:
        raise AccountRequestError("nobody has this address", where=email, next_step="`tidegate people list` names them")
    return person


def _end_sessions(person: Person) -> None:
    """Sessions carry a digest of the stored password: another one, unusable, ends them all wherever they are kept."""
    person.set_unusable_password()
    person.save(update_fields=["password"])


def _locked(person_id: str) -> Person:
    person = Person.objects.select_for_update().filter(id=person_id).first()
    if person is None:
        raise AccountRequestError("no such person", where=person_id, next_step="`tidegate people list` names them")
    return person


def _check_other_admin(person: Person) -> None:
    """Locks every administrator, so that two of them cannot end each other at the same time."""
    admins = Person.objects.select_for_update().filter(role=Role.ADMIN, is_active=True).order_by("id")
    if not [other for other in admins if other.id != person.id]:
        raise LastAdminError(
            "this is the last administrator", where=person.id, next_step="make somebody else an administrator first"
        )


def _check_role(role: str) -> None:
    if role not in Role.values:
        raise AccountRequestError(f"no role {role!r}", where="role", next_step=f"choose of {', '.join(Role.values)}")


def _address(email: str) -> str:
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise AccountRequestError("not an e-mail address", where="email", next_step="write name@host") from error
    return address
