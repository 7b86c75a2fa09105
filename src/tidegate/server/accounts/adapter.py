"""How django-allauth behaves here: nobody signs up, redirects stay on this server, every sign-in is in the journal."""

import ipaddress
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.core.exceptions import ImmediateHttpResponse
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from tidegate.server.accounts.entries import note, note_failed
from tidegate.server.accounts.models import Person

_METHODS = {"password": "password", "mfa": "second_factor", "socialaccount": "issuer"}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """People and passwords."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The address or the password is not right.",
        "incorrect_password": "The password is not right.",
        "incorrect_code": "The code is not right, or was used already.",
        "too_many_login_attempts": "Too many tries. Wait five minutes, then try again.",
        "rate_limited": "Too many tries. Wait five minutes, then try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: an administrator invites people."""
        del request
        return False

    def is_safe_url(self, url: str) -> bool:
        """Whether somebody may be sent there after signing in: to a path of this server, never to another name."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def is_ajax(self, request: HttpRequest) -> bool:
        """Never: pages are for browsers, programs use the API."""
        del request
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that failures are counted by, IPv4 in its own form: all of IPv4 is one network of IPv6."""
        text = str(super().get_client_ip(request))
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return text
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        return str(mapped or address)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: str) -> str:
        """By account alone: by host name too, each name of this server would give as many tries again."""
        del request
        return credentials.get("email", "").strip().lower()

    def authentication_failed(self, request: HttpRequest, **credentials: str) -> None:
        """A wrong name or password."""
        del request
        note_failed("password", credentials.get("email", ""))

    def respond_user_inactive(self, request: HttpRequest, user: Person) -> HttpResponse:
        """The answer to somebody who left."""
        del user
        return render(request, "account/refused.html", status=403)

    def login(self, request: HttpRequest, user: Person) -> None:
        """Begin a session, and write that it began and by what."""
        if not user.is_active:
            raise ImmediateHttpResponse(self.respond_user_inactive(request, user))
        names = [str(record["method"]) for record in get_authentication_records(request, user)]
        methods = sorted({_METHODS.get(name, name) for name in names})
        super().login(request, user)
        note("account.signed_in", user, methods=methods)
        if "password" in methods:
            # Whoever typed their password just now need not type it again to set a second factor up.
            record_authentication(request, user, method="password", reauthenticated=True)

    def logout(self, request: HttpRequest) -> None:
        """End a session, and write that it ended."""
        person = request.user
        super().logout(request)
        if isinstance(person, Person):
            note("account.signed_out", person)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Where a changed password leads."""
        del request
        return reverse("mfa_index")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Nothing: this server sends no mail."""
