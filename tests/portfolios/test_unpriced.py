"""A return that is unknown names what it lacks: which coin had no price, which currency no rate, and when."""

from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from portfolios.models import Portfolio
from portfolios.selectors import overviews, performance, returns
from tests.factories import NOW, AssetFactory, FiatFactory, PortfolioFactory, SnapshotFactory, day, record
from tests.portfolios.page import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]
LACKING = "No price of XYZ is known in the week before 1 Jul 2024 12:00 UTC."


@pytest.fixture
def portfolio(alice) -> Portfolio:
    return PortfolioFactory(owner=alice)


@pytest.fixture
def gone(portfolio) -> Portfolio:
    """XYZ was priced when it was bought and is now, but not when bitcoins were bought beside it."""
    other = AssetFactory(symbol="XYZ")
    for number in range(367):
        SnapshotFactory(at=day("2024-01-01") + timedelta(days=number), price=Decimal(100))
    for at in ("2024-06-01", "2025-01-01"):
        SnapshotFactory(asset=other, at=day(at), price=Decimal(10))
    record(portfolio, "buy", "1", "2024-06-01", unit_price="10", asset=other)
    record(portfolio, "buy", "1", "2024-07-01 12:00", unit_price="100")
    return portfolio


def told(portfolio: Portfolio, since=None, until="2025-01-01", currency: str = "USD"):
    whole = overviews([portfolio], currency=currency, now=NOW)[0]
    since = since and day(since)
    return performance([portfolio], whole=whole, since=since, until=day(until), now=NOW).returns


def bare(portfolio: Portfolio, currency: str = "USD"):
    return returns([portfolio], currency=currency, value=Decimal(110), now=NOW)


def test_a_price_at_a_flow(gone) -> None:
    for found in (told(gone), bare(gone)):
        assert (found.twr, found.xirr) == (None, None)
        assert {str(found.twr_reason), str(found.xirr_reason)} == {LACKING}
        assert (found.twr_reason.coins, found.twr_reason.currencies) == (("XYZ",), ())


def test_prices_of_several_coins_at_once(gone) -> None:
    record(gone, "deposit", "1", "2024-07-01 12:00", cost="0", asset=AssetFactory(symbol="ABC"))
    assert str(bare(gone).twr_reason).startswith("No price of ABC or XYZ is known")


def test_a_price_at_an_end_of_the_period(gone) -> None:
    late = "No price of XYZ is known in the week before 20 Jun 2024 00:00 UTC."
    assert str(told(gone, until="2024-06-20").twr_reason) == late
    assert str(told(gone, since="2024-06-20", until="2024-06-25").twr_reason) == late


def test_before_the_flow_that_lacks_one_what_was_earned_stays_told(gone) -> None:
    assert told(gone, until="2024-06-05").twr == 0


def test_a_price_of_what_is_held_now(alice_client, portfolio) -> None:
    SnapshotFactory(price=Decimal(100))
    record(portfolio, "buy", "1", "2024-12-01", unit_price="100")
    record(portfolio, "buy", "1", "2024-12-01", unit_price="7", asset=AssetFactory(symbol="ODD"))
    said = "No price of ODD is known in the week before 1 Jan 2025 00:00 UTC."
    assert str(told(portfolio).xirr_reason) == said
    for path in (reverse("dashboard"), reverse("portfolio", args=[portfolio.pk])):
        assert said in Page(alice_client.get(path)).text


@pytest.mark.parametrize("first_known", ["2024-07-01", None])
def test_an_exchange_rate(portfolio, first_known) -> None:
    """Of the transaction that has none, also where it is a later one: then nothing of its coin is told."""
    for at in filter(None, (first_known, "2024-12-31")):
        SnapshotFactory(asset=FiatFactory(), at=day(at), price=Decimal(1))
    for at in ("2024-07-01", "2024-08-01", "2024-12-31"):
        SnapshotFactory(at=day(at), price=Decimal(100))
    record(portfolio, "buy", "1", "2024-07-01", unit_price="100")
    record(portfolio, "buy", "1", "2024-08-01", unit_price="100")
    lost = "1 Aug" if first_known else "1 Jul"
    said = f"No EUR exchange rate is known in the week before {lost} 2024 00:00 UTC."
    assert str(bare(portfolio, "EUR").twr_reason) == said


def test_a_page_leads_to_the_prices_of_the_coin(alice_client, gone) -> None:
    url = f'<a href="{reverse("price-page", args=["XYZ"])}">XYZ</a>'
    for name in ("portfolio", "portfolio-performance"):
        page = Page(alice_client.get(reverse(name, args=[gone.pk])))
        assert LACKING in page.text, name
        assert url in page.html, name
    for figure in ("twr", "xirr", "volatility"):
        page = Page(alice_client.get(reverse("portfolio-explain", args=[gone.pk, figure]), {"range": "ALL"}))
        assert (LACKING in page.text, url in page.html) == (True, True), figure


def test_its_moment_is_told_as_the_reader_reads_time(alice, alice_client, gone) -> None:
    alice.timezone = "Asia/Tokyo"
    alice.save()
    page = Page(alice_client.get(reverse("portfolio-performance", args=[gone.pk])))
    assert LACKING.replace("12:00 UTC", "21:00 JST") in page.text


def test_a_program_is_told_the_same(alice_client, gone) -> None:
    path = f"/api/portfolios/{gone.pk}/performance"
    reasons = alice_client.get(f"{path}?{urlencode({'to': '2025-01-01T00:00:00Z'})}").json()["reasons"]
    assert set(reasons.values()) == {LACKING}


def test_the_rate_that_an_old_price_lacks_is_that_of_its_own_time(alice, alice_client) -> None:
    """The rate of today is stored."""
    for number in range(30):
        SnapshotFactory(asset=FiatFactory(), at=NOW - timedelta(days=number), price=Decimal("1.1"))
    SnapshotFactory(price=Decimal(200))
    other = AssetFactory(symbol="XYZ")
    SnapshotFactory(asset=other, at=day("2024-06-01"), price=Decimal(3))
    alice.currency = "EUR"
    alice.save()
    portfolio = PortfolioFactory(owner=alice, currency="EUR")
    record(portfolio, "buy", "5", "2024-12-05", unit_price="1", asset=other, currency="EUR")
    record(portfolio, "buy", "1", "2024-12-06", unit_price="160", currency="EUR")
    page = Page(alice_client.get("/"))
    assert "No EUR exchange rate is known in the week before 1 Jun 2024 00:00 UTC." in page.text
    assert "XYZ has no price in EUR." in Page(alice_client.get("/performance/")).text


def test_a_currency_leads_nowhere_a_coin_to_its_prices(alice, alice_client) -> None:
    """Of a currency there need be no asset."""
    SnapshotFactory(price=Decimal(100))
    alice.currency = "GBP"
    alice.save()
    record(PortfolioFactory(owner=alice), "buy", "1", "2024-06-01", unit_price="5")
    page = Page(alice_client.get("/"))
    assert "No GBP exchange rate is known" in page.text
    assert "/prices/GBP/" not in page.html
