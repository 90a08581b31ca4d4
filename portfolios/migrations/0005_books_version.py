from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("portfolios", "0004_audit_history"),
    ]

    operations = [
        migrations.AddField(
            model_name="portfolio",
            name="books_version",
            field=models.PositiveBigIntegerField(
                default=0,
                editable=False,
                help_text="Raised when the books change, so that nobody trusts older figures.",
            ),
        ),
    ]
