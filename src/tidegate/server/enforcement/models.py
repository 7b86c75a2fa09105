"""Endpoints of the platform, the outbox of what they are to be told, and statements of reasons."""

from typing import ClassVar

from django.db import models


class EndpointRow(models.Model):
    """A webhook of the platform. `secret` is sealed with the key ring; `kinds` empty means every kind of event.

    A paused one (`is_active` false, `paused_why` coded) still collects events and sends none. `failures_in_a_row` and
    `blocked_until_s` are its circuit breaker: nothing is tried before that moment.
    """

    id = models.CharField(primary_key=True, max_length=32)
    url = models.TextField()
    secret = models.TextField()
    kinds = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)
    created_at_s = models.FloatField()
    created_by = models.CharField(max_length=32)
    paused_why = models.CharField(max_length=100, blank=True)
    failures_in_a_row = models.IntegerField(default=0)
    blocked_until_s = models.FloatField(default=0.0)

    class Meta:
        """The table's name."""

        db_table = "endpoint"

    def __str__(self) -> str:
        return self.id


class DeliveryState(models.TextChoices):
    """Where in its life a delivery stands."""

    WAITING = "waiting", "waiting"
    DELIVERED = "delivered", "delivered"
    DEAD = "dead", "dead"
    CANCELLED = "cancelled", "cancelled"


class DeliveryRow(models.Model):
    """One event for one endpoint. `event_id` is the same over all tries and endpoints: the receiver's key.

    `number` orders the events of an upload; a later one waits until the earlier ones of its endpoint have ended.
    """

    id = models.CharField(primary_key=True, max_length=32)
    endpoint_id = models.CharField(max_length=32)
    upload_id = models.CharField(max_length=32)
    decision_id = models.CharField(max_length=32, blank=True)
    event_id = models.CharField(max_length=40)
    kind = models.CharField(max_length=48)
    number = models.IntegerField()
    body = models.TextField()
    created_at_s = models.FloatField()
    due_s = models.FloatField()
    tries = models.IntegerField(default=0)
    lease_token = models.CharField(max_length=32, blank=True)
    state = models.CharField(max_length=12, choices=DeliveryState)
    last_status = models.IntegerField(null=True)
    last_error = models.TextField(blank=True)
    delivered_at_s = models.FloatField(null=True)

    class Meta:
        """Once an endpoint and event; due ones in order."""

        db_table = "delivery"
        constraints: ClassVar = [models.UniqueConstraint(fields=("endpoint_id", "event_id"), name="delivery_once")]
        indexes: ClassVar = [
            models.Index(
                fields=("endpoint_id", "due_s", "id"), name="delivery_due", condition=models.Q(state="waiting")
            ),
            models.Index(fields=("upload_id", "number"), name="delivery_upload"),
            models.Index(fields=("created_at_s", "id"), name="delivery_dead", condition=models.Q(state="dead")),
        ]

    def __str__(self) -> str:
        return self.id


class StatementRow(models.Model):
    """The statement of reasons drafted with a restriction; `body` is JSON, `problems` what a person has to fill in."""

    id = models.CharField(primary_key=True, max_length=32)
    upload_id = models.CharField(max_length=32, db_index=True)
    decision_id = models.CharField(max_length=32, unique=True)
    created_at_s = models.FloatField()
    body = models.TextField()
    problems = models.TextField(blank=True)

    class Meta:
        """The table's name."""

        db_table = "statement_of_reasons"

    def __str__(self) -> str:
        return self.id
