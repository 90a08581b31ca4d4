"""The page of one portfolio, and the list of portfolios."""

import json
import re
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from portfolios.models import Portfolio
from tests.factories import AssetFactory, FiatFactory, PortfolioFactory, SnapshotFactory, day, record
from tests.portfolios.page import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]


@pytest.fixture
def savings(half_sold) -> Portfolio:
    return half_sold


def page_of(client: Client, portfolio: Portfolio, query: str = "", **headers: str) -> Page:
    return Page(client.get(reverse("portfolio", args=[portfolio.pk]) + query, headers=headers))


class TestThePage:
    def test_what_came_from_a_portfolio_in_another_currency_is_told_in_the_own(
        self, alice_client, alice, savings
    ) -> None:
        for at in ("2024-06-01", "2025-01-01"):
            SnapshotFactory(asset=FiatFactory(), at=day(at), price=Decimal("1.25"))
        euros = PortfolioFactory(owner=alice, currency="EUR")
        record(euros, "buy", "2", "2024-06-01", unit_price="100", currency="EUR")
        moved = record(euros, "transfer", "1", "2024-06-02", currency="EUR", to_portfolio=savings)
        for path in (f"/portfolios/{savings.pk}/", f"/portfolios/{savings.pk}/assets/BTC/"):
            row = Page(alice_client.get(path)).row(moved.pk)
            assert "— $125.00 at cost $200.00 —" in row
            assert "€" not in row
        assert "— €100.00 at cost €160.00" in page_of(alice_client, euros).row(moved.pk)

    def test_a_bought_row_shows_price_provenance_cost_value_and_result(self, alice_client, savings) -> None:
        bought = savings.transactions.get(kind="buy")
        text = page_of(alice_client, savings).row(bought.pk)
        assert "1 Jun 2024 00:00" in text
        assert "Buy 1 Jun 2024 First coins +1.00000000 BTC" in text
        assert (
            "$100.00 market · 00:00 : Shipped history, 1 Jun 2024 00:00 UTC, within the hour $102.00" in text
        )
        assert "$102.00 fee $2.00 $200.00 +100.0% since +$98.00 up +96.1%" in text

    def test_the_provenance_is_told_in_full_on_a_closer_look(self, alice_client, savings) -> None:
        assert (
            'title="Market price: Shipped history, 1 Jun 2024 00:00 UTC, within the hour"'
            in page_of(alice_client, savings).html
        )

    def test_a_sold_row_shows_what_was_realised_and_grey_what_came_after(self, alice_client, savings) -> None:
        page = page_of(alice_client, savings)
        sold = savings.transactions.get(kind="sell")
        assert "−0.50000000 BTC $150.00 $75.00 $100.00 +33.3% since +$24.00 up +47.1%" in page.row(sold.pk)
        cell = re.search(rf'<tr id="tx-{sold.pk}".*?</tr>', page.html, re.DOTALL)[0]
        assert re.search(r'<span class="mut"><a class="why"[^>]*><data class="amt" value="100">', cell)
        assert "delta" not in cell.split("since")[0].split('class="mut"')[1]  # a fall after a sale is no loss

    def test_an_assumed_cost_of_a_deposit_is_marked(self, alice_client, savings) -> None:
        row = record(savings, "deposit", "1", "2024-06-01")
        assert "assumed · market" in page_of(alice_client, savings).row(row.pk)

    def test_a_withdrawal_leaves_at_cost_and_earns_nothing(self, alice_client, savings) -> None:
        row = record(savings, "withdrawal", "0.25", "2024-10-01")
        assert "— $25.50 at cost" in page_of(alice_client, savings).row(row.pk)

    def test_transactions_stand_newest_first_in_pages_of_25(self, alice_client, savings) -> None:
        for minute in range(30):
            record(savings, "buy", "0.01", f"2024-12-01 10:{minute:02}", unit_price="1")
        first, second = page_of(alice_client, savings), page_of(alice_client, savings, "?page=2")
        assert (len(first.rows), len(second.rows)) == (25, 7)
        newest = list(savings.transactions.newest_first().values_list("pk", flat=True))
        assert first.rows + second.rows == newest
        assert "1–25 of 32" in first.text
        assert "26–32 of 32" in second.text

    @pytest.mark.parametrize("page", ["0", "-1", "99999", "x", "\x00", "1" * 5000])
    def test_a_page_that_there_is_not_is_the_nearest(self, alice_client, savings, page) -> None:
        assert page_of(alice_client, savings, f"?page={page}").status == 200

    def test_holdings_are_open_closed_or_all(self, alice_client, savings) -> None:
        eth = AssetFactory(symbol="ETH")
        record(savings, "buy", "1", "2024-06-01", unit_price="10", asset=eth)
        record(savings, "sell", "1", "2024-06-02", unit_price="11", asset=eth)
        shown = {
            name: page_of(alice_client, savings, f"?show={name}").region("holdings")
            for name in ("open", "closed", "all")
        }
        assert ["Ethereum" in text for text in shown.values()] == [False, True, True]
        assert ["Bitcoin" in text for text in shown.values()] == [True, False, True]
        assert "+$1.00" in shown["closed"]

    def test_the_chart_draws_the_price_with_the_users_trades(self, alice_client, savings) -> None:
        page = page_of(alice_client, savings)
        drawn = json.loads(re.search(r'<script id="price-series"[^>]*>(.*?)</script>', page.html)[1])
        assert drawn["public"] is True
        assert [mark[2:] for mark in drawn["marks"]] == [
            ["Buy", "1 BTC @ $100.00"],
            ["Sell", "0.5 BTC @ $150.00"],
        ]
        assert "Bitcoin price and your trades" in page.region("hero")

    def test_the_chart_is_about_the_asset_that_is_asked_for(self, alice_client, savings) -> None:
        eth = AssetFactory(symbol="ETH")
        record(savings, "buy", "1", "2024-06-01", unit_price="10", asset=eth)
        assert "Ethereum price and your trades" in page_of(alice_client, savings, "?asset=ETH").region("hero")

    @pytest.mark.parametrize("asset", ["XRP", "\x00", "x" * 10_000, "EUR", "-1"])
    def test_an_asset_that_is_not_in_it_is_not_found(self, alice_client, savings, asset) -> None:
        assert page_of(alice_client, savings, f"?asset={asset}").status == 404

    def test_figures_are_in_the_portfolios_own_currency(self, alice, alice_client) -> None:
        SnapshotFactory()
        SnapshotFactory(asset=FiatFactory(), price=Decimal("1.25"))
        portfolio = PortfolioFactory(owner=alice, currency="EUR")
        record(portfolio, "buy", "1", "2025-01-01", currency="EUR", unit_price="150")
        page = page_of(alice_client, portfolio)
        assert (page.tile("Value"), page.figure("cost-basis")) == ("€160.00", "€150.00")
        assert "€160.00" in page.row(page.rows[0])

    def test_totals_name_what_they_leave_out(self, alice_client, savings) -> None:
        for symbol in ("XYZ", "ABC"):
            record(savings, "buy", "1", "2024-06-01", unit_price="10", asset=AssetFactory(symbol=symbol))
        page = page_of(alice_client, savings)
        assert "excludes 2 assets without a price (ABC, XYZ) · all other figures include them" in page.text
        assert page.under("Net result") == "Realised + unrealised + income of what has a price"
        assert page.under("ROI") == "Net result ÷ $102.00 money in"  # not of XYZ and ABC
        lacking = "No price of ABC or XYZ is known in the week before 1 Jan 2025 00:00 UTC."
        assert page.figure("xirr") == f"— {lacking}"

    def test_an_empty_one_says_how_to_begin(self, alice_client, alice) -> None:
        page = page_of(alice_client, PortfolioFactory(owner=alice))
        assert "Add your first transaction" in page.text
        assert "Figures" not in page.text

    @pytest.mark.parametrize("region", ["hero", "holdings", "transactions"])
    def test_htmx_gets_only_the_region_it_replaces(self, alice_client, savings, region) -> None:
        page = page_of(alice_client, savings, **{"HX-Request": "true", "HX-Target": region})
        assert page.html.strip().startswith("<section")
        assert f'id="{region}"' in page.html

    def test_queries_do_not_grow_with_transactions(
        self, alice_client, savings, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        alice_client.get("/accounts/settings/")  # the first visit of a session is noted
        counts = []
        for so_many in (5, 60):
            while savings.transactions.count() < so_many:
                record(savings, "buy", "0.1", "2024-12-05", unit_price="100")
            with django_assert_max_num_queries(36) as counted:
                page_of(alice_client, savings)
            counts.append(len(counted))
        assert counts[0] == counts[1]


class TestTheList:
    def test_it_compares_portfolios_and_shows_them_together(self, alice_client, alice, savings) -> None:
        other = PortfolioFactory(owner=alice, name="Other")
        record(other, "buy", "1.5", "2024-06-01", unit_price="100")
        text = Page(alice_client.get(reverse("portfolio-list"))).text
        assert "$400.00" in text
        assert "Other $300.00 75.0%" in text
        assert "Savings 1 asset · USD $100.00" in text

    def test_without_one_it_says_so(self, alice_client) -> None:
        assert "No portfolios yet" in Page(alice_client.get(reverse("portfolio-list"))).text

    def test_a_share_of_the_whole_stands_in_the_sidebar_of_every_page(
        self, alice_client, alice, savings
    ) -> None:
        record(PortfolioFactory(owner=alice, name="Other"), "buy", "1.5", "2024-06-01", unit_price="100")
        for name in ("dashboard", "portfolio-list", "transaction-list", "settings", "price-list"):
            assert "Savings 25% Other 75%" in Page(alice_client.get(reverse(name))).text
