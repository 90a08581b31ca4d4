from django.db import migrations, models

import prices.fields

MODELS = ("transaction", "historicaltransaction")
FIELDS = {
    "declined_price": prices.fields.AmountField,
    "declined_price_at": models.DateTimeField,
    "declined_fee_price": prices.fields.AmountField,
    "declined_fee_price_at": models.DateTimeField,
}


class Migration(migrations.Migration):
    dependencies = [
        ("portfolios", "0005_books_version"),
    ]

    operations = [
        migrations.AddField(model_name=model, name=name, field=field(blank=True, editable=False, null=True))
        for model in MODELS
        for name, field in FIELDS.items()
    ]
