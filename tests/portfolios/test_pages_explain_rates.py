"""Explanations show exchange rates as they were taken, and only where they were."""

from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from portfolios.models import Portfolio
from portfolios.selectors.entries import to_entries
from tests.factories import FiatFactory, PortfolioFactory, SnapshotFactory, day, record
from tests.portfolios.eventful import eventful
from tests.portfolios.explained import told as explained
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


class TestWhereTheyStand:
    """Beside what was converted at them, and nowhere else."""

    @pytest.fixture
    def dollars(self, alice, savings, euros) -> Portfolio:
        """Got half a bitcoin of the euros; bought one and sold half of it in euros."""
        record(euros, "transfer", "0.5", "2024-07-01", currency="EUR", to_portfolio=savings)
        record(savings, "buy", "1", "2024-06-01", unit_price="100", fee="1", currency="EUR")
        record(savings, "sell", "0.5", "2024-07-01 10:00", unit_price="150", currency="EUR")
        record(savings, "gift", "0.1", "2024-07-01 11:00", currency="EUR")
        return savings

    def test_not_beside_the_cost_of_lots_that_left_or_came_over(self, alice_client, dollars) -> None:
        text = told(alice_client, dollars, "cost_basis")
        assert text.count("× $1.193 a EUR") == 1  # the purchase
        assert "× $1.0567" not in text

    @pytest.mark.parametrize("figure", ["quantity", "realised"])
    def test_not_beside_quantities_nor_what_was_realised(self, alice_client, dollars, figure) -> None:
        text = told(alice_client, dollars, figure)
        assert "Sell 1 Jul 2024" in text
        assert "×" not in text.partition("Transaction Quantity Price Adds")[2]

    def test_beside_what_was_paid_received_or_taken_as_a_fee(self, alice_client, dollars) -> None:
        assert told(alice_client, dollars, "money_in").count("× $1.193 a EUR") == 1
        assert "$79.25 × $1.0567 a EUR" in told(alice_client, dollars, "money_out")
        assert "× $1.193 a EUR" in told(alice_client, dollars, "fees")

    def test_of_a_sale_beside_its_proceeds_alone(self, alice_client, dollars) -> None:
        sold = dollars.transactions.get(kind="sell")
        for figure, is_told in (("proceeds", True), ("gain", False), ("cost", False)):
            page = Page(alice_client.get(reverse("transaction-explain", args=[sold.pk, figure])))
            assert ("a EUR" in page.text) == is_told, figure

    @pytest.mark.parametrize("figure", ["cost_basis", "fees", "income", "money_in", "money_out", "realised"])
    def test_what_is_told_with_a_rate_is_an_amount_of_its_own_at_it(self, alice, figure) -> None:
        both = eventful(alice)
        rows = explained(figure, *both, currency="EUR", limit=100).rows.rows
        at_rate = [row for row in rows if row.adds_at_its_rate(figure)]
        assert bool(at_rate) == (figure != "realised")
        for row in at_rate:
            entry = next(each for each in to_entries(row.transaction, row.rate) if each.leg == row.leg)
            amounts = {entry.amount, entry.fee, entry.inside, entry.amount - entry.inside}
            assert abs(row.adds) in amounts, (row.transaction.kind, row.leg)
