"""The app's entry in the project."""

from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    """Cases."""

    name = "tidegate.server.casework"
    label = "casework"
    verbose_name = "Cases"
    default_auto_field = "django.db.models.BigAutoField"
