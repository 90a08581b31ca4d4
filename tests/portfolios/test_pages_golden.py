"""The golden cases of docs/definitions, entered through the form and read from the page to the last digit."""

from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from portfolios.models import Portfolio
from tests.conftest import signed_in
from tests.factories import AssetFactory, PortfolioFactory, SnapshotFactory, day
from tests.portfolios.page import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]


@pytest.fixture
def portfolio(alice) -> Portfolio:
    return PortfolioFactory(owner=alice, name="Golden")


def enter(client: Client, portfolio: Portfolio, kind: str, quantity: str, at: str, **stated: str) -> None:
    form = {"kind": kind, "portfolio": portfolio.pk, "asset": AssetFactory().pk, "quantity": quantity}
    answer = client.post(reverse("transaction-new"), form | {"occurred_at": f"{at}T00:00", **stated})
    assert answer.status_code == 303, Page(answer).text


def market(**prices: str) -> None:
    """Prices on days: `market(d2024_01_01="100")`."""
    for name, price in prices.items():
        SnapshotFactory(at=day(name[1:].replace("_", "-")), price=Decimal(price))


def page_of(client: Client, portfolio: Portfolio, query: str = "") -> Page:
    return Page(client.get(reverse("portfolio", args=[portfolio.pk]) + query))


def enter_g1(client: Client, portfolio: Portfolio) -> None:
    market(d2024_01_01="100", d2024_02_01="150", d2024_03_01="300", d2025_01_01="200")
    enter(client, portfolio, "buy", "1", "2024-01-01", unit_price="100")
    enter(client, portfolio, "sell", "0.5", "2024-02-01", unit_price="150")
    enter(client, portfolio, "buy", ".5", "2024-03-01", unit_price="300")


def test_g1_buying_selling_and_buying_again_at_the_average(alice_client, portfolio) -> None:
    enter_g1(alice_client, portfolio)
    page = page_of(alice_client, portfolio)
    assert page.tile("Value") == "$200.00"
    assert page.tile("Realised gain") == "+$25.00"
    assert page.tile("Unrealised gain") == "$0.00"
    assert page.tile("Net result") == "+$25.00"
    assert page.tile("ROI") == "+10.0%"
    assert page.figure("average-price") == "$200.00"
    assert page.figure("cost-basis") == "$200.00"
    assert (page.figure("money-in"), page.figure("money-out")) == ("$250.00", "$75.00")


def test_g1_is_the_same_where_the_market_is_asked_for_the_prices(alice_client, portfolio) -> None:
    market(d2024_01_01="100", d2024_02_01="150", d2024_03_01="300", d2025_01_01="200")
    for kind, quantity, at in (
        ("buy", "1", "2024-01-01"),
        ("sell", "0.5", "2024-02-01"),
        ("buy", "0.5", "2024-03-01"),
    ):
        enter(alice_client, portfolio, kind, quantity, at)
    page = page_of(alice_client, portfolio)
    assert page.tile("Net result") == "+$25.00"
    assert "market · 00:00" in page.row(page.rows[0])


def test_g2_selling_the_rest_leaves_nothing_but_the_result(alice_client, portfolio) -> None:
    enter_g1(alice_client, portfolio)
    enter(alice_client, portfolio, "sell", "1", "2024-04-01", unit_price="200")
    page = page_of(alice_client, portfolio)
    assert page.tile("Value") == "$0.00"
    assert page.tile("Realised gain") == "+$25.00"
    assert page.tile("Net result") == "+$25.00"
    assert page.figure("cost-basis") == "$0.00"
    assert page.figure("average-price").startswith("—")
    assert "Nothing is held now." in page.region("holdings")
    assert "0.00000000" in page_of(alice_client, portfolio, "?show=closed").region("holdings")


def test_g3_with_fees_comes_out_to_the_last_digit(alice_client, portfolio) -> None:
    market(d2024_01_01="40000", d2024_07_01="60000", d2024_10_01="65000", d2025_01_01="95000")
    enter(alice_client, portfolio, "buy", "1", "2024-01-01", unit_price="40,000.00", fee="40")
    enter(alice_client, portfolio, "sell", "0.5", "2024-07-01", unit_price="60000", fee="30")
    enter(alice_client, portfolio, "buy", "0.5", "2024-10-01", unit_price="65 000", fee="32.50")
    page = page_of(alice_client, portfolio)
    assert page.tile("Value") == "$95,000.00"
    assert page.tile("Realised gain") == "+$9,950.00"
    assert page.tile("Unrealised gain") == "+$42,447.50"
    assert page.tile("Net result") == "+$52,397.50"
    assert page.figure("cost-basis") == "$52,552.50"
    assert page.figure("average-price") == "$52,552.50"
    assert page.figure("money-in") == "$72,572.50"
    assert page.figure("money-out") == "$29,970.00"
    assert page.figure("fees") == "$102.50"
    assert page.figure("roi") == "+72.20%"
    assert "$52,397.50 ÷ $72,572.50" in page.text
    assert page.figure("unrealised") == "+80.77%"
    assert page.figure("twr") == "+137.03%"
    assert page.figure("xirr").startswith("+153.")
    dashboard = Page(alice_client.get("/"))
    assert dashboard.tile("Annual return") == "+153.5%"
    assert dashboard.tile("Net result") == "+$52,397.50"
    assert dashboard.tile("ROI") == "+72.2%"
    assert dashboard.tile("Net money in") == "$42,602.50"


def test_g3_does_not_move_when_prices_stand_still_for_a_week(alice_client, portfolio) -> None:
    test_g3_with_fees_comes_out_to_the_last_digit(alice_client, portfolio)
    with time_machine.travel(day("2025-01-08"), tick=False):
        page = page_of(signed_in(portfolio.owner), portfolio)  # who comes back after a week signs in again
    assert page.figure("twr") == "+137.03%"
    assert page.figure("xirr").startswith("+153.")
    assert "returns to 1 Jan 2025" in page.text
    assert "in the day to 1 Jan 2025" in page.under("Value")


def test_the_same_books_in_bitcoin_count_bitcoin(alice, alice_client, portfolio) -> None:
    """A bitcoin bought with its own worth earns nothing in bitcoin: only fees and sales tell."""
    market(d2024_01_01="40000", d2025_01_01="95000")
    enter(alice_client, portfolio, "buy", "1", "2024-01-01", unit_price="40000")
    alice.unit = "btc"
    alice.save()
    page = page_of(alice_client, portfolio)
    assert page.tile("Value") == "1.00000000 BTC"
    assert page.tile("Net result") == "0.00000000 BTC"
    assert "Measured in Bitcoin" in page.text
    alice.unit = "sats"
    alice.save()
    assert page_of(alice_client, portfolio).tile("Value") == "100,000,000 sats"


def test_how_much_a_portfolio_swung(alice_client, portfolio) -> None:
    """Bought at 100; 150, then 300, then 200: a fall by a third."""
    market(d2024_12_01="100", d2024_12_10="150", d2024_12_20="300", d2025_01_01="200")
    enter(alice_client, portfolio, "buy", "1", "2024-12-01", unit_price="100")
    page = page_of(alice_client, portfolio)
    assert page.figure("drawdown") == "−33.33%"
    assert page.figure("volatility").endswith("%")
    assert "a year</span>" not in page.html
