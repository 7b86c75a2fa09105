"""The app's entry in the project."""

from django.apps import AppConfig


class EnforcementConfig(AppConfig):
    """Enforcement."""

    name = "tidegate.server.enforcement"
    label = "enforcement"
    verbose_name = "Enforcement"
    default_auto_field = "django.db.models.BigAutoField"
