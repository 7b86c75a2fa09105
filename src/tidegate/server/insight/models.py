"""Sums over the journal, and how far it has been summed."""

from typing import ClassVar

from django.db import models


class TallyRow(models.Model):
    """One figure: its name, its labels as canonical JSON, and its sum so far."""

    name = models.CharField(max_length=48)
    labels = models.CharField(max_length=200)
    value = models.FloatField()

    class Meta:
        """One row a figure."""

        db_table = "tally"
        constraints: ClassVar = [models.UniqueConstraint(fields=("name", "labels"), name="tally_once")]

    def __str__(self) -> str:
        return f"{self.name}{self.labels}"


class TalliedRow(models.Model):
    """The last entry of the journal that is in the sums; one row."""

    id = models.IntegerField(primary_key=True)
    seq = models.BigIntegerField()

    class Meta:
        """The table's name."""

        db_table = "tallied"

    def __str__(self) -> str:
        return str(self.seq)
