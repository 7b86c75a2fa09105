from django.db import migrations, models


def begin(apps, schema_editor):
    apps.get_model("insight", "TalliedRow").objects.using(schema_editor.connection.alias).create(id=1, seq=0)


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="TallyRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=48)),
                ("labels", models.CharField(max_length=200)),
                ("value", models.FloatField()),
            ],
            options={
                "db_table": "tally",
                "constraints": [models.UniqueConstraint(fields=("name", "labels"), name="tally_once")],
            },
        ),
        migrations.CreateModel(
            name="TalliedRow",
            fields=[
                ("id", models.IntegerField(primary_key=True, serialize=False)),
                ("seq", models.BigIntegerField()),
            ],
            options={"db_table": "tallied"},
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
