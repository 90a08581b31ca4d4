"""The read models of the first books are dropped; the next migration makes those that replace them.

Nothing is lost: they follow from the transactions, and `rebuild_books` writes them anew.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("portfolios", "0001_initial")]

    operations = [migrations.DeleteModel("Booking"), migrations.DeleteModel("Holding")]
