"""No page reads the rows of everybody to show those of one: what PostgreSQL would do were tables large."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import record

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="it asks PostgreSQL for its plans"),
    pytest.mark.usefixtures("new_year"),
]
PAGES = ("/", "/portfolios/{}/", "/transactions/", "/performance/", "/gains/", "/prices/BTC/")
# Rows of users, and what there is of prices; the tables that stay small are left out.
LARGE = ("transaction", "historicaltransaction", "holding", "dailyposition", "booking", "lot", "disposal")
SCAN = re.compile(f"Seq Scan on (?:portfolios_(?:{'|'.join(LARGE)})|prices_pricesnapshot)\\b")


def scans(sql: str) -> list[str]:
    """Tables that a statement reads whole although it would rather not."""
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + sql.replace("%", "%%"), [])
        return SCAN.findall("\n".join(row[0] for row in cursor.fetchall()))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_reads_no_large_table_whole(page, alice_client, savings) -> None:
    for month in range(1, 13):
        record(savings, "buy", "2", f"2024-{month:02}-01", unit_price="3")
        record(savings, "sell", "1", f"2024-{month:02}-11", unit_price="4")
    alice_client.get("/accounts/settings/")
    with CaptureQueriesContext(connection) as caught:
        assert alice_client.get(page.format(savings.pk)).status_code == 200
    asked = [str(each["sql"]).strip() for each in caught.captured_queries]
    # Those with $1 are the server's own statements (prices/series.py), whose cost `make bench` watches.
    asked = [sql for sql in asked if sql.startswith("SELECT") and "$1" not in sql]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert len(asked) > 3
    assert {sql: found for sql in asked if (found := scans(sql))} == {}
