"""The chain's beginning."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    """Entry 0: nothing was written yet."""

    dependencies: ClassVar = [("ledger", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(
            f"INSERT INTO journal_head (id, seq, hash) VALUES (1, 0, '{'0' * 64}')",  # noqa: S608 - a constant
            "DELETE FROM journal_head WHERE id = 1",
        )
    ]
