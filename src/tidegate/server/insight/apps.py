"""The app's entry in the project."""

from django.apps import AppConfig


class InsightConfig(AppConfig):
    """Figures."""

    name = "tidegate.server.insight"
    label = "insight"
    verbose_name = "Figures"
    default_auto_field = "django.db.models.BigAutoField"
