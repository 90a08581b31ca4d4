"""Performance in a period: cut out of the whole line, and told apart from a plain computation beside it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from pyxirr import xirr

from portfolios.models import Portfolio
from portfolios.selectors import bitcoin_instead, overviews, performance, returns
from portfolios.selectors.memory import forgetful
from tests.factories import NOW, AssetFactory, FiatFactory, PortfolioFactory, SnapshotFactory, day, record
from tests.portfolios.eventful import eventful

pytestmark = pytest.mark.django_db
PRICES = {0: 100, 10: 120, 31: 150, 40: 90, 60: 180, 91: 200, 120: 150, 200: 300, 365: 270}


def price_on(number: int) -> int:
    """Dollars for a bitcoin on a day of 2024, counted from 0: as it stands until the next change."""
    return PRICES[max(each for each in PRICES if each <= number)]


@pytest.fixture
def priced() -> None:
    for number in range(367):
        SnapshotFactory(at=day("2024-01-01") + timedelta(days=number), price=Decimal(price_on(number)))


@pytest.fixture
def portfolio(alice, priced) -> Portfolio:
    made = PortfolioFactory(owner=alice)
    record(made, "buy", "1", "2024-01-01 12:00", unit_price="100")
    record(made, "buy", "2", "2024-02-10 12:00", unit_price="90")  # day 40
    record(made, "sell", "1", "2024-04-01", unit_price="200")  # a midnight
    return made


def told(*portfolios: Portfolio, since: str | None, until: str, now: datetime = NOW, currency: str = "USD"):
    whole = overviews(portfolios, currency=currency, now=now)[0]
    return performance(
        portfolios,
        whole=whole,
        since=since and day(since),
        until=day(until),
        now=now,
        memory=forgetful(now),
    )


def number_of(at: datetime) -> int:
    return (at - datetime(2024, 1, 1, tzinfo=UTC)).days


@pytest.mark.parametrize(
    "since, until",
    [("2024-02-01", "2024-03-01"), ("2024-02-10", "2024-04-01"), ("2024-04-01", "2024-12-31"),
     ("2024-03-05", "2024-03-06"), ("2024-01-01", "2025-01-01")],
)  # fmt: skip
def test_trades_at_the_markets_price_earn_what_the_price_earns(portfolio, since, until) -> None:
    found = told(portfolio, since=since, until=until).returns
    first, last = price_on(number_of(day(since))), price_on(number_of(day(until)))
    assert found.twr == pytest.approx(last / first - 1)


def test_the_whole_is_what_the_returns_of_all_time_say(alice) -> None:
    portfolios = eventful(alice)
    for number in range(0, 1100, 5):  # so that every flow has a price
        at = day("2022-01-01") + timedelta(days=number)
        SnapshotFactory(asset=AssetFactory(), at=at + timedelta(hours=1), price=Decimal(20 + number % 17))
        SnapshotFactory(
            asset=AssetFactory(symbol="ETH"), at=at + timedelta(hours=1), price=Decimal(4 + number % 3)
        )
    value = overviews(portfolios, currency="USD", now=NOW)[0].value
    whole = returns(portfolios, currency="USD", value=value, now=NOW)
    found = told(*portfolios, since=None, until="2025-01-01").returns
    assert whole.twr is not None
    assert (found.twr, found.xirr, found.annualised) == (whole.twr, whole.xirr, whole.annualised)
    assert (found.max_drawdown, found.volatility) == (whole.max_drawdown, whole.volatility)
    assert found.twr_per_year == whole.twr_per_year


def test_the_money_weighted_rate_pays_in_what_was_there_and_pays_out_what_is_left(portfolio) -> None:
    found = told(portfolio, since="2024-02-01", until="2024-12-31").returns
    flows = {"2024-02-01": -150, "2024-02-10": -180, "2024-04-01": 200, "2024-12-31": 2 * 270}
    rate = xirr([(day(at).date(), float(flow)) for at, flow in flows.items()])
    assert (found.xirr, found.annualised) == (pytest.approx(rate), True)


@pytest.mark.parametrize(
    "since, until, flows",
    [
        ("2024-03-01", "2024-04-01", {"2024-03-01": -540, "2024-04-01": 200 + 2 * 200}),  # sold as it ends
        ("2024-04-01", "2024-05-01", {"2024-04-01": -400, "2024-05-01": 300}),  # sold as it begins
    ],
)
def test_what_happens_at_a_midnight_belongs_to_the_period_that_ends_there(
    portfolio, since, until, flows
) -> None:
    found = told(portfolio, since=since, until=until)
    rate = xirr([(day(at).date(), float(flow)) for at, flow in flows.items()])
    days = (day(until) - day(since)).days
    assert found.returns.xirr == pytest.approx((1 + rate) ** (days / 365) - 1)
    assert not found.returns.annualised
    assert found.bridge.start_value == -flows[since]
    assert found.bridge.start_value + sum(found.bridge.steps) == found.bridge.end_value


def test_months_are_the_growth_from_one_first_to_the_next(portfolio) -> None:
    (year,) = told(portfolio, since=None, until="2024-12-31", now=day("2024-12-31")).years
    firsts = [day(f"2024-{month:02}-01") for month in range(1, 13)] + [day("2024-12-31")]
    levels = [float(price_on(number_of(at))) for at in firsts]
    assert year.year == 2024
    assert year.months == pytest.approx([after / before - 1 for before, after in pairwise(levels)])
    assert year.whole == pytest.approx(levels[-1] / 100 - 1)


def test_months_chain_to_the_year_and_what_is_outside_is_not_told(alice, priced) -> None:
    made = PortfolioFactory(owner=alice)
    record(made, "buy", "1", "2024-03-15 12:00", unit_price="180")
    (year,) = told(made, since=None, until="2024-10-20", now=day("2024-10-20")).years
    assert [one is None for one in year.months] == [True] * 2 + [False] * 8 + [True] * 2
    chained = 1.0
    for one in year.months[2:10]:
        chained *= 1 + one
    assert year.whole == pytest.approx(chained - 1)


def test_where_no_price_is_known_there_is_a_gap_and_the_months_beside_it_are_unknown(alice) -> None:
    for number in [*range(60), *range(100, 150)]:  # nothing from 1 March to 9 April but a week's echo
        SnapshotFactory(at=day("2024-01-01") + timedelta(days=number), price=Decimal(100 + number))
    made = PortfolioFactory(owner=alice)
    record(made, "buy", "1", "2024-01-01 12:00", unit_price="100")
    found = told(made, since=None, until="2024-05-29", now=day("2024-05-29"))
    gap = [at for at, one in zip(found.grown.at, found.grown.level, strict=True) if one is None]
    assert (gap[0], gap[-1]) == (day("2024-03-08"), day("2024-04-09"))
    assert [one is None for one in found.years[0].months[:5]] == [False, False, True, True, False]
    assert found.grown.falls[found.grown.at.index(gap[0])] is None
    assert told(made, since="2024-03-20", until="2024-05-01", now=day("2024-05-29")).returns.twr is None


def test_it_falls_from_its_highest_so_far(portfolio) -> None:
    found = told(portfolio, since="2024-02-01", until="2024-12-31")
    prices = [price_on(number_of(at)) for at in found.grown.at]
    peaks = [max(prices[: place + 1]) for place in range(len(prices))]
    assert found.grown.falls == pytest.approx(
        [one / peak - 1 for one, peak in zip(prices, peaks, strict=True)]
    )
    assert min(found.grown.falls) == pytest.approx(found.returns.max_drawdown) == pytest.approx(90 / 150 - 1)


def test_bitcoin_instead_is_what_its_price_became_and_unknown_before_there_is_one(priced) -> None:
    moments = [day("2024-01-01"), day("2024-01-11"), day("2024-02-10")]
    assert bitcoin_instead("USD", moments) == pytest.approx((1.0, 1.2, 0.9))
    assert bitcoin_instead("BTC", moments) == (1.0, 1.0, 1.0)
    assert bitcoin_instead("USD", [day("2023-12-01"), *moments]) == (None,) * 4


@pytest.mark.parametrize("currency", ["USD", "EUR"])
@pytest.mark.parametrize("since, until", [(None, "2025-01-01"), ("2022-06-02", "2023-09-02")])
def test_what_each_asset_contributed_adds_up_to_the_result(alice, since, until, currency) -> None:
    found = told(*eventful(alice, "hifo"), since=since, until=until, currency=currency)
    assert len(found.contributions) == 2
    assert sum(one.result for one in found.contributions) == found.bridge.result
    assert sum(one.ratio for one in found.contributions) == pytest.approx(found.bridge.result_ratio)
    assert found.bridge.start_value + sum(found.bridge.steps) == found.bridge.end_value


def test_a_contribution_is_the_change_of_the_net_result(portfolio) -> None:
    (one,) = told(portfolio, since="2024-03-01", until="2024-12-31").contributions
    assert one.asset.symbol == "BTC"
    assert one.result == (200 - 180) + 2 * (270 - 180)


def test_what_was_closed_before_contributes_nothing(alice, portfolio) -> None:
    ether = AssetFactory(symbol="ETH")
    SnapshotFactory(asset=ether, at=day("2024-02-01"), price=Decimal(10))
    record(portfolio, "buy", "1", "2024-02-01 12:00", unit_price="10", asset=ether)
    record(portfolio, "sell", "1", "2024-02-02 12:00", unit_price="11", asset=ether)
    symbols = {
        since: [one.asset.symbol for one in told(portfolio, since=since, until="2024-12-31").contributions]
        for since in ("2024-02-01", "2024-03-01")
    }
    assert symbols == {"2024-02-01": ["BTC", "ETH"], "2024-03-01": ["BTC"]}


def test_without_a_price_at_an_end_the_whole_is_unknown_and_the_others_are_told(portfolio) -> None:
    coin = AssetFactory(symbol="XYZ")
    record(portfolio, "buy", "1", "2024-05-01", unit_price="10", asset=coin)
    found = told(portfolio, since="2024-03-01", until="2024-12-31")
    assert (found.bridge.result, found.bridge.missing) == (None, ("XYZ",))
    assert {one.asset.symbol: one.result is None for one in found.contributions} == {
        "BTC": False,
        "XYZ": True,
    }
    assert (found.returns.xirr, found.returns.twr) == (None, None)


def test_what_was_earned_before_a_coin_without_a_price_came_stays_told(portfolio) -> None:
    before = told(portfolio, since=None, until="2024-04-15")
    coin = AssetFactory(symbol="XYZ")
    record(portfolio, "buy", "1", "2024-05-01 12:00", unit_price="10", asset=coin)
    record(portfolio, "buy", "1", "2024-06-10 12:00", unit_price="200")
    after = told(portfolio, since=None, until="2024-04-15")
    assert (after.returns, after.grown, after.flows) == (before.returns, before.grown, before.flows)
    assert before.returns.twr is not None
    assert before.returns.xirr is not None
    whole = told(portfolio, since=None, until="2024-12-31")
    assert (whole.returns.twr, whole.returns.xirr) == (None, None)
    lacking = "No price of XYZ is known in the week before 10 Jun 2024 12:00 UTC."
    assert (str(whole.returns.twr_reason), whole.returns.twr_reason) == (lacking, whole.returns.xirr_reason)
    (year,) = whole.years
    assert [one is None for one in year.months] == [False] * 4 + [True] * 8
    assert year.whole is None


@pytest.mark.parametrize("until", ["2023-06-01", "2024-01-01"])
def test_before_the_first_transaction_there_is_nothing(portfolio, until) -> None:
    found = told(portfolio, since="2023-01-01", until=until)
    assert (found.since, found.returns.twr, found.grown.at) == (None, None, ())
    assert found.bridge.end_value == 0


def test_in_another_currency_its_rate_counts_too(portfolio) -> None:
    for number in range(367):
        at = day("2024-01-01") + timedelta(days=number)
        SnapshotFactory(asset=FiatFactory(), at=at, price=Decimal(1) if number < 200 else Decimal(2))
    found = told(portfolio, since="2024-05-01", until="2024-12-31", currency="EUR").returns
    assert found.twr == pytest.approx(270 / 2 / 150 - 1)


def test_one_flow_alone_earns_the_same_by_the_year_in_both_returns(alice, priced) -> None:
    """However late in the day it came: both count days by the calendar."""
    portfolio = PortfolioFactory(owner=alice)
    record(portfolio, "buy", "1", "2024-02-10 18:30", unit_price="90")
    found = told(portfolio, since=None, until="2024-12-31").returns
    assert found.twr_per_year == pytest.approx(found.xirr)
    assert found.twr_per_year == pytest.approx((270 / 90) ** (365 / 325) - 1)
