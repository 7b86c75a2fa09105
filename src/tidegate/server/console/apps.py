"""The app's entry in the project."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Console."""

    name = "tidegate.server.console"
    label = "console"
    verbose_name = "Console"
    default_auto_field = "django.db.models.BigAutoField"
