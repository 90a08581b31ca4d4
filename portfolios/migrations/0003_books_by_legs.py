import django.db.models.deletion
from django.db import migrations, models

import prices.fields


class Migration(migrations.Migration):
    dependencies = [
        ("portfolios", "0002_read_models_go"),
        ("prices", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="transaction",
            name="fee_price",
            field=prices.fields.AmountField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="transaction",
            name="fee_price_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="transaction",
            name="fee_price_source",
            field=models.CharField(blank=True, editable=False, max_length=20),
        ),
        migrations.AlterField(
            model_name="portfolio",
            name="cost_method",
            field=models.CharField(
                choices=[
                    ("average", "Average cost"),
                    ("fifo", "First in, first out"),
                    ("lifo", "Last in, first out"),
                    ("hifo", "Highest cost first"),
                ],
                default="average",
                max_length=8,
            ),
        ),
        migrations.CreateModel(
            name="Booking",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", prices.fields.AmountField(default=0)),
                ("cost_basis", prices.fields.AmountField(default=0)),
                ("realised", prices.fields.AmountField(default=0)),
                ("income", prices.fields.AmountField(default=0)),
                ("fees", prices.fields.AmountField(default=0)),
                ("money_in", prices.fields.AmountField(default=0)),
                ("money_out", prices.fields.AmountField(default=0)),
                ("moved", prices.fields.AmountField(default=0)),
                ("leg", models.PositiveSmallIntegerField(default=0)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("buy", "Buy"),
                            ("sell", "Sell"),
                            ("swap", "Swap"),
                            ("transfer", "Transfer"),
                            ("deposit", "Deposit"),
                            ("withdrawal", "Withdrawal"),
                            ("income", "Income"),
                            ("spend", "Spend"),
                            ("gift", "Gift"),
                            ("lost", "Lost"),
                            ("fee", "Fee"),
                        ],
                        max_length=10,
                    ),
                ),
                ("occurred_at", models.DateTimeField()),
                (
                    "asset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="prices.asset"
                    ),
                ),
                (
                    "portfolio",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to="portfolios.portfolio",
                    ),
                ),
                (
                    "transaction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bookings",
                        to="portfolios.transaction",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["portfolio", "asset", "occurred_at"], name="booking_history"),
                    models.Index(fields=["portfolio", "occurred_at"], name="bookings_by_time"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("transaction", "leg"), name="one_booking_per_leg")
                ],
            },
        ),
        migrations.CreateModel(
            name="DailyPosition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", prices.fields.AmountField(default=0)),
                ("cost_basis", prices.fields.AmountField(default=0)),
                ("realised", prices.fields.AmountField(default=0)),
                ("income", prices.fields.AmountField(default=0)),
                ("fees", prices.fields.AmountField(default=0)),
                ("money_in", prices.fields.AmountField(default=0)),
                ("money_out", prices.fields.AmountField(default=0)),
                ("moved", prices.fields.AmountField(default=0)),
                ("transferred_in", prices.fields.AmountField(default=0)),
                ("transferred_out", prices.fields.AmountField(default=0)),
                ("day", models.DateField()),
                (
                    "asset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="prices.asset"
                    ),
                ),
                (
                    "portfolio",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to="portfolios.portfolio",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("portfolio", "asset", "day"), name="one_position_per_day")
                ],
            },
        ),
        migrations.CreateModel(
            name="Disposal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("leg", models.PositiveSmallIntegerField(default=0)),
                ("lot", models.PositiveIntegerField(help_text="The number of the lot.")),
                ("acquired_at", models.DateTimeField()),
                ("disposed_at", models.DateTimeField()),
                ("quantity", prices.fields.AmountField()),
                ("cost", prices.fields.AmountField()),
                ("proceeds", prices.fields.AmountField(null=True)),
                (
                    "asset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="prices.asset"
                    ),
                ),
                (
                    "origin",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="portfolios.transaction",
                    ),
                ),
                (
                    "portfolio",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to="portfolios.portfolio",
                    ),
                ),
                (
                    "transaction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="disposals",
                        to="portfolios.transaction",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["portfolio", "asset", "disposed_at"], name="disposal_history"),
                    models.Index(fields=["portfolio", "disposed_at"], name="gains_by_time"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("transaction", "leg", "lot"), name="one_disposal_per_lot")
                ],
            },
        ),
        migrations.CreateModel(
            name="Holding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", prices.fields.AmountField(default=0)),
                ("cost_basis", prices.fields.AmountField(default=0)),
                ("realised", prices.fields.AmountField(default=0)),
                ("income", prices.fields.AmountField(default=0)),
                ("fees", prices.fields.AmountField(default=0)),
                ("money_in", prices.fields.AmountField(default=0)),
                ("money_out", prices.fields.AmountField(default=0)),
                ("moved", prices.fields.AmountField(default=0)),
                ("transferred_in", prices.fields.AmountField(default=0)),
                ("transferred_out", prices.fields.AmountField(default=0)),
                (
                    "asset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="prices.asset"
                    ),
                ),
                (
                    "portfolio",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to="portfolios.portfolio",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("portfolio", "asset"), name="one_holding_per_asset")
                ],
            },
        ),
        migrations.CreateModel(
            name="Lot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("acquired_at", models.DateTimeField()),
                ("arrived_at", models.DateTimeField()),
                ("quantity", prices.fields.AmountField()),
                ("cost", prices.fields.AmountField()),
                ("open_quantity", prices.fields.AmountField()),
                ("open_cost", prices.fields.AmountField()),
                ("is_open", models.BooleanField()),
                ("rank", models.CharField(max_length=84)),
                ("unit_cost", models.CharField(blank=True, max_length=60)),
                (
                    "asset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="prices.asset"
                    ),
                ),
                (
                    "origin",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="portfolios.transaction",
                    ),
                ),
                (
                    "portfolio",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to="portfolios.portfolio",
                    ),
                ),
                (
                    "transaction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lots",
                        to="portfolios.transaction",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["portfolio", "asset", "is_open", "rank"], name="lots_in_turn")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("portfolio", "asset", "number"), name="one_lot_per_number"
                    )
                ],
            },
        ),
    ]
