from django.db import migrations, models


class Migration(migrations.Migration):
    """Pauses of sources become their whole standing; assets can be delisted and renamed."""

    dependencies = [
        ("prices", "0003_gate_quarantine"),
    ]

    operations = [
        migrations.RenameModel(old_name="SourcePause", new_name="SourceState"),
        migrations.AlterField(
            model_name="sourcestate",
            name="until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="sourcestate",
            name="reason",
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name="sourcestate",
            name="cause",
            field=models.CharField(
                blank=True,
                choices=[
                    ("limit", "Too many requests"),
                    ("refused", "Refused access"),
                    ("failing", "Failing"),
                ],
                max_length=7,
            ),
        ),
        migrations.AddField(
            model_name="sourcestate",
            name="failures",
            field=models.PositiveIntegerField(default=0, help_text="In a row, since its last answer."),
        ),
        migrations.AddField(
            model_name="sourcestate",
            name="asked_as",
            field=models.CharField(
                blank=True,
                help_text="Mark of the address and key that failed: others are tried at once.",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="sourcestate",
            name="answered_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="last answer"),
        ),
        migrations.AddField(
            model_name="sourcestate",
            name="failed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="last failure"),
        ),
        migrations.AddField(
            model_name="asset",
            name="delisted_on",
            field=models.DateField(
                blank=True,
                help_text="Since then nobody quotes it: its history stays, no price is asked for.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="asset",
            name="former_symbols",
            field=models.CharField(
                blank=True,
                help_text="Symbols it had before, separated by spaces, oldest first; they still find it.",
                max_length=200,
            ),
        ),
    ]
