"""The app's entry in the project."""

from django.apps import AppConfig


class HistoryConfig(AppConfig):
    """Screenings and decisions."""

    name = "tidegate.server.history"
    label = "history"
    verbose_name = "Screenings and decisions"
    default_auto_field = "django.db.models.BigAutoField"
