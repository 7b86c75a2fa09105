"""What people are here to do, and what API keys may be used for; `accounts.access` says which route wants which."""

from django.db.models import TextChoices


class Role(TextChoices):
    """What a person is here to do; `accounts.access` says what each may."""

    REVIEWER = "reviewer", "reviewer"
    LEAD = "lead", "lead"
    POLICY = "policy", "policy owner"
    ADMIN = "admin", "administrator"
    AUDITOR = "auditor", "auditor"
    INTEGRATOR = "integrator", "integrator"


SCOPES = frozenset(
    {
        "uploads:write",
        "uploads:read",
        "texts:score",
        "decisions:read",
        "webhooks:manage",
        "cases:decide",
        "metrics:read",
    }
)
"""Everything that a key can be made for."""
