"""Figures open how they came about: on a page and in a dialog, the same figure to the last digit."""

import re
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from portfolios.selectors.explain import EARNED_FIGURES
from portfolios.templatetags.explaining import spoken
from tests.factories import AssetFactory, FiatFactory, PortfolioFactory, SnapshotFactory, day, record
from tests.portfolios.eventful import eventful
from tests.portfolios.page import Page, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]
LINK = re.compile(
    r'<a class="why" href="([^"]*)"[^>]*>(.*?)<span class="vh"> how ([^<]*) came about</span></a>', re.DOTALL
)
OF_A_PERIOD = {spoken(figure) for figure in EARNED_FIGURES}  # tests/portfolios/test_earned.py
EXACT = "Worked out again from these parts: the same to the last digit."
DIALOG = {"HX-Request": "true", "HX-Target": "modal"}


def links(client: Client, path: str) -> list[tuple[str, str, str]]:
    """The figures of a page: where each is explained, its markup, and its name."""
    found = LINK.findall(client.get(path).content.decode())
    assert found
    return [(unescape(href), shown, name) for href, shown, name in found]


def value_in(markup: str) -> str | None:
    found = re.search(r'<data class="amt" value="([^"]*)"', markup)
    return found and found[1]


def answer(page: Page) -> str:
    return re.search(r'<p class="answer num">(.*?)</p>', page.html, re.DOTALL)[1]


def told(client: Client, path: str, **headers: str) -> Page:
    response = client.get(path, headers=headers)
    assert response.status_code == 200, path
    return Page(response)


class TestEveryFigure:
    @pytest.mark.parametrize(("unit", "at"), [("currency", ""), ("btc", ""), ("sats", "?at=2023-07-01")])
    def test_of_a_page_is_explained_by_the_very_same_figure(self, alice_client, alice, unit, at) -> None:
        first = eventful(alice, "hifo")[0]
        alice.unit = unit
        alice.save()
        pages = [f"/{at}", f"/portfolios/{first.pk}/{at}", f"/portfolios/{first.pk}/assets/ETH/{at}"]
        pages += [f"/gains/{at}", f"/portfolios/{first.pk}/gains/{at}"]
        found = [link for path in pages for link in links(alice_client, path)]
        seen = {href: shown for href, shown, name in found if name not in OF_A_PERIOD}
        for href, shown in seen.items():
            assert ("at=2023-07-01" in href) == bool(at)
            page = told(alice_client, href, **DIALOG)
            assert EXACT in page.text or words(shown) == "—", href
            if (value := value_in(shown)) is not None:
                assert value_in(answer(page)) == value, href

    def test_leads_down_from_term_to_term(self, alice_client, alice) -> None:
        """Whatever a term says, its own explanation says; in the currency and at the moment of the first."""
        FiatFactory()
        first, _ = eventful(alice)
        alice.currency = "EUR"
        alice.save()
        waiting, known = ["/explain/net_result/?at=2024-09-01"], set()
        while waiting:
            path = waiting.pop()
            known.add(path)
            page = told(alice_client, path, **DIALOG)
            terms = re.findall(r'<dt><a href="([^"]*)"[^>]*>.*?</dt><dd>(.*?)</dd>', page.html, re.DOTALL)
            for href, shown in ((unescape(href), shown) for href, shown in terms):
                assert "at=2024-09-01" in href
                assert value_in(answer(told(alice_client, href, **DIALOG))) == value_in(shown), href
                if href not in known:
                    waiting.append(href)
        assert any("in=EUR" in path and f"/portfolios/{first.pk}/assets/" in path for path in known)

    def test_says_how_it_is_called(self, alice_client, bought) -> None:
        names = {name for _, _, name in links(alice_client, "/")}
        assert {"value", "unrealised gain", "net result", "ROI", "net money in", "result of the day"} <= names


class TestThePage:
    def test_says_the_formula_the_exact_figure_the_price_and_from_whom(
        self, alice_client, savings, bought
    ) -> None:
        page = told(alice_client, reverse("asset-explain", args=[savings.pk, "BTC", "value"]))
        assert "Value Bitcoin, Savings · 1 Jan 2025 00:00 UTC $200.00" in page.text
        assert "Exactly $200.00" in page.text
        assert "= quantity × latest price" in page.text
        assert "Quantity , how it came about 1.00000000 BTC" in page.text
        assert "Bitcoin Shipped history, 1 Jan 2025 00:00 UTC, within the hour $200.00" in page.text

    def test_lists_the_rows_with_links_to_transactions(self, alice_client, savings, bought) -> None:
        page = told(alice_client, reverse("portfolio-explain", args=[savings.pk, "cost_basis"]))
        assert "Buy 1 Jun 2024 00:00 +1.00000000 BTC $100.00 stated $101.00" in page.text
        assert reverse("transaction-history", args=[bought.pk]) in page.html

    def test_pages_its_rows(self, alice_client, savings, bought) -> None:
        for minute in range(25):
            record(savings, "buy", "0.01", f"2024-12-01 10:{minute:02}", unit_price="1")
        path = reverse("portfolio-explain", args=[savings.pk, "money_in"])
        first = told(alice_client, path)
        assert "1–20 of 26" in first.text
        assert f'href="{path}?rows=2"' in first.html
        second = told(alice_client, f"{path}?rows=2")
        assert "21–26 of 26" in second.text
        for wrong in ("0", "-3", "x", "\x00", "9" * 40, "٣"):
            assert "1–20 of 26" in told(alice_client, f"{path}?rows={wrong}").text

    def test_a_gain_tells_proceeds_cost_and_the_lots_it_used(self, alice_client, savings, bought) -> None:
        sold = record(savings, "sell", "0.5", "2024-12-01", unit_price="150", fee="1")
        own = reverse("portfolio", args=[savings.pk])
        path = reverse("transaction-explain", args=[sold.pk, "gain"])
        assert (path, "the gain") in [(href, name) for href, _, name in links(alice_client, own)]
        page = told(alice_client, path)
        assert value_in(answer(page)) == "23.5"
        assert "Sell of Bitcoin, Savings" in page.text
        cost = told(alice_client, reverse("transaction-explain", args=[sold.pk, "cost"]))
        assert "Lot 1 $50.50" in cost.text
        assert reverse("transaction-history", args=[bought.pk]) in cost.html

    def test_what_a_row_realised_is_its_gain_and_that_of_its_fee_in_coins(
        self, alice_client, alice, savings, bought
    ) -> None:
        fee = {"fee": "0.1", "fee_asset": bought.asset}
        sold = record(savings, "sell", "0.5", "2024-06-01 10:00", unit_price="150", **fee)
        record(savings, "transfer", "0.2", "2024-12-01", to_portfolio=PortfolioFactory(owner=alice), **fee)
        path = reverse("transaction-explain", args=[sold.pk, "realised"])
        found = [link for link in links(alice_client, f"/portfolios/{savings.pk}/") if link[2] == "the gain"]
        assert path in [href for href, _, _ in found]
        for href, shown, _ in found:
            page = told(alice_client, href)
            assert value_in(answer(page)) == value_in(shown)
            assert EXACT in page.text
        page = told(alice_client, path)
        assert "Sell , how it came about +$9.50 Fee in coins , how it came about +$4.90" in page.text
        assert alice_client.get(f"/transactions/{bought.pk}/explain/realised/").status_code == 404

    def test_what_is_unknown_says_why(self, alice_client, savings) -> None:
        record(savings, "buy", "5", "2024-06-01", unit_price="9", asset=AssetFactory(symbol="XYZ"))
        page = told(alice_client, reverse("portfolio-explain", args=[savings.pk, "value"]))
        assert answer(page).strip() == "—"
        assert "XYZ is left out: no price is stored." in page.text
        roi = told(alice_client, reverse("asset-explain", args=[savings.pk, "XYZ", "unrealised_ratio"]))
        assert "XYZ is left out: no price is stored." in roi.text

    def test_a_quotient_by_nothing_says_so(self, alice_client, savings, bought) -> None:
        record(savings, "sell", "1", "2024-12-01", unit_price="150")
        page = told(alice_client, reverse("asset-explain", args=[savings.pk, "BTC", "average_price"]))
        assert "— There is nothing to divide by." in page.text

    def test_a_dialog_gets_only_the_explanation(self, alice_client, bought) -> None:
        page = told(alice_client, "/explain/value/", **DIALOG)
        assert page.html.strip().startswith("<section")
        assert 'hx-target="#modal"' in page.html
        assert 'method="dialog"' in page.html
        assert "<h1" not in page.html

    def test_without_htmx_its_links_are_plain(self, alice_client, bought) -> None:
        section = told(alice_client, "/explain/value/").region("explanation")
        assert "hx-" not in section

    def test_with_amounts_hidden_none_leaves_the_server(self, alice_client, savings, bought) -> None:
        alice_client.cookies["private"] = "1"
        for figure in ("value", "net_result", "cost_basis", "average_price", "roi"):
            for headers in ({}, DIALOG):
                html = told(alice_client, f"/explain/{figure}/", **headers).html
                assert 'value="' not in re.sub(r"<(input|button)[^>]*>", "", html)
                assert "101" not in words(html)


class TestWhoAndWhat:
    @pytest.mark.parametrize("figure", ["luck", "__class__", "quantity", "valued.luck", "x" * 2000])
    def test_a_figure_that_there_is_not_is_not_found(self, alice_client, savings, bought, figure) -> None:
        for path in (f"/explain/{figure}/", f"/portfolios/{savings.pk}/explain/{figure}/"):
            assert alice_client.get(path).status_code == 404

    @pytest.mark.parametrize("symbol", ["ETH", "btc", "%00", "NO-SUCH"])
    def test_an_asset_that_is_not_there_is_not_found(self, alice_client, savings, bought, symbol) -> None:
        AssetFactory(symbol="ETH")
        for path in (f"/explain/{symbol}/value/", f"/portfolios/{savings.pk}/assets/{symbol}/explain/value/"):
            assert alice_client.get(path).status_code == 404

    def test_a_purchase_has_no_gain_and_a_stranger_nothing(
        self, alice_client, charlie_client, savings, bought
    ) -> None:
        sold = record(savings, "sell", "0.5", "2024-12-01", unit_price="150")
        assert alice_client.get(f"/transactions/{bought.pk}/explain/gain/").status_code == 404
        assert alice_client.get(f"/transactions/{sold.pk}/explain/luck/").status_code == 404
        for path in (
            f"/transactions/{sold.pk}/explain/gain/",
            f"/portfolios/{savings.pk}/explain/value/",
            f"/portfolios/{savings.pk}/assets/BTC/explain/value/",
            "/explain/BTC/value/",
        ):
            assert charlie_client.get(path).status_code == 404
        assert "$0.00" in told(charlie_client, "/explain/value/").text

    def test_another_currency_than_the_own_or_the_readers_is_not_obeyed(
        self, alice_client, savings, bought
    ) -> None:
        page = told(alice_client, f"/portfolios/{savings.pk}/explain/value/?in=EUR")
        assert value_in(answer(page)) == "200"


@pytest.mark.parametrize("figure", ["value", "realised", "net_result", "day_change"])
def test_the_number_of_queries_does_not_grow(
    alice_client, savings, bought, figure, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    def asked() -> int:
        with django_assert_max_num_queries(32) as counted:
            told(alice_client, f"/portfolios/{savings.pk}/explain/{figure}/", **DIALOG)
        return len(counted)

    record(savings, "sell", "0.1", "2024-11-30", unit_price="150")
    few = asked()
    for number in range(3):
        SnapshotFactory(asset=AssetFactory(symbol=f"C{number}"), at=day("2024-12-01"), price=Decimal(5))
    for number in range(12):
        asset = AssetFactory(symbol=f"C{number % 3}")
        record(savings, "buy", "1", f"2024-12-01 10:{number:02}", unit_price="1", asset=asset)
        record(savings, "sell", "0.5", f"2024-12-02 10:{number:02}", unit_price="2", asset=asset)
    assert asked() <= few


def test_a_portfolio_in_another_currency_is_told_in_its_own(alice_client, alice) -> None:
    for at in ("2024-06-01", "2025-01-01"):
        SnapshotFactory(asset=FiatFactory(), at=day(at), price=Decimal("1.25"))
        SnapshotFactory(at=day(at), price=Decimal(200))
    mine = PortfolioFactory(owner=alice, currency="EUR")
    record(mine, "buy", "1", "2024-06-01", unit_price="100", currency="EUR")
    own = told(alice_client, f"/portfolios/{mine.pk}/assets/BTC/explain/value/")
    assert value_in(answer(own)) == "160"
    assert "$200.00 ÷ $1.25 a EUR (Shipped history, 1 Jan 2025 00:00 UTC)" in own.text
    asked = told(alice_client, f"/portfolios/{mine.pk}/assets/BTC/explain/value/?in=USD")
    assert value_in(answer(asked)) == "200"
