"""Every file of comma-separated values that the site hands out, found by its type: no cell is a formula."""

import io
import zipfile
from collections.abc import Iterator

import pytest

from portfolios.models import Portfolio, Transaction
from prices.models import Asset
from tests.conftest import signed_in
from tests.factories import PortfolioFactory, SnapshotFactory, record
from tests.security.formulas import FORMULAS, live_cells
from tests.security.routes import SITE, address

pytestmark = pytest.mark.django_db
STORED = [text for text in FORMULAS if "\x00" not in text]  # no door lets a NUL in, nor does PostgreSQL
KNOWN = {"gains-csv", "portfolio-gains-csv", "transaction-export", "data-export"}


@pytest.fixture
def everywhere(alice) -> Transaction:
    """Formulas in names, notes and ids, written past the doors that would refuse some of them."""
    SnapshotFactory()
    for number, text in enumerate(STORED):
        other = PortfolioFactory(owner=alice)
        Portfolio.objects.filter(pk=other.pk).update(name=text)
        row = record(other, "buy", "2", f"2024-01-{number + 1:02}", unit_price="3")
        record(other, "sell", "1", f"2024-02-{number + 1:02}", unit_price="4", note=f"a{number}")
        other.transactions.update(note=text)
        Transaction.objects.filter(pk=row.pk).update(external_id=text)
    Asset.objects.filter(pk=row.asset_id).update(name=STORED[0])
    return row


def texts(response) -> Iterator[str]:
    """The tables of a download: itself, or those in its archive."""
    kind = response["Content-Type"]
    if kind.startswith("text/csv"):
        yield b"".join(response.streaming_content).decode()
    elif kind.startswith("application/zip"):
        body = b"".join(response.streaming_content) if response.streaming else response.content
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for name in archive.namelist():
                if name.endswith(".csv"):
                    yield archive.read(name).decode()


def test_no_cell_of_any_download_is_a_formula(everywhere, alice) -> None:
    client, found, told = signed_in(alice), {}, ""
    for route in SITE:
        tables = list(texts(client.get(address(route, everywhere))))
        if tables:
            found[route.name] = [cell for text in tables for cell in live_cells(text)]
            told += "".join(tables)
    assert all(text in told for text in ("=1+1", "@SUM(A1)", "=cmd|"))
    assert found.keys() >= KNOWN
    assert {name: cells for name, cells in found.items() if cells} == {}
