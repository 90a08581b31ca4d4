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
                help_text="Another number whenever the books change, so that older figures are not trusted.",
            ),
        ),
    ]
