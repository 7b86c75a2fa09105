"""Screenings and decisions as they were made. Rows are written once; a later decision is a row of its own."""

from typing import ClassVar

from django.db import models


class ScreeningRow(models.Model):
    """One pass over one upload. `body` is the record's JSON, deflated; the journal names the JSON's SHA-256."""

    id = models.CharField(primary_key=True, max_length=32)
    upload_id = models.CharField(max_length=32)
    at_s = models.FloatField()
    cpu_s = models.FloatField()
    wall_s = models.FloatField()
    body = models.BinaryField()
    body_sha256 = models.CharField(max_length=64)

    class Meta:
        """The screenings of one upload are read in order."""

        db_table = "screening"
        indexes: ClassVar = [models.Index(fields=("upload_id", "at_s"), name="screening_upload")]

    def __str__(self) -> str:
        return self.id


class DecisionRow(models.Model):
    """One decision. `number` counts an upload's decisions from 0; the pair is unique, so no two can be the same one.

    `is_final` is false while a person is still to look. `undone_at_s` is set when a person took it back. `note` is what
    a person wrote for colleagues, never for the creator.
    """

    id = models.CharField(primary_key=True, max_length=32)
    upload_id = models.CharField(max_length=32)
    number = models.IntegerField()
    is_final = models.BooleanField()
    verdict = models.CharField(max_length=12)
    leading_clause_id = models.CharField(max_length=128, blank=True)
    decided_by = models.CharField(max_length=8)
    person_id = models.CharField(max_length=32, blank=True)
    at_s = models.FloatField(db_index=True)
    policy_digest = models.CharField(max_length=64)
    reused_from = models.CharField(max_length=32, blank=True)
    screening_id = models.CharField(max_length=32, blank=True)
    undo_until_s = models.FloatField(null=True)
    undone_at_s = models.FloatField(null=True)
    note = models.TextField(blank=True)
    body = models.TextField()
    body_sha256 = models.CharField(max_length=64)

    class Meta:
        """Exactly one decision of each number, and at most one final one that stands."""

        db_table = "decision"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("upload_id", "number"), name="decision_once"),
            models.UniqueConstraint(
                fields=("upload_id",),
                condition=models.Q(is_final=True, undone_at_s__isnull=True),
                name="decision_final_once",
            ),
        ]

    def __str__(self) -> str:
        return self.id
