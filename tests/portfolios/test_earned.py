"""Figures of a period open how they came about: the same figure, and parts that make it."""

import re
from datetime import timedelta
from decimal import Decimal
from math import prod

import pytest
from django.urls import reverse

from portfolios.models import Portfolio
from portfolios.selectors import explain_earned, overviews, performance
from portfolios.selectors.explain import EARNED_FIGURES, Earned
from prices.models import Asset
from tests.factories import NOW, AssetFactory, PortfolioFactory, SnapshotFactory, day, record
from tests.portfolios.eventful import eventful
from tests.portfolios.page import words
from tests.portfolios.test_pages_explain import DIALOG, answer, links, told, value_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]
DIGITS = re.compile(r"\d[\d,.]*")
ONE_DAY = "?from=2024-09-01&to=2024-09-01"


@pytest.fixture
def grown(alice) -> Portfolio:
    """A bitcoin from May on, whose price swings, another one in September, and half of one sold later."""
    for number in range(367):
        price = Decimal(100 + number + 30 * (number // 20 % 2))
        SnapshotFactory(at=day("2024-01-01") + timedelta(days=number), price=price)
    made = PortfolioFactory(owner=alice, name="Grown")
    record(made, "buy", "1", "2024-05-01", unit_price="221", fee="2")
    record(made, "buy", "1", "2024-09-01 12:00", unit_price="344", fee="1")
    record(made, "sell", "0.5", "2024-11-01 12:00", unit_price="405", fee="1")
    return made


def explained(
    portfolio: Portfolio, figure: str, since=None, until="2025-01-01", asset: Asset | None = None
) -> Earned:
    whole = overviews([portfolio], currency="USD", now=NOW)[0]
    since = since and day(since)
    found = performance([portfolio], whole=whole, since=since, until=day(until), now=NOW)
    return explain_earned(found, figure, [portfolio], asset)


def cells(found: Earned, place: int) -> list[float]:
    return [line.cells[place][0] for line in found.lines]


@pytest.mark.parametrize(
    "since, until", [(None, "2025-01-01"), ("2024-06-11", "2024-11-05"), ("2024-11-01", "2024-11-08")]
)
def test_its_months_or_days_chain_to_the_time_weighted_return(grown, since, until) -> None:
    found = explained(grown, "twr", since, until)
    assert prod(1 + one for one in cells(found, 0)) - 1 == pytest.approx(found.result)
    assert cells(found, 1)[-1] - 1 == pytest.approx(found.result)


@pytest.mark.parametrize("on", ["2024-05-01", "2024-09-01", "2024-11-01", "2024-12-01"])
def test_a_day_is_told_from_flow_to_flow(grown, on) -> None:
    until = f"{day(on) + timedelta(days=1):%Y-%m-%d}"
    found = explained(grown, "twr", on, until)
    assert cells(found, 3)[-1] - 1 == pytest.approx(found.result)
    assert sum(cells(found, 1)) == {"2024-05-01": 223.0, "2024-09-01": 345.0}.get(on, 0.0)
    assert sum(cells(found, 2)) == {"2024-11-01": 201.5}.get(on, 0.0)


def test_what_is_booked_at_a_midnight_belongs_to_the_day_that_it_begins(alice) -> None:
    """As in the return itself, whatever a trade's own price is beside the market's of that instant."""
    both = eventful(alice)
    for portfolio, on in [(both[0], "2022-01-01"), (both[0], "2022-06-01"), (both[1], "2024-03-01")]:
        found = explained(portfolio, "twr", on, f"{day(on) + timedelta(days=1):%Y-%m-%d}")
        assert cells(found, 3)[-1] - 1 == pytest.approx(found.result)


@pytest.mark.parametrize("since, until", [(None, "2025-01-01"), ("2024-11-20", "2024-12-20")])
def test_by_the_money_weighted_rate_all_flows_are_worth_nothing_together(grown, since, until) -> None:
    found = explained(grown, "xirr", since, until)
    assert sum(cells(found, 1)) == pytest.approx(0, abs=1e-6)
    assert found.lines[0].cells[0] == found.lines[0].cells[1]
    is_short = since is not None
    assert len(found.parts) == (2 if is_short else 0)
    if is_short:
        assert (1 + found.parts[0].value) ** (30 / 365) - 1 == pytest.approx(found.result)


def test_the_deepest_fall_names_its_days(grown) -> None:
    found = explained(grown, "max_drawdown")
    low, high = found.parts
    assert low.value / high.value - 1 == pytest.approx(found.result)
    assert high.at < low.at


def test_the_volatility_is_made_of_the_daily_returns(grown) -> None:
    found = explained(grown, "volatility")
    count, mean, deviation, root = (part.value for part in found.parts)
    swings = cells(found, 0)
    assert (count, sum(swings) / count) == (len(swings), pytest.approx(mean))
    assert deviation * root == pytest.approx(found.result)


@pytest.mark.parametrize("figure", [each for each in EARNED_FIGURES if each.startswith("period_")])
@pytest.mark.parametrize("since", [None, "2024-06-11"])
def test_its_ends_make_what_led_from_one_to_the_other(grown, figure, since) -> None:
    found = explained(grown, figure, since, "2024-11-05")
    values = [part.value for part in found.parts]
    made = {
        "period_start": lambda start: start,
        "period_end": lambda end: end,
        "period_fees": lambda end, start: start - end,
        "period_result": lambda end, start, flows: end - start - flows,
        "period_result_ratio": lambda result, base: result / base,
        "period_realised": lambda end, start, fees: end - start + fees,
        "period_unrealised": lambda end, start, fees: end - start + fees,
    }.get(figure, lambda end, start: end - start)
    assert made(*values) == found.result


def test_of_what_is_unknown_it_says_why(grown, alice) -> None:
    record(grown, "buy", "1", "2024-06-01", unit_price="10", asset=AssetFactory(symbol="XYZ"))
    for figure in EARNED_FIGURES:
        if figure not in {"instead", "contribution", "period_start"}:
            found = explained(grown, figure)
            assert (found.result, bool(found.reason)) == (None, True), figure
    contributed = explained(grown, "contribution", asset=AssetFactory(symbol="XYZ"))
    assert contributed.result is None


def test_of_what_is_unknown_no_part_is_told_for_the_whole(grown) -> None:
    """A coin without any price came and went: the flows that are known make another return."""
    coin = AssetFactory(symbol="XYZ")
    record(grown, "deposit", "1", "2024-09-01 13:00", cost="10", asset=coin)
    record(grown, "withdrawal", "1", "2024-09-01 14:00", asset=coin)
    for found in (explained(grown, "xirr"), explained(grown, "twr", "2024-09-01", "2024-09-02")):
        assert (found.result, found.parts, found.lines) == (None, (), ())
        assert found.reason
    assert explained(grown, "volatility").reason == explained(grown, "twr").reason


@pytest.mark.parametrize(("about", "query"), [("one", ""), ("all", "?range=1M"), ("one", ONE_DAY)])
def test_every_figure_of_the_page_is_explained_by_the_same(alice_client, grown, about, query) -> None:
    path = reverse("portfolio-performance", args=[grown.pk]) if about == "one" else reverse("performance")
    found = links(alice_client, path + query)
    names = {name for _, _, name in found}
    assert {
        "money-weighted return (XIRR)",
        "max drawdown",
        "volatility",
        "contribution to the period",
    } <= names
    for href, shown, _ in found:
        page = told(alice_client, href, **DIALOG)
        assert _agree(words(shown), words(answer(page))), (href, words(shown), words(answer(page)))
        parts = re.findall(r'<dt><a href="([^"]*)"[^>]*>.*?</dt><dd>(.*?)</dd>', page.html, re.DOTALL)
        for deeper, value in parts:
            below = told(alice_client, deeper.replace("&amp;", "&"), **DIALOG)
            assert value_in(answer(below)) == value_in(value), deeper


def _agree(shown: str, said: str) -> bool:
    """A page may show fewer places than the explanation."""
    one, other = (
        float(found[0].replace(",", "")) if (found := DIGITS.search(text)) else None for text in (shown, said)
    )
    return one == other or (None not in (one, other) and abs(one - other) <= 0.051)


def test_the_returns_of_the_dashboard_and_a_portfolio_lead_there(alice_client, alice) -> None:
    first = eventful(alice)[0]
    for path in ("/?range=1W", f"/portfolios/{first.pk}/?range=1W"):
        found = [each for each in links(alice_client, path) if "XIRR" in each[2]]
        href, shown, _ = found[0]
        assert "range" not in href  # they are of all time, whatever the chart shows
        assert _agree(words(shown), words(answer(told(alice_client, href))))


@pytest.mark.parametrize(
    "path", ["/explain/contribution/", "/explain/BTC/twr/", "/explain/XYZ/contribution/"]
)
def test_what_is_no_figure_is_not_found(alice_client, grown, path) -> None:
    assert alice_client.get(path).status_code == 404


@pytest.mark.parametrize("query", ["?from=x&rows=\\x00", "?rows=99999", "?from=2024-12-31&at=2024-06-01"])
def test_whatever_its_address_says_it_breaks_nothing(alice_client, grown, query) -> None:
    for figure in EARNED_FIGURES:
        for about in ("", "BTC/"):
            answered = alice_client.get(f"/explain/{about}{figure}/{query}").status_code
            assert answered == (200 if (figure == "contribution") == bool(about) else 404)
