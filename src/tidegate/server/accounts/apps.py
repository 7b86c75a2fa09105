"""The app's entry in the project."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Accounts."""

    name = "tidegate.server.accounts"
    label = "accounts"
    verbose_name = "Accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have signing in and out written into the journal."""
        from tidegate.server.accounts.entries import listen

        listen()
