"""The app's entry in the project."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Uploads."""

    name = "tidegate.server.intake"
    label = "intake"
    verbose_name = "Uploads"
    default_auto_field = "django.db.models.BigAutoField"
