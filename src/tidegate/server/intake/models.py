"""The upload as it is held. Its row is also its place in the queue: `stage`, `due_s`, `lease_token`."""

from typing import ClassVar

from django.db import models


class State(models.TextChoices):
    """Where in its life an upload stands. Every way out of it leads through a decision."""

    ACCEPTED = "accepted", "accepted"
    HELD = "held", "held"
    SCREENING = "screening", "screening"
    IN_REVIEW = "in_review", "in review"
    DECIDED = "decided", "decided"
    ACTED = "acted", "acted"


class Stage(models.TextChoices):
    """Which lane has to take the upload next; empty where none has."""

    NONE = "", "none"
    FETCH = "fetch", "fetch"
    SCREEN = "screen", "screen"


class UploadRow(models.Model):
    """One accepted upload. Times are Unix seconds; `record` and `context` are records as `dumps` writes them.

    `submitted_by` is the API key that brought it; `request_sha256` what it asked, to tell a repetition from a clash.
    `deadline_s` is when its lane wants a decision. `version` counts the steps of its life.
    """

    id = models.CharField(primary_key=True, max_length=32)
    submitted_by = models.CharField(max_length=32)
    idempotency_key = models.CharField(max_length=255)
    request_sha256 = models.CharField(max_length=64)
    external_id = models.CharField(max_length=255, blank=True)
    creator_id = models.CharField(max_length=255, blank=True)
    surface = models.CharField(max_length=16)
    region = models.CharField(max_length=8, blank=True)
    record = models.TextField()
    context = models.TextField()
    reference = models.TextField(blank=True)
    media_sha256 = models.CharField(max_length=64, blank=True)
    media_size_bytes = models.BigIntegerField(default=0)
    media_deleted_at_s = models.FloatField(null=True)
    state = models.CharField(max_length=12, choices=State)
    stage = models.CharField(max_length=8, choices=Stage, blank=True)
    lane = models.CharField(max_length=32)
    accepted_at_s = models.FloatField()
    deadline_s = models.FloatField()
    due_s = models.FloatField()
    tries = models.IntegerField(default=0)
    lease_token = models.CharField(max_length=32, blank=True)
    leased_by = models.CharField(max_length=64, blank=True)
    last_failure = models.TextField(blank=True)
    screening_key = models.CharField(max_length=64, blank=True)
    verdict = models.CharField(max_length=12, blank=True)
    clause_id = models.CharField(max_length=128, blank=True)
    decision_id = models.CharField(max_length=32, blank=True)
    decided_at_s = models.FloatField(null=True)
    acted_at_s = models.FloatField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        """Indexes for claiming (partial, in claim order), for copies, and for each list that is asked for.

        The database itself refuses an upload out of its hold that has no decision.
        """

        db_table = "upload"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("submitted_by", "idempotency_key"), name="upload_once"),
            models.CheckConstraint(
                condition=~models.Q(state__in=("decided", "acted"))
                | (~models.Q(decision_id="") & models.Q(verdict__in=("allowed", "restricted", "removed"))),
                name="upload_held_until_decided",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=("stage", "deadline_s"), name="upload_claim", condition=~models.Q(stage="")),
            models.Index(fields=("screening_key",), name="upload_same", condition=~models.Q(screening_key="")),
            models.Index(fields=("accepted_at_s", "id"), name="upload_accepted"),
            models.Index(fields=("state", "accepted_at_s"), name="upload_state"),
            models.Index(fields=("lane", "state", "accepted_at_s"), name="upload_lane"),
            models.Index(fields=("verdict", "accepted_at_s"), name="upload_verdict"),
            models.Index(fields=("clause_id", "accepted_at_s"), name="upload_clause"),
            models.Index(fields=("deadline_s", "id"), name="upload_deadline"),
            models.Index(
                fields=("decided_at_s", "id"), name="upload_decided", condition=models.Q(decided_at_s__isnull=False)
            ),
            models.Index(fields=("external_id",), name="upload_external"),
            models.Index(fields=("creator_id",), name="upload_creator"),
            models.Index(fields=("media_sha256",), name="upload_media", condition=~models.Q(media_sha256="")),
        ]

    def __str__(self) -> str:
        return self.id
