"""A gift is called what it is here, one that is given: the labels alone change, and nothing in the database."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("portfolios", "0007_other_rates"),
    ]

    operations = [
        migrations.AlterField(
            model_name="booking",
            name="kind",
            field=models.CharField(
                choices=[
                    ("buy", "Buy"),
                    ("sell", "Sell"),
                    ("swap", "Swap"),
                    ("transfer", "Transfer"),
                    ("deposit", "Deposit"),
                    ("withdrawal", "Withdrawal"),
                    ("income", "Income"),
                    ("spend", "Spend"),
                    ("gift", "Gift given"),
                    ("lost", "Lost"),
                    ("fee", "Fee"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="historicaltransaction",
            name="kind",
            field=models.CharField(
                choices=[
                    ("buy", "Buy"),
                    ("sell", "Sell"),
                    ("swap", "Swap"),
                    ("transfer", "Transfer"),
                    ("deposit", "Deposit"),
                    ("withdrawal", "Withdrawal"),
                    ("income", "Income"),
                    ("spend", "Spend"),
                    ("gift", "Gift given"),
                    ("lost", "Lost"),
                    ("fee", "Fee"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="transaction",
            name="kind",
            field=models.CharField(
                choices=[
                    ("buy", "Buy"),
                    ("sell", "Sell"),
                    ("swap", "Swap"),
                    ("transfer", "Transfer"),
                    ("deposit", "Deposit"),
                    ("withdrawal", "Withdrawal"),
                    ("income", "Income"),
                    ("spend", "Spend"),
                    ("gift", "Gift given"),
                    ("lost", "Lost"),
                    ("fee", "Fee"),
                ],
                max_length=10,
            ),
        ),
    ]
