"""The dashboard as its owner reads it: true figures, what is unknown said so, and nobody else's."""

import json
import re
from decimal import Decimal
from html import unescape

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from portfolios.models import Portfolio
from tests.factories import AssetFactory, FiatFactory, PortfolioFactory, SnapshotFactory, day, record
from tests.portfolios.page import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def savings(alice) -> Portfolio:
    """One bitcoin for 100, worth 150 a day ago and 200 now."""
    SnapshotFactory(at=day("2024-12-01"), price=Decimal(100))
    SnapshotFactory(at=day("2024-12-31"), price=Decimal(150))
    SnapshotFactory()
    portfolio = PortfolioFactory(owner=alice, name="Savings")
    record(portfolio, "buy", "1", "2024-12-01", unit_price="100", fee="1")
    return portfolio


def dashboard(client: Client, query: str = "", **headers: str) -> Page:
    return Page(client.get("/" + query, headers=headers))


def chart(page: Page) -> dict:
    return json.loads(re.search(r'<script id="[a-z]+-series"[^>]*>(.*?)</script>', page.html)[1])


class TestWhoLooks:
    def test_signed_out_it_is_the_landing_page(self, savings) -> None:
        page = dashboard(Client())
        assert page.status == 200
        assert "Create account" in page.text
        assert "Savings" not in page.text

    def test_without_a_portfolio_it_says_how_to_begin(self, alice_client) -> None:
        assert "Begin with a purchase" in dashboard(alice_client).text

    def test_without_a_transaction_it_says_how_to_go_on(self, alice_client, alice) -> None:
        PortfolioFactory(owner=alice)
        page = dashboard(alice_client)
        assert "Add your first transaction" in page.text
        assert "Total value" not in page.text

    def test_it_shows_the_users_own_and_nothing_else(self, charlie_client, charlie, savings) -> None:
        record(PortfolioFactory(owner=charlie), "buy", "3", "2024-12-01", unit_price="100")
        page = dashboard(charlie_client)
        assert "$600.00" in page.region("hero")
        assert "Savings" not in page.text


class TestFigures:
    def test_the_hero_has_value_change_of_the_day_and_the_value_in_bitcoin(
        self, alice_client, savings
    ) -> None:
        text = dashboard(alice_client).region("hero")
        assert "Total value $200.00" in text
        assert "up +$50.00 (+33.33%) in 24 hours" in text
        assert "≈ 1.00000000 BTC" in text

    def test_the_tiles_say_how_each_figure_is_meant(self, alice_client, savings) -> None:
        page = dashboard(alice_client)
        assert page.tile("Unrealised gain") == "+$99.00"
        assert page.under("Unrealised gain") == "up +98.0% on a cost basis of $101.00 · average price $101.00"
        assert page.under("Realised gain") == "All time"
        assert page.tile("Net result") == "+$99.00"
        assert (page.tile("ROI"), page.under("ROI")) == ("+98.0%", "Net result ÷ $101.00 money in")
        assert (page.tile("Net money in"), page.under("Net money in")) == ("$101.00", "$1.00 in fees")
        assert page.tile("Return so far") == "+98.0%"
        assert page.under("Return so far") == "Money-weighted (XIRR), not annualised"
        assert 'popovertarget="tip-xirr"' in page.html
        assert 'id="tip-xirr" popover' in page.html

    def test_its_lists_show_holdings_activity_and_portfolios(self, alice_client, savings) -> None:
        text = dashboard(alice_client).text
        assert "Bitcoin 1.00000000 BTC $200.00 up +33.33% $200.00 100.0% +$99.00 up +98.0%" in text
        assert "Bought BTC 1 Dec 2024 · Savings +1.00000000 BTC $101.00" in text
        assert "Savings 1 asset $200.00 up +33.33%" in text

    def test_old_prices_say_of_when_they_are(self, alice_client, savings) -> None:
        with time_machine.travel(day("2025-01-04 12:00"), tick=False):
            page = dashboard(alice_client)
        assert "Prices from 1 Jan 2025" in page.region("hero")
        assert "in the day to 1 Jan 2025" in page.region("hero")
        assert page.under("Return so far").endswith("to 1 Jan 2025")

    def test_what_has_no_price_is_a_dash_and_named_beside_the_total(self, alice_client, savings) -> None:
        record(savings, "buy", "5", "2024-12-01", unit_price="9", asset=AssetFactory(symbol="XYZ"))
        page = dashboard(alice_client)
        assert "$200.00" in page.region("hero")
        assert "excludes 1 asset without a price (XYZ)" in page.region("hero")
        assert chart(page)["baseLabel"] == "Net money in without XYZ"  # the tile has all of it
        assert "XYZ 5 XYZ — — — — — —" in page.text
        assert page.under("Net money in").startswith("XYZ included ·")
        assert page.tile("Annual return") == "—"
        lacking = "No price of XYZ is known in the week before 1 Jan 2025 00:00 UTC."
        assert page.under("Annual return") == f"{lacking} Show it for the others"

    def test_where_nothing_has_a_price_nothing_is_made_up(self, alice_client, alice) -> None:
        record(PortfolioFactory(owner=alice), "buy", "5", "2024-12-01", unit_price="9")
        page = dashboard(alice_client)
        assert "Total value —" in page.region("hero")
        assert [page.tile(name) for name in ("Unrealised gain", "Net result", "ROI")] == ["—"] * 3
        assert page.tile("Net money in") == "$45.00"

    def test_everything_sold_is_worth_nothing_and_its_result_stays(self, alice_client, savings) -> None:
        record(savings, "sell", "1", "2024-12-31", unit_price="150")
        page = dashboard(alice_client)
        assert "$0.00" in page.region("hero")
        assert "Nothing is held now." in page.text
        assert page.tile("Realised gain") == "+$49.00"

    def test_it_speaks_the_users_currency(self, alice_client, alice, savings) -> None:
        for at in ("2024-12-01", "2024-12-31", "2025-01-01"):
            SnapshotFactory(asset=FiatFactory(), at=day(at), price=Decimal("1.25"))
        alice.currency = "EUR"
        alice.save()
        page = dashboard(alice_client)
        assert "€160.00" in page.region("hero")
        assert page.tile("Net money in") == "€80.80"

    def test_in_bitcoin_it_measures_in_bitcoin_and_says_so(self, alice_client, alice, savings) -> None:
        alice.unit = "btc"
        alice.save()
        page = dashboard(alice_client)
        assert "1.00000000 BTC" in page.region("hero")
        assert "≈ $200.00" in page.region("hero")
        assert page.tile("Net money in") == "1.01000000 BTC"
        assert "Measured in Bitcoin" in page.text
        assert chart(page)["currency"] == "BTC"


class TestRegions:
    @pytest.mark.parametrize(("name", "points"), [("1D", 2), ("1W", 3), ("1M", 31), ("YTD", 1), ("ALL", 32)])
    def test_a_range_stands_in_the_address(self, alice_client, savings, name, points) -> None:
        page = dashboard(alice_client, f"?range={name}")
        assert f'id="range-{name}" href="?range={name}"' in page.html
        assert re.search(rf'id="range-{name}"[^>]*aria-current', page.html)
        drawn = chart(page)["main"]
        assert drawn[-1][1] == 200.0
        assert len(drawn) >= points - 1

    @pytest.mark.parametrize("name", ["", "1X", "x" * 10_000, "\x00", "1d"])
    def test_an_unknown_range_is_everything(self, alice_client, savings, name) -> None:
        assert re.search('id="range-ALL"[^>]*aria-current', dashboard(alice_client, f"?range={name}").html)

    def test_the_table_beside_the_chart_says_the_same(self, alice_client, savings) -> None:
        text = dashboard(alice_client, "?range=1M").region("hero")
        assert "1 Jan 2025 $200.00 $101.00" in text
        assert "31 Dec 2024 $150.00 $101.00" in text

    @pytest.mark.parametrize("region", ["hero", "allocation"])
    def test_htmx_gets_only_the_region_it_replaces(self, alice_client, savings, region) -> None:
        page = dashboard(alice_client, **HTMX, **{"HX-Target": region})
        assert page.html.strip().startswith("<section")
        assert f'id="{region}"' in page.html
        assert "<html" not in page.html

    def test_the_whole_page_answers_what_asks_for_more(self, alice_client, savings) -> None:
        assert "<html" in dashboard(alice_client, **HTMX, **{"HX-Target": "dashboard"}).html

    def test_it_asks_anew_when_prices_or_portfolios_change(self, alice_client, savings) -> None:
        html = dashboard(alice_client).html
        assert 'hx-trigger="prices:changed from:body, portfolio:changed from:body"' in html
        assert 'hx-get=""' in html

    def test_every_htmx_link_works_without_htmx(self, alice_client, savings) -> None:
        for link in re.findall(r"<a [^>]*hx-get[^>]*>", dashboard(alice_client).html):
            href = re.search(r'href="([^"]*)"', link)[1]
            assert alice_client.get(unescape(href) if href.startswith("/") else f"/{href}").status_code == 200

    def test_allocation_is_by_asset_or_by_portfolio(self, alice_client, savings) -> None:
        assert "Bitcoin $200.00 100.0%" in dashboard(alice_client).region("allocation")
        assert "Savings $200.00 100.0%" in dashboard(alice_client, "?by=portfolio").region("allocation")

    def test_many_parts_are_told_as_one(self, alice_client, savings) -> None:
        for number in range(8):
            asset = AssetFactory(symbol=f"C{number}")
            SnapshotFactory(asset=asset, price=Decimal(1))
            record(savings, "buy", "10", "2024-12-01", unit_price="1", asset=asset)
        page = dashboard(alice_client)
        assert "4 others $40.00 14.3%" in page.region("allocation")
        assert "the 8 largest of 9" in page.text


class TestPrivacyAndSpeed:
    def test_with_amounts_hidden_none_leaves_the_server(self, alice_client, savings) -> None:
        alice_client.cookies["private"] = "1"
        page = dashboard(alice_client)
        assert not re.search(
            r"200\.00|99\.00|101\.00|1\.00000000", page.region("hero") + page.region("allocation")
        )
        assert not re.search(r"\$99|\$101|data-value|101\.0", page.html)
        assert "•••••" in page.region("hero")
        assert "data-masked" in page.html
        assert max(value for _, value in chart(page)["main"] if value is not None) == 1.0

    def test_names_are_inert(self, alice_client, alice, savings) -> None:
        record(
            PortfolioFactory(owner=alice, name="<script>x</script>"), "buy", "1", "2024-12-01", unit_price="1"
        )
        assert "<script>x" not in dashboard(alice_client).html

    def test_queries_do_not_grow_with_transactions(
        self, alice_client, savings, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        dashboard(alice_client)  # what is read once in a process and a day does not count
        counts = []
        for so_many in (5, 60):
            while savings.transactions.count() < so_many:
                record(savings, "buy", "0.1", "2024-12-05", unit_price="100")
            with django_assert_max_num_queries(37) as counted:
                dashboard(alice_client)
            counts.append(len(counted))
        assert counts[0] == counts[1]
