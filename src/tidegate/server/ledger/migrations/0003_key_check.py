from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_head")]

    operations = [
        migrations.CreateModel(
            name="KeyCheckRow",
            fields=[
                ("id", models.IntegerField(primary_key=True, serialize=False)),
                ("sealed", models.TextField()),
            ],
            options={"db_table": "key_check"},
        ),
    ]
