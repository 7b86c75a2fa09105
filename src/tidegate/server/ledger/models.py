"""The journal's rows and its head."""

from typing import ClassVar

from django.db import models


class EntryRow(models.Model):
    """One step, chained to the one before: `hash` is SHA-256 over `prev_hash` and everything else in the row."""

    seq = models.BigIntegerField(primary_key=True)
    at_s = models.FloatField()
    kind = models.CharField(max_length=48)
    subject = models.CharField(max_length=32)
    actor = models.CharField(max_length=64)
    body = models.TextField()
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        """The history of one subject is read in order."""

        db_table = "journal"
        indexes: ClassVar = [
            models.Index(fields=("subject", "seq"), name="journal_subject"),
            models.Index(fields=("kind", "seq"), name="journal_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"


class HeadRow(models.Model):
    """The last entry's number and hash; whoever appends locks this row, so the chain never forks."""

    id = models.IntegerField(primary_key=True)
    seq = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        """The table's name."""

        db_table = "journal_head"

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


class KeyCheckRow(models.Model):
    """A text that only the key ring of this database opens: a server with another ring sees it before it does harm."""

    id = models.IntegerField(primary_key=True)
    sealed = models.TextField()

    class Meta:
        """The table's name."""

        db_table = "key_check"

    def __str__(self) -> str:
        return "key check"
