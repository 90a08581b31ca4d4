from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("prices", "0004_sources_states"),
    ]

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="backfill",
            name="one_unfinished_backfill_per_start",
        ),
        migrations.AddField(
            model_name="backfill",
            name="resolution",
            field=models.CharField(
                choices=[("hour", "Each hour"), ("day", "Each UTC midnight")], default="hour", max_length=4
            ),
        ),
        migrations.AddConstraint(
            model_name="backfill",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "done"), _negated=True),
                fields=("asset", "resolution", "since"),
                name="one_unfinished_backfill_per_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="heartbeat",
            constraint=models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_heartbeat"),
        ),
    ]
