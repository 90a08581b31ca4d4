"""The row of a transaction opens what its coins are worth now, what they cost, and how much more that is."""

import re
from decimal import Decimal
from html import unescape

import pytest

from portfolios.models import Transaction
from portfolios.selectors import UnknownFigure, figures_of
from portfolios.selectors.explain import explain_row
from prices.privacy import COOKIE
from tests.factories import NOW, AssetFactory, PortfolioFactory, SnapshotFactory, record
from tests.portfolios.entering import form
from tests.portfolios.test_pages_explain import DIALOG, EXACT, answer, links, told, value_in
from tests.portfolios.uneven import uneven

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]
OF_ROWS = {"value now", "net result"}
TERM = re.compile(r'<dt><a href="([^"]*)"[^>]*>.*?</dt><dd>(.*?)</dd>', re.DOTALL)


def of_rows(client, path: str) -> list[tuple[str, str, str]]:
    return [link for link in links(client, path) if "/transactions/" in link[0] and link[2] in OF_ROWS]


@pytest.mark.parametrize("method", ["average", "hifo"])
def test_every_figure_of_a_row_is_told_to_the_last_digit(alice, method) -> None:
    places = uneven(alice, method)
    rows = Transaction.objects.select_related("asset", "portfolio", "to_portfolio").prefetch_related(
        "bookings"
    )
    for here in (None, places[1], places[2]):
        mine = [row for row in rows if here is None or row.to_portfolio_id == here.pk]
        assert mine
        for one in figures_of(mine, now=NOW, here=here):
            row = one.transaction
            for figure in ("value_now", "net_result", "cost"):
                if figure != "value_now" and not row.is_acquisition:
                    with pytest.raises(UnknownFigure):
                        explain_row(row, figure, now=NOW, here=here)
                    continue
                explanation = explain_row(row, figure, now=NOW, here=here)
                assert explanation.result == getattr(one, figure), (row, figure)
                assert explanation.adds_up, (row, figure)
                assert explanation.terms


def test_what_rows_show_is_what_opens_and_so_are_its_terms(alice_client, alice) -> None:
    first, _, third = uneven(alice)
    for path in (
        f"/portfolios/{first.pk}/",
        f"/portfolios/{third.pk}/",
        f"/portfolios/{third.pk}/assets/BTC/",
        "/transactions/?size=50",
    ):
        found = of_rows(alice_client, path)
        assert {name for _, _, name in found} == OF_ROWS
        for href, shown, _ in found:
            page = told(alice_client, href, **DIALOG)
            assert value_in(answer(page)) == value_in(shown), href
            assert EXACT in page.text
            for term, value in TERM.findall(page.html):
                assert value_in(answer(told(alice_client, unescape(term), **DIALOG))) == value_in(value)


def test_it_says_the_price_and_the_fee(alice_client, savings, bought) -> None:
    page = told(alice_client, f"/transactions/{bought.pk}/explain/net_result/")
    assert "Net result Buy of Bitcoin, Savings · 1 Jan 2025 00:00 UTC +$99.00" in page.text
    assert "= value now − cost" in page.text
    assert "Prices behind it Bitcoin Shipped history, 1 Jan 2025 00:00 UTC" in page.text
    cost = told(alice_client, f"/transactions/{bought.pk}/explain/cost/")
    assert "= what was paid for the coins + fee What was paid for the coins $100.00 Fee $1.00" in cost.text
    assert f"/transactions/{bought.pk}/history/" in cost.html


def test_it_is_in_the_portfolios_currency_at_the_moment_of_the_page(alice_client, alice, bought) -> None:
    alice.unit = "sats"
    alice.save()
    found = of_rows(alice_client, f"/portfolios/{bought.portfolio_id}/?at=2024-07-01")
    for href, shown, _ in found:
        assert "at=2024-07-01" in href
        page = told(alice_client, href, **DIALOG)
        assert value_in(answer(page)) == value_in(shown)
        assert "$" in answer(page)
        assert all("at=2024-07-01" in term for term, _ in TERM.findall(page.html))
    assert not any("at=" in href for href, _, _ in of_rows(alice_client, "/transactions/?at=2024-07-01"))
    assert alice_client.get(f"/transactions/{bought.pk}/explain/value_now/?at=2024-05-01").status_code == 404


def test_without_a_price_it_says_why_there_is_none(alice_client, savings) -> None:
    row = record(savings, "buy", "5", "2024-06-01", unit_price="9", asset=AssetFactory(symbol="XYZ"))
    for figure in ("value_now", "net_result"):
        page = told(alice_client, f"/transactions/{row.pk}/explain/{figure}/")
        assert answer(page).strip() == "—"
        assert "XYZ is left out: no price is stored." in page.text


def test_what_has_no_such_figure_is_not_found_and_neither_is_anothers(
    alice_client, charlie_client, savings, bought
) -> None:
    sold = record(savings, "sell", "0.5", "2024-12-01", unit_price="150")
    for wrong in ("net_result/", "value_now/?leg=1", "luck/"):
        expected = 200 if wrong == "value_now/?leg=1" else 404  # it came nowhere: told as it left
        assert alice_client.get(f"/transactions/{sold.pk}/explain/{wrong}").status_code == expected
    for figure in ("value_now", "net_result", "cost"):
        assert alice_client.get(f"/transactions/{bought.pk}/explain/{figure}/").status_code == 200
        assert charlie_client.get(f"/transactions/{bought.pk}/explain/{figure}/").status_code == 404


def test_the_cost_of_what_was_sold_is_still_that_of_its_lots(alice_client, savings, bought) -> None:
    sold = record(savings, "sell", "0.5", "2024-12-01", unit_price="150")
    assert "Lot 1 $50.50" in told(alice_client, f"/transactions/{sold.pk}/explain/cost/").text


def test_a_fee_in_coins_is_part_of_its_cost_and_explained_by_itself(alice_client, alice) -> None:
    first = uneven(alice)[0]
    row = first.transactions.get(kind="buy", fee_asset__symbol="ETH")
    cost = told(alice_client, f"/transactions/{row.pk}/explain/cost/")
    assert "Fee in coins, at its value" in cost.text
    assert "Lot 1" in told(alice_client, f"/transactions/{row.pk}/explain/cost/?leg=2").text


def test_hidden_amounts_stay_on_the_server(alice_client, savings, bought) -> None:
    alice_client.cookies[COOKIE] = "1"
    for figure in ("value_now", "net_result", "cost"):
        html = told(alice_client, f"/transactions/{bought.pk}/explain/{figure}/", **DIALOG).html
        assert 'value="' not in re.sub(r"<(input|button)[^>]*>", "", html)
        assert "101" not in html


def test_a_quantity_is_no_money_and_a_price_keeps_its_digits(alice_client, alice) -> None:
    coin = AssetFactory(symbol="SHIB")
    SnapshotFactory(asset=coin, price=Decimal("0.00001234"))
    portfolio = PortfolioFactory(owner=alice)
    row = record(portfolio, "buy", "1000000", "2024-06-01", unit_price="0.00001", asset=coin)
    page = told(alice_client, f"/transactions/{row.pk}/explain/value_now/", **DIALOG)
    assert "Quantity 1,000,000 SHIB Latest price $0.00001234" in page.text


@pytest.mark.parametrize("figure", ["gain", "proceeds", "cost", "realised", "value_now"])
def test_nothing_is_told_of_what_had_not_happened_by_then(alice_client, half_sold, figure) -> None:
    sale = half_sold.transactions.get(kind="sell")
    path = f"/transactions/{sale.pk}/explain/{figure}/"
    assert alice_client.get(path).status_code == 200
    assert alice_client.get(f"{path}?at=2024-07-01").status_code == 404


def test_what_is_dated_a_minute_ahead_opens_too(alice_client, alice) -> None:
    SnapshotFactory()
    ahead = form(PortfolioFactory(owner=alice), occurred_at="2025-01-01T00:01")
    assert alice_client.post("/transactions/new/", ahead).status_code == 303
    found = of_rows(alice_client, "/transactions/")
    assert found
    assert {alice_client.get(href).status_code for href, _, _ in found} == {200}
