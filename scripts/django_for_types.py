"""What the type checker has to know of the Django project: its apps and its model of a person. Nothing runs with it."""

from tidegate.server.project.values import APPS as INSTALLED_APPS
from tidegate.server.project.values import MIDDLEWARE

__all__ = ["AUTH_USER_MODEL", "DATABASES", "DEFAULT_AUTO_FIELD", "INSTALLED_APPS", "MIDDLEWARE", "SECRET_KEY"]

SECRET_KEY = "types only"  # noqa: S105 - no server is started with it
AUTH_USER_MODEL = "accounts.Person"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
