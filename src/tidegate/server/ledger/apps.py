"""The app's entry in the project."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Journal."""

    name = "tidegate.server.ledger"
    label = "ledger"
    verbose_name = "Journal"
    default_auto_field = "django.db.models.BigAutoField"
