"""The page of performance: two returns, a period's bridge, months, drawdown, what each asset contributed."""

import json
import re
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.cache import cache
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from portfolios.models import Portfolio
from portfolios.selectors import bridge
from prices.privacy import COOKIE
from tests.factories import NOW, AssetFactory, PortfolioFactory, SnapshotFactory, day, record
from tests.portfolios.page import Page, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]


@pytest.fixture
def grown(alice) -> Portfolio:
    """A bitcoin from May on, whose price rises by a dollar a day, and another one in September."""
    for number in range(367):
        SnapshotFactory(at=day("2024-01-01") + timedelta(days=number), price=Decimal(100 + number))
    made = PortfolioFactory(owner=alice, name="Grown")
    record(made, "buy", "1", "2024-05-01", unit_price="221")
    record(made, "buy", "1", "2024-09-01 12:00", unit_price="344")
    record(made, "sell", "0.5", "2024-11-01 12:00", unit_price="405", fee="1")
    return made


def page_of(client, portfolio: Portfolio | None = None, query: str = "", **headers: str) -> Page:
    path = reverse("portfolio-performance", args=[portfolio.pk]) if portfolio else reverse("performance")
    return Page(client.get(path + query, headers=headers))


def series(page: Page, name: str) -> dict:
    return json.loads(re.search(rf'<script id="{name}"[^>]*>(.*?)</script>', page.html)[1])


def figure(page: Page, name: str) -> str:
    return words(re.search(rf'id="{name}">(.*?)<span class="vh">', page.html)[1])


def table(page: Page, name: str) -> str:
    return words(re.search(rf'<table class="[^"]*" id="{name}">(.*?)</table>', page.html, re.DOTALL)[1])


def test_both_returns_stand_side_by_side_and_are_told_apart(alice_client, grown) -> None:
    page = page_of(alice_client, grown)
    assert page.status == 200
    assert figure(page, "twr").startswith("+110.")  # 466 ÷ 221, less a fee of a dollar
    assert figure(page, "xirr") not in {"—", figure(page, "twr")}
    for said in (
        "What did your choice of coins earn?",
        "Time-weighted (TWR)",
        "Money-weighted (XIRR), a year",
    ):
        assert said in page.text


def test_the_bridge_is_that_of_the_period_to_the_last_digit(alice_client, grown) -> None:
    page = page_of(alice_client, grown, "?from=2024-06-01&to=2024-11-30")
    led = bridge([grown], currency="USD", since=day("2024-06-01"), until=day("2024-12-01"))
    shown = re.search(r'<table class="[^"]*" id="bridge">(.*?)</table>', page.html, re.DOTALL)[1]
    stated = [Decimal(value) for value in re.findall(r'<data class="amt" value="([^"]+)"', shown)]
    assert stated == [led.start_value, *led.steps, led.end_value]
    assert stated[0] + sum(stated[1:-1]) == stated[-1]
    assert "1 Jun 2024 to 30 Nov 2024" in page.text


@pytest.mark.parametrize(
    "query, days",
    [
        ("", "1 May 2024 to 31 Dec 2024"),
        ("?range=1M", "2 Dec 2024 to 31 Dec 2024"),
        ("?range=1Y", "1 May 2024 to 31 Dec 2024"),
        ("?range=nonsense", "1 May 2024 to 31 Dec 2024"),
        ("?from=2024-10-01", "1 Oct 2024 to 31 Dec 2024"),
        ("?to=2024-10-01", "1 May 2024 to 1 Oct 2024"),
        ("?range=1M&from=2024-10-01&to=2024-10-01", "1 Oct 2024 to 1 Oct 2024"),
    ],
)
def test_the_period_stands_in_the_address(alice_client, grown, query, days) -> None:
    assert days in page_of(alice_client, grown, query).text


def test_the_year_begins_with_its_first_day(alice_client, grown) -> None:
    with time_machine.travel(day("2024-12-20"), tick=False):
        record(grown, "buy", "1", "2023-12-01", unit_price="90", now=NOW)
        assert "1 Jan 2024 to 19 Dec 2024" in page_of(alice_client, grown, "?range=YTD").text


@pytest.mark.parametrize(
    "query, said",
    [
        ("?from=x", "Enter a day, for example 2024-01-31."),
        ("?to=2024-02-30", "Enter a day, for example 2024-01-31."),
        ("?from=\x00", "Enter a day, for example 2024-01-31."),
        ("?from=9999-12-31", "Enter a day between 3 January 2009 and today."),
        ("?to=0001-01-01", "Enter a day between 3 January 2009 and today."),
        ("?from=2024-06-02&to=2024-06-01", "Enter a day that is not before the first one."),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true", "HX-Target": "period"}])
def test_a_day_that_can_not_be_is_refused_in_words(alice_client, grown, query, said, headers) -> None:
    page = page_of(alice_client, grown, query, **headers)
    assert page.status == 422
    assert said in page.text
    assert 'aria-invalid="true"' in page.html
    assert ("<html" in page.html) is (not headers)


@pytest.mark.parametrize("query", ["?to=2024-04-01", "?from=2025-01-01", "?from=2024-12-31"])
def test_a_period_in_which_nothing_was_held_or_no_time_passed_breaks_nothing(
    alice_client, grown, query
) -> None:
    assert page_of(alice_client, grown, query).status == 200


def test_the_chart_is_beside_bitcoin_and_gaps_stay_gaps(alice_client, grown) -> None:
    grown_by = series(page_of(alice_client, grown), "growth-series")
    assert (grown_by["unit"], grown_by["public"]) == ("growth", True)
    assert len(grown_by["main"]) == len(grown_by["base"]) == 246  # each midnight from 1 May on
    assert grown_by["base"][-1][1] == pytest.approx(466 / 221, abs=1e-4)
    AssetFactory().snapshots.filter(at__gte=day("2024-06-01"), at__lt=day("2024-07-01")).delete()
    cache.clear()
    with_gap = series(page_of(alice_client, grown), "growth-series")
    unknown = [ms for ms, value in with_gap["main"] if value is None]
    assert unknown[0] == day("2024-06-08").timestamp() * 1000
    assert [ms for ms, value in with_gap["base"] if value is None] == unknown


def test_a_chart_has_at_most_four_hundred_points(alice_client, alice) -> None:
    for number in range(0, 1500, 5):
        SnapshotFactory(at=day("2021-01-01") + timedelta(days=number), price=Decimal(100 + number))
    made = PortfolioFactory(owner=alice)
    record(made, "buy", "1", "2021-01-02", unit_price="100")
    page = page_of(alice_client, made)
    for name in ("growth-series", "fall-series"):
        assert len(series(page, name)["main"]) == 400


def test_months_say_their_return_with_its_sign_and_the_unknown_is_a_dash(alice_client, grown) -> None:
    row = page_of(alice_client, grown).region("months")
    assert "2024 Jan — Feb — Mar — Apr — May +14.0% Jun +11.9%" in row
    assert re.search(
        r'<td class="r pos t2"><span class="only-s sub">May</span><a [^>]*>\+14.0%',
        page_of(alice_client).html,
    )


def test_what_each_asset_contributed_ends_with_the_whole(alice_client, grown) -> None:
    ether = AssetFactory(symbol="ETH")
    SnapshotFactory(asset=ether, at=day("2024-12-31"), price=Decimal(8))
    record(grown, "buy", "1", "2024-12-01", unit_price="10", asset=ether)
    text = table(page_of(alice_client, grown), "contribution")
    assert "Bitcoin +$335.50" in text
    assert "Ethereum −$2.00" in text
    assert text.index("Bitcoin") < text.index("Ethereum") < text.index("Result of the period +$333.50")


def test_without_a_price_the_bridge_says_what_is_missing_and_returns_say_why(alice_client, grown) -> None:
    record(grown, "buy", "1", "2024-06-01", unit_price="10", asset=AssetFactory(symbol="XYZ"))
    page = page_of(alice_client, grown)
    assert figure(page, "twr") == figure(page, "xirr") == "—"
    assert "A value at the start or at the end is unknown. No price of XYZ is known" in page.text


def test_hidden_amounts_leave_the_server_hidden_and_ratios_stay(alice_client, grown) -> None:
    alice_client.cookies[COOKIE] = "1"
    page = page_of(alice_client, grown)
    assert '<data class="amt"' not in page.html
    assert "•••••" in table(page, "bridge")
    assert "%" in table(page, "contribution")
    assert series(page, "growth-series")["main"][-1][1] > 2


def test_two_days_of_data_are_needed_and_it_says_when_they_are_there(alice_client, savings) -> None:
    assert "Nothing is recorded yet." in page_of(alice_client, savings).text
    record(savings, "buy", "1", "2024-12-31 06:00", unit_price="100")
    text = page_of(alice_client, savings).text
    assert "Performance needs 2 days of data It will be ready on 2 Jan 2025 at 06:00 UTC ." in text
    with time_machine.travel(day("2025-01-05"), tick=False):
        assert "No price is known since 1 Jan 2025" in page_of(alice_client, savings).text


def test_all_portfolios_together_have_the_same_page(alice_client, alice, grown) -> None:
    other = PortfolioFactory(owner=alice, name="Other")
    record(other, "buy", "3", "2024-07-01", unit_price="282")
    record(grown, "transfer", "0.5", "2024-08-01", to_portfolio=other)
    text = table(page_of(alice_client), "bridge")
    led = bridge([grown, other], currency="USD", since=day("2024-04-30"), until=NOW)
    assert f"Value at the end ${led.end_value:,.2f}" in text
    assert "All portfolios" in page_of(alice_client).text


def test_in_bitcoin_holding_bitcoin_earns_nothing(alice_client, alice, grown) -> None:
    alice.unit = "btc"
    alice.save()
    page = page_of(alice_client, grown, "?range=1M")
    assert "Measured in Bitcoin" in page.text
    assert {value for _, value in series(page, "growth-series")["base"]} == {1.0}


def test_htmx_gets_only_the_period(alice_client, grown) -> None:
    page = page_of(alice_client, grown, "?range=1M", **{"HX-Request": "true", "HX-Target": "period"})
    assert page.html.strip().startswith('<div class="regions" id="period"')
    assert "Monthly returns" not in page.text


def test_the_pages_of_a_portfolio_lead_to_each_other(alice_client, grown) -> None:
    for name in ("portfolio", "portfolio-performance", "portfolio-gains"):
        html = alice_client.get(reverse(name, args=[grown.pk])).content.decode()
        there = [reverse(each, args=[grown.pk]) for each in ("portfolio-performance", "portfolio-gains")]
        assert all(f'href="{path}"' in html for path in there)
        assert f'href="{reverse(name, args=[grown.pk])}" aria-current="page"' in html


@pytest.mark.parametrize("one", [True, False])
def test_queries_do_not_grow_with_transactions(
    alice_client, grown, django_assert_max_num_queries: DjangoAssertNumQueries, one
) -> None:
    alice_client.get("/accounts/settings/")  # the first visit of a session is noted
    counts = []
    for so_many in (3, 60):
        while grown.transactions.count() < so_many:
            record(grown, "buy", "0.1", "2024-12-05", unit_price="100")
        with django_assert_max_num_queries(45) as counted:
            page_of(alice_client, grown if one else None)
        counts.append(len(counted))
    assert counts[0] == counts[1]


def test_links_keep_what_else_the_address_says(alice_client, grown) -> None:
    page = page_of(alice_client, grown, "?at=2024-12-01&from=2024-06-01")
    assert 'href="?at=2024-12-01&amp;range=1M"' in page.html
    assert '<input type="hidden" name="at" value="2024-12-01">' in page.html
