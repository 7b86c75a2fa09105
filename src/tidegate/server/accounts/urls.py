"""Addresses of signing in. Only these of django-allauth's pages are open; the rest has no address at all."""

from allauth.account.views import logout
from allauth.mfa.base.views import index
from allauth.mfa.recovery_codes.views import generate_recovery_codes, view_recovery_codes
from allauth.mfa.totp.views import deactivate_totp
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache

from tidegate.server.accounts import pages
from tidegate.server.accounts.first_link import ADDRESS
from tidegate.server.accounts.sign_in import ISSUER_ID

_ISSUER = {"provider_id": ISSUER_ID}

_OPEN: tuple[URLPattern, ...] = (
    path(f"{ADDRESS}<str:token>", pages.first_link, name="accounts-first-link"),
    path("accounts/login/", pages.SignInPage.as_view(), name="account_login"),
    path("accounts/logout/", logout, name="account_logout"),
    path("accounts/reauthenticate/", pages.PasswordAgainPage.as_view(), name="account_reauthenticate"),
    path("accounts/password/", pages.PasswordPage.as_view(), name="account_change_password"),
    path("accounts/security/", index, name="mfa_index"),
    path("accounts/code/", pages.CodePage.as_view(), name="mfa_authenticate"),
    path("accounts/code/again/", pages.CodeAgainPage.as_view(), name="mfa_reauthenticate"),
    path("accounts/authenticator/", pages.AuthenticatorPage.as_view(), name="mfa_activate_totp"),
    path("accounts/authenticator/remove/", deactivate_totp, name="mfa_deactivate_totp"),
    path("accounts/recovery-codes/", view_recovery_codes, name="mfa_view_recovery_codes"),
    path("accounts/recovery-codes/new/", generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("accounts/issuer/login/", pages.to_issuer, _ISSUER, name="openid_connect_login"),
    path("accounts/issuer/callback/", pages.from_issuer, _ISSUER, name="openid_connect_callback"),
)


def _unkept(one: URLPattern) -> URLPattern:
    """The same address, whose pages no cache and no back button keeps."""
    one.callback = never_cache(one.callback)
    return one


urlpatterns = [_unkept(one) for one in _OPEN]
