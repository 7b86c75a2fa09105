"""Second factors: who needs one, and how what must stay secret about them is kept."""

import io
from typing import Any, ClassVar

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http import HttpRequest

from tidegate.server.accounts.models import Person
from tidegate.server.accounts.roles import Role
from tidegate.server.keys.ring import KeyRing
from tidegate.server.project.places import key_ring
from tidegate.server.project.setup import settings_in_use

ROLES_THAT_NEED_ONE = frozenset({Role.ADMIN, Role.LEAD})
"""Whoever makes accounts, or decides over what others decided."""

_PURPOSE = "second factor"
_SEALED_FIELDS = ("secret", "seed")


def needs_second_factor(request: HttpRequest) -> bool:
    """Whether who is signed in must set up a second factor before anything else.

    One that came through the issuer passed the issuer's. Cost: one indexed read for administrators and leads.
    """
    person = request.user
    if not isinstance(person, Person) or person.role not in ROLES_THAT_NEED_ONE:
        return False
    if settings_in_use().settings.server.second_factor != "required" or came_by_issuer(request, person):
        return False
    return not has_second_factor(person)


def has_second_factor(person: Person) -> bool:
    """Whether an authenticator is set up; recovery codes alone are none."""
    return bool(Authenticator.objects.filter(user_id=person.pk, type=Authenticator.Type.TOTP).exists())


def came_by_issuer(request: HttpRequest, person: Person) -> bool:
    """Whether this session began at the OpenID Connect issuer."""
    return any(record.get("method") == "socialaccount" for record in get_authentication_records(request, person))


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps authenticator secrets and the seeds of recovery codes sealed under the key ring."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "The code is not right, or was used already.",
    }

    def encrypt(self, text: str) -> str:
        """The text as the database may hold it."""
        return key_ring().seal(text, _PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        """The text again. Raises SealError, UnknownKeyError."""
        return key_ring().unseal(encrypted_text, _PURPOSE)

    def get_totp_issuer(self) -> str:
        """What an authenticator app calls this server."""
        return "Tidegate"

    def build_totp_svg(self, url: str) -> str:
        """The QR code, on white whatever the page's colours are."""
        import qrcode
        from qrcode.image.svg import SvgPathFillImage

        written = io.BytesIO()
        qrcode.make(url, image_factory=SvgPathFillImage).save(written)
        return written.getvalue().decode("utf-8")


def sealed_under(key_id: str, ring: KeyRing) -> int:
    """How many second factors are sealed under a master key: it cannot be retired before that is none."""
    return sum(
        any(ring.sealed_by(one.data[field]) == key_id for field in _SEALED_FIELDS if field in one.data)
        for one in Authenticator.objects.all().iterator()
    )


def seal_anew(ring: KeyRing) -> int:
    """Seal every second factor under the active master key, after a rotation; how many were moved.

    Safe beside people who sign in: each is read again under its lock.
    """
    moved = 0
    for key in list(Authenticator.objects.values_list("pk", flat=True)):
        with transaction.atomic():
            one = Authenticator.objects.select_for_update().filter(pk=key).first()
            old = {} if one is None else {name: one.data[name] for name in _SEALED_FIELDS if name in one.data}
            if one is None or all(ring.sealed_by(text) == ring.active_id for text in old.values()):
                continue
            one.data.update({name: ring.seal(ring.unseal(text, _PURPOSE), _PURPOSE) for name, text in old.items()})
            one.save(update_fields=["data"])
            moved += 1
    return moved
