"""Figures at any moment: what happened until then, at the prices of then."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from portfolios.models import Portfolio
from portfolios.selectors import overview, overviews, returns, value_history
from tests.factories import NOW, AssetFactory, FiatFactory, PortfolioFactory, SnapshotFactory, day, record

pytestmark = pytest.mark.django_db

MOMENTS = ["2024-01-01", "2024-01-01 12:00", "2024-01-02", "2024-01-03 08:00", "2024-01-05", "2024-02-01"]


@pytest.fixture
def priced() -> None:
    """Bitcoin at 100 on New Year's Day, ten more on each day after; ether at 10; a dollar at 0.8 euro."""
    for number in range(40):
        at = day("2024-01-01") + timedelta(days=number)
        SnapshotFactory(at=at, price=Decimal(100 + 10 * number))
        SnapshotFactory(at=at, price=Decimal(10), asset=AssetFactory(symbol="ETH"))
        SnapshotFactory(at=at, price=Decimal("1.25"), asset=FiatFactory(symbol="EUR"))


STORY = (
    ("2024-01-01 06:00", "buy", "2", {"unit_price": "100", "fee": "4"}),
    ("2024-01-01 12:00", "sell", "0.5", {"unit_price": "104"}),
    ("2024-01-03 07:59", "income", "1", {"unit_price": "120"}),
    ("2024-01-03 08:00", "swap", "1", {"unit_price": "120", "to": "ETH", "to_quantity": "12"}),
    ("2024-01-04 23:59", "withdrawal", "0.25", {}),
    ("2024-01-20", "gift", "0.25", {}),
)


def tell(portfolio: Portfolio, until: datetime = NOW) -> Portfolio:
    for at, kind, quantity, said in STORY:
        stated = dict(said)
        if "to" in stated:
            stated["to_asset"] = AssetFactory(symbol=stated.pop("to"))
        if day(at) <= until:
            record(portfolio, kind, quantity, at, **stated)
    return portfolio


@pytest.mark.parametrize("currency", ["USD", "EUR"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_figures_at_a_moment_are_those_of_a_history_that_ends_there(alice, priced, moment, currency) -> None:
    whole = tell(PortfolioFactory(owner=alice))
    ended = tell(PortfolioFactory(owner=alice), until=day(moment))
    assert overview(whole, currency=currency, now=day(moment)) == overview(
        ended, currency=currency, now=day(moment)
    )


def test_what_is_dated_ahead_does_not_count_yet(alice, priced) -> None:
    portfolio = tell(PortfolioFactory(owner=alice))
    before = overview(portfolio, currency="USD", now=NOW)
    record(portfolio, "buy", "5", "2025-01-01 20:00", unit_price="100", now=NOW)
    assert overview(portfolio, currency="USD", now=NOW) == before
    assert returns([portfolio], currency="USD", value=before.value, now=NOW).twr is not None
    assert overview(portfolio, currency="USD", now=NOW + timedelta(days=1)).money_in > before.money_in


@pytest.mark.parametrize("currency", ["USD", "EUR"])
@pytest.mark.parametrize("span", [timedelta(days=3), timedelta(days=30)])
def test_every_point_of_a_line_is_the_value_at_that_moment(alice, priced, span, currency) -> None:
    portfolios = [tell(PortfolioFactory(owner=alice)), tell(PortfolioFactory(owner=alice, currency="EUR"))]
    until = day("2024-01-31 18:00")
    for since in (None, until - span, day("2024-01-03 08:30")):
        end = min(until, (since or until) + span)
        line = value_history(portfolios, currency=currency, since=since, until=end)
        assert len(line.at) > 3
        for at, value, money in zip(line.at, line.value, line.net_money_in, strict=True):
            then = overviews(portfolios, currency=currency, now=at)[0]
            assert value == pytest.approx(float(then.value)), at
            assert money == pytest.approx(float(then.net_money_in)), at


def test_growth_is_told_by_the_day_and_what_it_swung(alice, priced) -> None:
    """Bought at 100; 110, 120, 130 on the days after."""
    portfolio = PortfolioFactory(owner=alice)
    record(portfolio, "buy", "1", "2024-01-01 06:00", unit_price="100")
    record(portfolio, "buy", "3", "2024-01-02 06:00", unit_price="110")
    seen = returns([portfolio], currency="USD", value=Decimal(520), now=day("2024-01-04"))
    assert [one for _, one in seen.growth] == pytest.approx([1.1, 1.2, 1.3])
    assert seen.twr == pytest.approx(0.3)
    assert seen.max_drawdown == 0
    daily = [0.1, 1.2 / 1.1 - 1, 1.3 / 1.2 - 1]
    mean = sum(daily) / 3
    assert seen.volatility == pytest.approx((sum((one - mean) ** 2 for one in daily) / 2 * 365) ** 0.5)
    assert seen.twr_per_year is None


def test_a_fall_from_the_peak_is_the_drawdown_and_a_withdrawal_is_none(alice) -> None:
    for number, price in enumerate([100, 200, 150, 300, 240]):
        SnapshotFactory(at=day(f"2024-01-{number + 1:02}"), price=Decimal(price))
    portfolio = PortfolioFactory(owner=alice)
    record(portfolio, "buy", "2", "2024-01-01", unit_price="100")
    record(portfolio, "withdrawal", "1", "2024-01-02 12:00")
    seen = returns([portfolio], currency="USD", value=Decimal(240), now=day("2024-01-05"))
    assert seen.max_drawdown == pytest.approx(-0.25)
    assert seen.twr == pytest.approx(1.4)


def test_a_whole_year_is_told_by_the_year(alice) -> None:
    SnapshotFactory(at=day("2023-12-31"), price=Decimal(121))
    portfolio = PortfolioFactory(owner=alice)
    record(portfolio, "buy", "1", "2021-12-31", unit_price="100")
    seen = returns([portfolio], currency="USD", value=Decimal(121), now=day("2023-12-31"))
    assert seen.twr == pytest.approx(0.21)
    assert seen.twr_per_year == pytest.approx(0.1)


def test_the_fee_of_a_transfer_is_worth_what_the_market_says_when_returns_are_measured(alice) -> None:
    """It leaves at its cost; that cost is no price of the coins that stay."""
    portfolio, other = PortfolioFactory(owner=alice), PortfolioFactory(owner=alice)
    for at, price in (("2024-01-01", "100"), ("2024-02-01", "200"), ("2024-03-01", "200")):
        SnapshotFactory(at=day(at), price=Decimal(price))
    record(portfolio, "buy", "2", "2024-01-01", unit_price="100")
    record(portfolio, "transfer", "1", "2024-02-01", to_portfolio=other, fee="0.1", fee_asset=AssetFactory())
    value = overview(portfolio, currency="USD", now=day("2024-03-01")).value
    found = returns([portfolio], currency="USD", value=value, now=day("2024-03-01"))
    assert found.twr == pytest.approx((180 + 200) / 200 - 1)  # 400, of which a fee of 20 is lost
