"""Sums of the page of gains open how they came about: by asset, year or month, and disposal by disposal."""

import re
from datetime import UTC
from decimal import Decimal
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from portfolios.models import Portfolio
from portfolios.selectors import gains
from portfolios.selectors.anew import is_what_if
from portfolios.selectors.explain import GAIN_FIGURES, explain_gains
from prices.models import PriceSnapshot
from prices.privacy import COOKIE
from tests.factories import NOW, AssetFactory, FiatFactory, PortfolioFactory, record
from tests.portfolios.test_pages_explain import DIALOG, EXACT, answer, links, told, value_in
from tests.portfolios.uneven import uneven

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]
BERLIN = ZoneInfo("Europe/Berlin")
TERM = re.compile(r'<dt><a href="([^"]*)"[^>]*>.*?</dt><dd>(.*?)</dd>', re.DOTALL)


def realised(client, path: str) -> list[tuple[str, str, str]]:
    """The sums of a page of gains, where each opens."""
    return [link for link in links(client, path) if "/gains/explain/" in link[0]]


@pytest.mark.parametrize("method", ["average", "hifo"])
@pytest.mark.parametrize("currency", ["USD", "EUR"])
def test_every_sum_is_that_of_its_parts_and_of_its_rows_to_the_last_digit(alice, currency, method) -> None:
    whole = uneven(alice, method)
    for portfolios in (whole, *((each,) for each in whole)):
        for year in (None, 2023, 2024):
            for asset in (None, AssetFactory(), AssetFactory(symbol="ETH")):
                for asked in ("", "lifo"):
                    found = gains(
                        portfolios,
                        currency=currency,
                        at=NOW,
                        zone=BERLIN,
                        year=year,
                        asset=asset,
                        method=asked,
                    )
                    for figure in GAIN_FIGURES:
                        one = explain_gains(found, figure, zone=BERLIN, what_if=is_what_if(whole, asked))
                        assert one.result == getattr(found.sums, figure)
                        assert one.adds_up
                        assert sum((row.adds for row in one.rows.rows), Decimal(0)) == one.result
                        assert one.combine(*(term.value for term in one.terms)) == one.result


def test_the_shown_sum_is_told_by_asset_and_each_of_them_in_turn(alice_client, alice) -> None:
    uneven(alice)
    found = realised(alice_client, "/gains/?year=2024")
    assert len(found) == 3 + 2 * 3  # the tiles, and the figures of both coins
    for href, shown, _ in found:
        assert "year=2024" in href
        page = told(alice_client, href, **DIALOG)
        assert value_in(answer(page)) == value_in(shown)
        assert EXACT in page.text
        for term, value in TERM.findall(page.html):
            assert value_in(answer(told(alice_client, unescape(term), **DIALOG))) == value_in(value)
    whole = told(alice_client, "/gains/explain/proceeds/?year=2024")
    assert "Proceeds All portfolios, realised in 2024 · 1 Jan 2025 00:00 UTC" in whole.text
    assert 'href="/gains/explain/proceeds/?year=2024&amp;asset=ETH"' in whole.html
    assert '<a href="/gains/?year=2024">Gains</a>' in whole.html


def test_disposals_open_by_the_same_figure_in_the_same_currency(alice_client, alice) -> None:
    uneven(alice)
    page = told(alice_client, "/gains/explain/cost/?year=2024", **DIALOG)
    opened = re.findall(
        r'<td class="r"><a href="(/transactions/[^"]*)"[^>]*>(.*?)<span class="vh">', page.html, re.DOTALL
    )
    assert len(opened) > 4
    for href, shown in opened:
        assert "/explain/cost/" in href
        one = told(alice_client, unescape(href), **DIALOG)
        assert value_in(answer(one)) == value_in(shown)


def test_all_years_are_told_by_year_and_one_year_by_month(alice_client, alice) -> None:
    first = uneven(alice)[0]
    path = reverse("portfolio-gains-explain", args=[first.pk, "proceeds"])
    years = told(alice_client, f"{path}?year=all&asset=BTC")
    assert "Bitcoin, First, realised in all years" in years.text
    assert f"{path}?year=2023&amp;asset=BTC" in years.html
    assert "December $30.00" in told(alice_client, f"{path}?year=2024&asset=BTC").text


def test_what_if_by_another_method_stays_so_and_its_disposals_do_not_open(alice_client, alice) -> None:
    uneven(alice, "fifo")
    found = realised(alice_client, "/gains/?year=all&method=hifo")
    assert len([href for href, _, _ in found if "method=hifo" in href]) == len(found) - 1
    (books,) = [(href, shown) for href, shown, _ in found if "method" not in href]
    assert value_in(answer(told(alice_client, books[0]))) == value_in(books[1])
    page = told(alice_client, "/gains/explain/gain/?year=all&method=hifo")
    assert "what if: highest cost first" in page.text.lower()
    assert "/transactions/" in page.html
    assert "/explain/gain/?leg" not in page.html


def test_the_moment_and_the_unit_are_kept_and_hidden_amounts_stay_hidden(alice_client, alice) -> None:
    uneven(alice)
    alice.unit = "sats"
    alice.save()
    for href, shown, _ in realised(alice_client, "/gains/?year=2023&at=2023-07-01"):
        assert "at=2023-07-01" in href
        page = told(alice_client, href, **DIALOG)
        assert value_in(answer(page)) == value_in(shown)
        assert "sats" in answer(page)
    alice_client.cookies[COOKIE] = "1"
    html = told(alice_client, "/gains/explain/gain/?year=2023").html
    assert 'value="' not in re.sub(r"<(input|button)[^>]*>", "", html)


def test_what_has_no_rate_is_left_out_and_named(alice_client, alice) -> None:
    FiatFactory()
    mine = PortfolioFactory(owner=alice, name="Mine", currency="EUR")
    for kind, day in (("buy", "2024-01-01"), ("sell", "2024-02-01")):
        record(mine, kind, "1", day, unit_price="5", currency="EUR")
    PriceSnapshot.objects.all().delete()
    page = told(alice_client, "/gains/explain/gain/?year=2024")
    assert "Bitcoin is left out: an exchange rate in its history is unknown." in page.text
    assert answer(page).strip() == "—"
    assert EXACT not in page.text
    assert [shown for _, shown, _ in realised(alice_client, "/gains/?year=2024")] == ["—"] * 3
    assert value_in(answer(told(alice_client, f"/portfolios/{mine.pk}/gains/explain/proceeds/"))) == "5"
    other = PortfolioFactory(owner=alice, name="Other")
    for kind, day in (("buy", "2024-01-01"), ("sell", "2024-02-01")):
        record(other, kind, "1", day, unit_price="5")
    page = told(alice_client, "/gains/explain/gain/?year=2024")
    assert "Without 1 of 2 disposals of Bitcoin: an exchange rate in its history is unknown." in page.text
    assert "The sums leave out 1 disposal of BTC" in told(alice_client, "/gains/?year=2024").text


@pytest.mark.parametrize(
    "wrong",
    ["luck/", "gain/?year=x", "gain/?asset=NO", "gain/?method=luck", "gain/?year=2024%00", "realised/"],
)
def test_what_there_is_not_is_not_found(alice_client, alice, wrong) -> None:
    first = uneven(alice)[0]
    assert alice_client.get(f"/gains/explain/{wrong}").status_code == 404
    assert alice_client.get(f"/portfolios/{first.pk}/gains/explain/{wrong}").status_code == 404


def test_a_stranger_sees_neither_sums_nor_rows(alice, charlie_client) -> None:
    first = uneven(alice)[0]
    assert charlie_client.get(f"/portfolios/{first.pk}/gains/explain/gain/").status_code == 404
    assert value_in(answer(told(charlie_client, "/gains/explain/gain/"))) == "0"


def test_rows_come_by_pages(alice_client, alice) -> None:
    mine = PortfolioFactory(owner=alice)
    record(mine, "buy", "10", "2024-01-01", unit_price="1")
    for minute in range(25):
        record(mine, "sell", "0.1", f"2024-0{1 + minute % 3}-02 10:{minute:02}", unit_price="3")
    found = gains([mine], currency="USD", at=NOW, zone=UTC)
    one = explain_gains(found, "proceeds", zone=UTC, offset=20, limit=20)
    assert (len(one.rows.rows), one.rows.count, one.adds_up) == (5, 25, True)
    assert [term.name for term in one.terms] == ["January", "February", "March"]
    assert "21–25 of 25" in told(alice_client, f"/portfolios/{mine.pk}/gains/explain/gain/?rows=2").text


def test_portfolios_of_another_cost_method_are_no_obstacle(alice_client, alice) -> None:
    Portfolio.objects.filter(pk=uneven(alice)[1].pk).update(cost_method="lifo")
    assert alice_client.get("/gains/explain/gain/?method=fifo").status_code == 200
