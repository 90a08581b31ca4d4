"""Old prices, old exchange rates, and what can't be told: figures stay true, and say what they lack."""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from portfolios.models import Portfolio
from portfolios.selectors import overview, overviews, returns, value_history
from portfolios.selectors.history import POINTS, thinned
from tests.factories import NOW, AssetFactory, FiatFactory, PortfolioFactory, SnapshotFactory, day, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def portfolio(alice) -> Portfolio:
    return PortfolioFactory(owner=alice)


def seen(portfolio: Portfolio, currency: str = "USD", now=NOW):
    return overview(portfolio, currency=currency, now=now)


def history(portfolio: Portfolio, since=None, until=NOW, currency: str = "USD"):
    return value_history([portfolio], currency=currency, since=since, until=until)


def euro(at: str, price: str) -> None:
    SnapshotFactory(asset=FiatFactory(), at=day(at), price=Decimal(price))


def test_what_can_be_told_of_one_portfolio_is_told_of_all(alice, portfolio) -> None:
    """A rate that is unknown in one portfolio takes nothing from the others."""
    early = PortfolioFactory(owner=alice)
    euro("2024-06-01", "2")
    euro("2025-01-01", "2")
    SnapshotFactory(price=Decimal(300))
    record(early, "buy", "2", "2024-01-02", unit_price="100")
    record(portfolio, "buy", "1", "2024-06-02", unit_price="100")
    together, each = overviews([portfolio, early], currency="EUR", now=NOW)
    assert (together.value, together.cost_basis, together.unrealised) == (450, 50, 100)
    assert together.net_result == each[portfolio.pk].net_result
    assert together.prices.unrated == ("BTC",)


def test_an_old_price_is_converted_at_the_rate_of_its_own_day(portfolio) -> None:
    for at, rate in (("2024-05-31", "2"), ("2024-06-01", "2"), ("2024-12-31", "4")):
        euro(at, rate)
    SnapshotFactory(at=day("2024-05-31"), price=Decimal(100))
    SnapshotFactory(at=day("2024-06-01"), price=Decimal(110))
    record(portfolio, "buy", "1", "2024-05-31", unit_price="100")
    figures = seen(portfolio, "EUR")
    line = history(portfolio, until=day("2024-06-01"), currency="EUR")
    assert (figures.value, figures.day_change, line.value[-1]) == (55, 5, 55)


def test_an_old_exchange_rate_is_said_to_be_old(portfolio) -> None:
    euro("2024-06-01", "2")
    SnapshotFactory(price=Decimal(100))
    record(portfolio, "buy", "1", "2024-06-02", unit_price="100")
    figures = seen(portfolio, "EUR")
    assert (figures.value, figures.prices.rate_at) == (50, day("2024-06-01"))
    euro("2024-12-30", "2")
    assert seen(portfolio, "EUR").prices.rate_at is None


def test_what_happens_after_the_last_known_day_is_not_part_of_it(portfolio) -> None:
    SnapshotFactory(at=day("2024-06-01"), price=Decimal(50))
    SnapshotFactory(at=day("2024-06-02"), price=Decimal(60))
    record(portfolio, "buy", "1", "2024-01-01", unit_price="10")
    record(portfolio, "buy", "1", "2024-12-01", unit_price="33")
    figures = seen(portfolio)
    assert (figures.value, figures.day_change, figures.day_change_ratio) == (120, 10, Decimal("0.2"))


def test_a_price_that_lags_behind_the_others_is_named(portfolio) -> None:
    ether = AssetFactory(symbol="ETH")
    SnapshotFactory(price=Decimal(100))
    SnapshotFactory(asset=ether, at=day("2024-12-01"), price=Decimal(10))
    record(portfolio, "buy", "1", "2024-01-01", unit_price="10")
    record(portfolio, "buy", "1", "2024-01-01", unit_price="10", asset=ether)
    assert (seen(portfolio).prices.stale, seen(portfolio).prices.lagging) == (False, ("ETH",))


def test_sums_in_a_converted_currency_balance_to_the_last_digit(portfolio) -> None:
    euro("2024-01-01", "1.0837")
    euro("2025-01-01", "1.0837")
    SnapshotFactory(price=Decimal("93429.202"))
    record(portfolio, "buy", "0.123456789", "2024-01-02", unit_price="40000.01", fee="3.33")
    record(portfolio, "sell", "0.023456789", "2024-01-03", unit_price="41000.07", fee="1.11")
    figures = seen(portfolio, "EUR")
    assert figures.net_result == figures.value + figures.money_out - figures.money_in


def test_a_coin_that_never_had_a_price_is_left_out_of_both_lines(portfolio) -> None:
    SnapshotFactory(at=day("2024-12-01"), price=Decimal(100))
    record(portfolio, "buy", "1", "2024-12-01", unit_price="100")
    record(portfolio, "buy", "5", "2024-12-01", unit_price="7", asset=AssetFactory(symbol="XYZ"))
    line = history(portfolio, until=day("2024-12-03"))
    assert (line.value[-1], line.net_money_in[-1]) == (100, 100)


def test_without_any_price_there_is_no_line_rather_than_one_at_nothing(portfolio) -> None:
    record(portfolio, "buy", "1", "2024-12-01", unit_price="100")
    assert set(history(portfolio, until=day("2024-12-03")).value) == {None}


def test_a_price_that_is_only_older_than_the_span_makes_a_gap(portfolio) -> None:
    SnapshotFactory(at=day("2024-11-01"), price=Decimal(100))
    record(portfolio, "buy", "1", "2024-11-01", unit_price="100")
    assert set(history(portfolio, since=day("2024-12-28")).value) == {None}


def test_money_that_can_not_be_converted_is_no_line(portfolio) -> None:
    euro("2024-12-20", "2")
    SnapshotFactory(at=day("2024-12-20"), price=Decimal(100))
    record(portfolio, "buy", "1", "2024-12-01", unit_price="100")
    line = history(portfolio, until=day("2024-12-21"), currency="EUR")
    assert (line.value[-1], line.net_money_in[-1]) == (50, None)
    earned = returns([portfolio], currency="EUR", value=Decimal(50), now=day("2024-12-21"))
    assert (earned.twr, earned.xirr) == (None, None)


def test_of_a_long_stretch_the_first_of_each_month_is_kept() -> None:
    moments = [day("2019-01-05") + timedelta(days=number) for number in range(2_000)]
    kept = thinned(moments)
    assert len(kept) <= POINTS
    assert (kept[0], kept[-1]) == (moments[0], moments[-1])
    assert [at for at in moments if at.day == 1] == [at for at in kept if at.day == 1]
    assert max(after - before for before, after in pairwise(kept)) <= timedelta(days=10)
    assert kept == sorted(set(kept))
