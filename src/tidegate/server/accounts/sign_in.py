"""How people sign in: password with a second factor, or OpenID Connect; slowed down after failures."""

import ipaddress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tidegate.errors import SettingError
from tidegate.settings import Resolved
from tidegate.settings.server import ServerSettings

ISSUER_ID = "issuer"
"""What accounts of the OpenID Connect issuer are filed under."""

RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
}
"""Tries in a time, by address or by account, counted in the database for all processes together."""

_IN = "tidegate.server.accounts"


def sign_in_values(resolved: Resolved) -> dict[str, Any]:
    """Django's and django-allauth's settings of signing in. Nobody signs up: an administrator invites people.

    Raises SettingError for an issuer that cannot be used.
    """
    return {
        "PASSWORD_HASHERS": [f"{_IN}.passwords.PasswordHasher"],
        "AUTHENTICATION_BACKENDS": ["allauth.account.auth_backends.AuthenticationBackend"],
        "LOGIN_URL": "/accounts/login/",
        "LOGIN_REDIRECT_URL": "/",
        "SESSION_EXPIRE_AT_BROWSER_CLOSE": True,
        "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
        "CACHES": {"default": _shared_cache()},
        **_passwords(),
        **_second_factor(),
        **_issuer(resolved.settings.server),
    }


def _shared_cache() -> dict[str, Any]:
    # Beyond its most entries the cache drops counts of failures that are still running.
    return {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }


def _passwords() -> dict[str, Any]:
    return {
        "ACCOUNT_ADAPTER": f"{_IN}.adapter.AccountAdapter",
        "ACCOUNT_USER_MODEL_USERNAME_FIELD": None,
        "ACCOUNT_LOGIN_METHODS": {"email"},
        "ACCOUNT_SIGNUP_FIELDS": ["email*", "password1*"],
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_EMAIL_NOTIFICATIONS": False,
        "ACCOUNT_LOGOUT_ON_GET": False,
        "ACCOUNT_LOGOUT_REDIRECT_URL": "/accounts/login/",
        "ACCOUNT_SESSION_REMEMBER": False,
        "ACCOUNT_REAUTHENTICATION_METHODS": {"password", "mfa"},
        "ACCOUNT_REAUTHENTICATION_TIMEOUT": 300,
        "ACCOUNT_RATE_LIMITS": RATE_LIMITS,
    }


def _second_factor() -> dict[str, Any]:
    return {
        "MFA_ADAPTER": f"{_IN}.second_factor.SecondFactorAdapter",
        "MFA_SUPPORTED_TYPES": ["totp", "recovery_codes"],
        "MFA_RECOVERY_CODES_SHOW_ONCE": True,
        # One step of 30 seconds either way: telephones' clocks differ. No code is good twice.
        "MFA_TOTP_TOLERANCE": 1,
    }


def _issuer(server: ServerSettings) -> dict[str, Any]:
    return {
        "SOCIALACCOUNT_ADAPTER": f"{_IN}.issuer.IssuerAdapter",
        "SOCIALACCOUNT_AUTO_SIGNUP": False,
        "SOCIALACCOUNT_EMAIL_AUTHENTICATION": False,
        "SOCIALACCOUNT_EMAIL_VERIFICATION": "none",
        "SOCIALACCOUNT_STORE_TOKENS": False,
        "SOCIALACCOUNT_PROVIDERS": {"openid_connect": {"APPS": [issuer_app(server)] if server.oidc_issuer else []}},
    }


def issuer_app(server: ServerSettings) -> dict[str, Any]:
    """The issuer as django-allauth knows it. Raises SettingError for one that cannot be used."""
    issuer = server.oidc_issuer.rstrip("/")
    parts = urlsplit(issuer)
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_this_machine(parts.hostname or "")):
        raise SettingError(
            "wanted an https address",
            where="server.oidc_issuer",
            next_step="write the issuer as its discovery document names it, such as https://login.example.org",
        )
    if not server.oidc_client_id:
        raise SettingError(
            "the issuer needs a client id",
            where="server.oidc_client_id",
            next_step="register this server at the issuer and set the id it gives",
        )
    return {
        "provider_id": ISSUER_ID,
        "name": server.oidc_name,
        "client_id": server.oidc_client_id,
        "secret": _client_secret(server.oidc_client_secret_path),
        "settings": {"server_url": issuer, "oauth_pkce_enabled": True},
    }


def _client_secret(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(
            f"the client secret cannot be read: {type(error).__name__}",
            where="server.oidc_client_secret_path",
            next_step="name a text file that this user may read",
        ) from error


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
