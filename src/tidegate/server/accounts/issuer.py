"""Signing in with OpenID Connect: who was invited and has that address verified at the issuer comes in, nobody else."""

import hashlib
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base import AuthError, AuthProcess
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tidegate.server.accounts.entries import note_failed
from tidegate.server.accounts.models import Person
from tidegate.server.accounts.people import FIRST_ADMIN_EMAIL
from tidegate.server.ledger.journal import Entry, append
from tidegate.server.project.clock import now_s


class IssuerProvider(OpenIDConnectProvider):  # type: ignore[misc]
    """The issuer of the settings. Of what it tells about somebody, nothing is kept but a digest of who it is."""

    def extract_uid(self, data: dict[str, Any]) -> str:
        """A digest of issuer and subject: subjects of another issuer never meet. Raises PermissionDenied."""
        told = [part["sub"] for part in (data.get("userinfo"), data.get("id_token")) if part and part.get("sub")]
        if not told or any(subject != told[0] for subject in told):
            raise PermissionDenied("the issuer does not say who this is")
        return hashlib.sha256(f"{self.app.settings['server_url']}\n{told[0]}".encode()).hexdigest()

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """Nothing: names and addresses from the issuer are not kept."""
        del data
        return {}


class IssuerAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Lets in whom an administrator invited."""

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> IssuerProvider:
        """The issuer. Raises SocialApp.DoesNotExist where none is set."""
        return IssuerProvider(request, app=self.get_app(request, provider=provider, client_id=client_id))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Never: an administrator invites people."""
        del request, sociallogin
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Refuse whoever was not invited; tie the invited person to the issuer's account the first time."""
        if sociallogin.state.get("process") != AuthProcess.LOGIN:
            raise PermissionDenied("accounts are not connected here")
        person = sociallogin.user if sociallogin.is_existing else _tie(sociallogin)
        if person is None or not person.is_active:
            verified = _verified(sociallogin)
            note_failed("issuer", verified[0] if verified else sociallogin.account.uid)
            raise ImmediateHttpResponse(render(request, "account/refused.html", status=403))
        sociallogin.user = person

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: IssuerProvider,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Whoever turned back at the issuer is at the sign-in page again."""
        del request, provider, exception, extra_context
        if error == AuthError.CANCELLED:
            raise ImmediateHttpResponse(HttpResponseRedirect(reverse("account_login")))


def _verified(sociallogin: SocialLogin) -> list[str]:
    return [address.email.lower() for address in sociallogin.email_addresses if address.verified]


def _tie(sociallogin: SocialLogin) -> Person | None:
    """The invited person with this verified address, tied to the issuer's account from now on; `None` if there is none.

    Somebody tied already is not tied to a second account: their address may have been given to somebody else there.
    """
    account = sociallogin.account
    with transaction.atomic():
        found = Person.objects.select_for_update().filter(email__in=_verified(sociallogin), is_active=True)
        person = found.exclude(email=FIRST_ADMIN_EMAIL).first()
        if person is None or SocialAccount.objects.filter(user_id=person.pk, provider=account.provider).exists():
            return None
        account.user = person
        try:
            with transaction.atomic():
                account.save()
        except IntegrityError:
            return None
        append([Entry(kind="account.issuer_tied", subject=person.id, actor=f"person:{person.id}")], now_s=now_s())
    return person
