"""The page of one asset in one portfolio: its figures, its lots, its trades on its price."""

import json
import re
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from portfolios.models import Portfolio
from portfolios.selectors import gains, lots, overview
from tests.factories import NOW, AssetFactory, FiatFactory, PortfolioFactory, SnapshotFactory, day, record
from tests.portfolios.eventful import eventful
from tests.portfolios.page import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]


@pytest.fixture
def savings(alice) -> Portfolio:
    """Two lots, first in first out: the first used up by a sale at a gain of 49, the second still open."""
    for at, price in (("2024-06-01", 100), ("2024-09-01", 150), ("2025-01-01", 200)):
        SnapshotFactory(at=day(at), price=Decimal(price))
    portfolio = PortfolioFactory(owner=alice, name="Savings", cost_method="fifo")
    record(portfolio, "buy", "1", "2024-06-01", unit_price="100", fee="1")
    record(portfolio, "buy", "2", "2024-08-01", unit_price="110")
    record(portfolio, "sell", "1", "2024-09-01", unit_price="150")
    record(portfolio, "buy", "5", "2024-08-01", unit_price="3", asset=AssetFactory(symbol="ETH"))
    return portfolio


def page_of(client: Client, portfolio: Portfolio, query: str = "", symbol: str = "BTC", **headers) -> Page:
    return Page(client.get(reverse("asset", args=[portfolio.pk, symbol]) + query, headers=headers))


def chart(page: Page) -> dict:
    return json.loads(re.search(r'<script id="price-series"[^>]*>(.*?)</script>', page.html, re.DOTALL)[1])


class TestFigures:
    def test_are_those_of_the_asset_in_the_portfolio(self, alice_client, savings) -> None:
        page = page_of(alice_client, savings)
        assert page.tile("Value") == "$400.00"
        assert page.under("Value") == "2.00000000 BTC"
        assert page.tile("Unrealised gain") == "+$180.00"
        assert page.tile("Realised gain") == "+$49.00"
        assert page.under("Realised gain") == "First in, first out · all time"
        assert page.tile("Net result") == "+$229.00"
        assert (page.figure("average-price"), page.figure("break-even")) == ("$110.00", "$85.50")
        assert (page.figure("money-in"), page.figure("money-out")) == ("$321.00", "$150.00")
        assert "Ethereum" not in page.region("transactions")

    def test_equal_the_selectors(self, alice_client, alice) -> None:
        first = eventful(alice)[0]
        seen = overview(first, currency="USD", now=NOW)
        for one in seen.holdings:
            html = page_of(alice_client, first, symbol=one.asset.symbol).html
            for value in (one.value, one.unrealised, one.realised, one.net_result, one.cost_basis, one.fees):
                assert f'value="{_plain(value)}"' in html

    def test_without_a_price_are_unknown_and_say_so(self, alice_client, savings) -> None:
        page = page_of(alice_client, savings, symbol="ETH")
        assert [page.tile(name) for name in ("Value", "Unrealised gain", "Net result")] == ["—"] * 3
        assert "No price of Ethereum is stored" in page.text
        assert page.figure("average-price") == "$3.00"

    def test_an_asset_that_is_not_there_is_not_found(self, alice_client, charlie_client, savings) -> None:
        AssetFactory(symbol="SOL")
        for symbol in ("SOL", "btc", "XYZ", "\x00"):
            assert page_of(alice_client, savings, symbol=symbol).status == 404
        assert page_of(charlie_client, savings).status == 404

    def test_it_is_reached_from_the_portfolio_and_from_the_dashboard_of_one(
        self, alice_client, savings
    ) -> None:
        here = reverse("asset", args=[savings.pk, "BTC"])
        assert f'href="{here}"' in alice_client.get(f"/portfolios/{savings.pk}/").content.decode()
        assert f'href="{here}"' in alice_client.get("/").content.decode()
        PortfolioFactory(owner=savings.owner)
        assert f'href="{here}"' not in alice_client.get("/").content.decode()

    def test_what_was_sold_completely_still_has_its_page(self, alice_client, savings) -> None:
        record(savings, "sell", "2", "2024-12-01", unit_price="190")
        page = page_of(alice_client, savings)
        assert page.tile("Value") == "$0.00"
        assert "1 Dec 2024" in page.region("lots")
        assert chart(page)["levels"] == []


class TestTheChart:
    def test_has_the_trades_the_average_price_and_the_break_even(self, alice_client, savings) -> None:
        drawn = chart(page_of(alice_client, savings))
        assert drawn["levels"] == [["Average price", 110.0], ["Break-even", 85.5]]
        assert [mark[2] for mark in drawn["marks"]] == ["Buy", "Buy", "Sell"]
        moments = {mark[0] for mark in drawn["marks"]}
        assert round(day("2024-09-01").timestamp() * 1000) in moments

    def test_draws_no_break_even_below_nothing(self, alice_client, savings) -> None:
        record(savings, "sell", "0.5", "2024-12-01", unit_price="9000")
        page = page_of(alice_client, savings)
        assert [name for name, _ in chart(page)["levels"]] == ["Average price"]
        assert "below zero: sales and income have already brought back more than everything cost" in page.text

    def test_has_at_most_400_points_and_says_which_trades_are_left_out(self, alice_client, alice) -> None:
        portfolio = PortfolioFactory(owner=alice)
        SnapshotFactory(at=day("2019-01-01"), price=Decimal(100))
        SnapshotFactory(price=Decimal(100))
        record(portfolio, "buy", "1", "2019-01-01 00:01", unit_price="1")
        assert "trades are marked" not in page_of(alice_client, portfolio).text
        drawn = chart(page_of(alice_client, portfolio))
        assert len(drawn["main"]) <= 400
        assert [mark[0] for mark in drawn["marks"]] == [round(day("2019-01-01 00:01").timestamp() * 1000)]

    def test_with_amounts_hidden_shows_the_price_alone(self, alice_client, savings) -> None:
        alice_client.cookies["private"] = "1"
        for query in ("", "?lots=closed"):
            page = page_of(alice_client, savings, query)
            assert (chart(page)["marks"], chart(page)["levels"]) == ([], [])
            assert '<data class="amt"' not in page.html
            assert 'class="tri' not in page.html


class TestLots:
    def test_open_ones_are_those_of_the_selector(self, alice_client, savings) -> None:
        region = page_of(alice_client, savings).region("lots")
        assert "1 Aug 2024 lot 2 · 153 days 2.00000000 $110.00 $220.00 $400.00 +$180.00 up +81.8%" in region
        assert "First in, first out" in region

    def test_closed_ones_say_what_they_brought(self, alice_client, savings) -> None:
        region = page_of(alice_client, savings, "?lots=closed").region("lots")
        assert "1 Sep 2024 lot 1 · 92 days 1 Jun 2024 1.00000000 $101.00 $150.00 +$49.00" in region

    def test_what_left_at_cost_brought_nothing(self, alice_client, savings) -> None:
        record(savings, "withdrawal", "2", "2024-12-01")
        region = page_of(alice_client, savings, "?lots=closed").region("lots")
        assert "2.00000000 left at cost — — —" in region

    @pytest.mark.parametrize("currency", ["USD", "EUR"])
    def test_gains_of_closed_lots_add_up_with_those_of_open_ones(self, alice_client, alice, currency) -> None:
        FiatFactory()
        first = eventful(alice)[0]
        for one in overview(first, currency="USD", now=NOW).holdings:
            found = lots([first], one.asset, currency="USD", at=NOW)
            told = gains([first], currency="USD", at=NOW, zone=NOW.tzinfo, asset=one.asset)
            by_lot = {lot.number for year in told.years for gain in year.gains for lot in gain.lots}
            assert by_lot <= {lot.number for lot in found.lots}

    def test_stand_in_pages_of_20(self, alice_client, savings) -> None:
        for minute in range(30):
            record(savings, "buy", "0.01", f"2024-12-01 10:{minute:02}", unit_price="1")
        first, second = page_of(alice_client, savings), page_of(alice_client, savings, "?lot_page=2")
        assert "1–20 of 31" in first.region("lots")
        assert "21–31 of 31" in second.region("lots")
        for wrong in ("0", "x", "9" * 30, "\x00"):
            assert page_of(alice_client, savings, f"?lot_page={wrong}&lots={wrong}").status == 200

    @pytest.mark.parametrize("region", ["hero", "lots", "transactions"])
    def test_htmx_gets_only_the_region_it_replaces(self, alice_client, savings, region) -> None:
        page = page_of(alice_client, savings, **{"HX-Request": "true", "HX-Target": region})
        assert page.html.strip().startswith("<section")
        assert f'id="{region}"' in page.html


@pytest.mark.parametrize("query", ["", "?lots=closed", "?at=2024-12-15"])
def test_the_number_of_queries_does_not_grow(
    alice_client, savings, query, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    def asked() -> int:
        page_of(alice_client, savings, query)
        with django_assert_max_num_queries(36) as counted:
            page_of(alice_client, savings, query)
        return len(counted)

    few = asked()
    for minute in range(30):
        record(savings, "buy", "0.01", f"2024-12-01 10:{minute:02}", unit_price="1")
        record(savings, "sell", "0.01", f"2024-12-02 10:{minute:02}", unit_price="2")
    assert asked() <= few


def _plain(value: Decimal) -> str:
    text = format(value.normalize(), "f")
    return "0" if text == "-0" else text
