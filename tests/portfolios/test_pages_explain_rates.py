"""Explanations show exchange rates as they were taken, and only where they were."""

from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from portfolios.models import Portfolio
from tests.factories import AssetFactory, FiatFactory, PortfolioFactory, SnapshotFactory, day, record
from tests.portfolios.page import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]
RATES = (("2024-06-01", "1.193"), ("2024-07-01", "1.0567"), ("2025-01-01", "1.03892"))


@pytest.fixture
def euro(db) -> None:
    for at, rate in RATES:
        SnapshotFactory(asset=FiatFactory(), at=day(at), price=Decimal(rate))


@pytest.fixture
def euros(alice, euro) -> Portfolio:
    """2 BTC for 200 euros."""
    made = PortfolioFactory(owner=alice, name="Euros", currency="EUR", cost_method="fifo")
    record(made, "buy", "2", "2024-06-01", unit_price="100", currency="EUR")
    return made


def told(client: Client, portfolio: Portfolio, figure: str, **said: str) -> str:
    path = reverse("asset-explain", args=[portfolio.pk, "BTC", figure])
    return Page(client.get(f"{path}?{urlencode(said)}" if said else path)).text


class TestRates:
    def test_have_all_their_digits(self, alice_client, savings, euros) -> None:
        assert "$200.00 ÷ $1.03892 a EUR" in told(alice_client, euros, "value")
        price = told(alice_client, euros, "price")
        assert "US dollars per EUR $1.03892" in price
        assert "× $1.193 a EUR" in told(alice_client, euros, "cost_basis", **{"in": "USD"})
