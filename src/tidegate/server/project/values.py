"""Django's settings as values of Tidegate's. What is not here is Django's default."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tidegate.server.project.database import database_of
from tidegate.server.project.ring import ring_of
from tidegate.settings import Resolved

APPS = (
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "tidegate.server.accounts",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "django_htmx",
    "tidegate.server.intake",
    "tidegate.server.history",
    "tidegate.server.ledger",
    "tidegate.server.casework",
    "tidegate.server.enforcement",
    "tidegate.server.insight",
    "tidegate.server.console",
)

MIDDLEWARE = (
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "tidegate.server.console.assets.AssetsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tidegate.server.accounts.middleware.AccessMiddleware",
)


def public_url(resolved: Resolved) -> str:
    """The address people use, without a slash at its end."""
    server = resolved.settings.server
    return server.public_url.rstrip("/") or f"http://{server.host}:{server.port}"


def django_values(resolved: Resolved, *, keeps_connections: bool) -> dict[str, Any]:
    """All of Django's settings. The secret key is derived from the key ring, so that every process has the same.

    A lane keeps its one connection; the web server answers in many short-lived threads and gives each back.
    """
    server, home = resolved.settings.server, resolved.settings.home
    ring = ring_of(resolved)
    is_https = public_url(resolved).startswith("https://")
    return {
        "SECRET_KEY": ring.derive("django").hex(),
        "SECRET_KEY_FALLBACKS": [key.hex() for key in ring.derive_all("django")[1:]],
        "DEBUG": False,
        "ALLOWED_HOSTS": _hosts(resolved),
        "CSRF_TRUSTED_ORIGINS": [public_url(resolved)],
        "CSRF_FAILURE_VIEW": "tidegate.server.project.answers.cross_site",
        "DATABASES": {"default": database_of(server.database_url, home, keeps_connections=keeps_connections)},
        "INSTALLED_APPS": APPS,
        "MIDDLEWARE": MIDDLEWARE,
        "ROOT_URLCONF": "tidegate.server.project.urls",
        "TEMPLATES": [_templates()],
        "AUTH_USER_MODEL": "accounts.Person",
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "LANGUAGE_CODE": "en",
        "STATIC_URL": "/static/",
        "WHITENOISE_USE_FINDERS": True,
        "WHITENOISE_AUTOREFRESH": False,
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "DATA_UPLOAD_MAX_MEMORY_SIZE": 4 << 20,
        "DATA_UPLOAD_MAX_NUMBER_FIELDS": 2000,
        "LOGGING_CONFIG": None,
        **_security(is_https=is_https),
        **_accounts(resolved),
    }


def _hosts(resolved: Resolved) -> list[str]:
    names = {urlsplit(public_url(resolved)).hostname or "localhost", "localhost", "127.0.0.1", "[::1]"}
    return sorted(names | {resolved.settings.server.host} - {"0.0.0.0", "::"})  # noqa: S104 - not a name to be called by


def _templates() -> dict[str, Any]:
    folder = Path(__file__).parents[1] / "console" / "templates"
    return {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [str(folder)],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }


def _security(*, is_https: bool) -> dict[str, Any]:
    from csp.constants import NONE, SELF

    return {
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": is_https,
        "SESSION_COOKIE_AGE": 12 * 3600,
        "CSRF_COOKIE_HTTPONLY": False,
        "CSRF_COOKIE_SECURE": is_https,
        "CSRF_COOKIE_SAMESITE": "Lax",
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_REFERRER_POLICY": "same-origin",
        "SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin",
        "SECURE_HSTS_SECONDS": 31_536_000 if is_https else 0,
        "X_FRAME_OPTIONS": "DENY",
        "CONTENT_SECURITY_POLICY": {
            "DIRECTIVES": {
                "default-src": [NONE],
                "script-src": [SELF],
                "style-src": [SELF],
                "img-src": [SELF, "data:"],
                "media-src": [SELF],
                "font-src": [SELF],
                "connect-src": [SELF],
                "form-action": [SELF],
                "base-uri": [NONE],
                "frame-ancestors": [NONE],
            }
        },
    }


def _accounts(resolved: Resolved) -> dict[str, Any]:
    from tidegate.server.accounts.sign_in import sign_in_values

    return {
        "AUTH_PASSWORD_VALIDATORS": [
            {
                "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
                "OPTIONS": {"min_length": 12},
            },
            {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
            {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
        ],
        **sign_in_values(resolved),
    }
