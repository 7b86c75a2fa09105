"""Cases: what a person has to decide."""

from typing import ClassVar

from django.db import models


class CaseReason(models.TextChoices):
    """Why a person is asked."""

    POLICY = "policy", "the policy asks for a person"
    FAILED = "failed", "screening failed too often"
    UNDONE = "undone", "a decision was taken back"


class CaseRow(models.Model):
    """Work for a person about one upload; at most one is open for each. Times are Unix seconds."""

    id = models.CharField(primary_key=True, max_length=32)
    upload_id = models.CharField(max_length=32)
    reason = models.CharField(max_length=12, choices=CaseReason)
    why = models.TextField(blank=True)
    clause_id = models.CharField(max_length=128, blank=True)
    opened_at_s = models.FloatField()
    deadline_s = models.FloatField()
    closed_at_s = models.FloatField(null=True)
    decision_id = models.CharField(max_length=32, blank=True)

    class Meta:
        """One open case an upload; open cases by deadline; all cases of an upload."""

        db_table = "case_of_upload"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("upload_id",), condition=models.Q(closed_at_s__isnull=True), name="case_open_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=("deadline_s",), name="case_open", condition=models.Q(closed_at_s__isnull=True)),
            models.Index(fields=("upload_id", "opened_at_s"), name="case_upload"),
        ]

    def __str__(self) -> str:
        return self.id
