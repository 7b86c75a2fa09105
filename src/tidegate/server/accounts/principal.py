"""Who makes a request: a person who signed in, or the holder of an API key."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest

    from tidegate.server.accounts.keys import KeyHolder
    from tidegate.server.accounts.models import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """One of the two, or neither on public routes. `actor` is how the journal names it."""

    person: "Person | None" = None
    key: "KeyHolder | None" = None

    @property
    def actor(self) -> str:
        """`person:ID`, `key:ID` or `nobody`."""
        if self.person is not None:
            return f"person:{self.person.id}"
        return f"key:{self.key.key_id}" if self.key is not None else "nobody"

    @property
    def role(self) -> str:
        """The person's role, empty for keys and nobody."""
        return self.person.role if self.person is not None else ""


NOBODY = Principal()


def principal_of(request: "HttpRequest") -> Principal:
    """Who the access middleware let in."""
    return getattr(request, "principal", NOBODY)


def bearer(authorization: str) -> str:
    """The secret of an `Authorization: Bearer ...` header, empty for any other."""
    scheme, _, secret = authorization.strip().partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""
