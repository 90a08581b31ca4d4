"""Prices keyed by asset and instant. Nobody can change a primary key in place on both databases, so the
rows move into a new table in one statement, which then takes the old one's name.
"""

import django.db.models.deletion
from django.db import migrations, models

import prices.fields

MOVE = """INSERT INTO prices_{into} (asset_id, at, price, source)
    SELECT asset_id, at, price, CASE source {cases} ELSE source END
    FROM prices_{out_of} ORDER BY asset_id, at"""


def move(_apps, schema_editor):
    _move(schema_editor, prices.fields.SourceField.CODES, "pricesnapshot", "keyedsnapshot")


def move_back(_apps, schema_editor):
    _move(schema_editor, prices.fields.SourceField.NAMES, "keyedsnapshot", "pricesnapshot")


def _move(schema_editor, words, out_of, into):
    cases = " ".join(f"WHEN '{word}' THEN '{other}'" for word, other in words.items())
    schema_editor.execute(MOVE.format(into=into, cases=cases, out_of=out_of))
    if schema_editor.connection.vendor == "postgresql":  # it alters no table with checks still to be made
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


def pack_the_index(_apps, schema_editor):
    """Prices come in the order of the key, so that its pages may be filled to the brim."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER INDEX prices_keyedsnapshot_pkey RENAME TO prices_pricesnapshot_pkey")
        schema_editor.execute("ALTER INDEX prices_pricesnapshot_pkey SET (fillfactor = 100)")


def unpack_the_index(_apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER INDEX prices_pricesnapshot_pkey RENAME TO prices_keyedsnapshot_pkey")


class Migration(migrations.Migration):
    dependencies = [("prices", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="KeyedSnapshot",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "asset_id", "at", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "asset",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="snapshots",
                        to="prices.asset",
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        help_text="UTC. A candle's close stands at the end of its interval."
                    ),
                ),
                ("price", prices.fields.AmountField(help_text="US dollars per unit.")),
                ("source", prices.fields.SourceField()),
            ],
            options={
                "ordering": ["-at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=prices.fields.IsPrice("price"), name="price_is_positive_and_finite"
                    ),
                ],
            },
        ),
        migrations.RunPython(move, move_back),
        migrations.DeleteModel(name="PriceSnapshot"),
        migrations.RenameModel(old_name="KeyedSnapshot", new_name="PriceSnapshot"),
        migrations.RunPython(pack_the_index, unpack_the_index),
    ]
