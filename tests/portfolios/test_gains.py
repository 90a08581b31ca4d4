"""Realised gains with their lots: year by year, to the last digit what the overview calls realised."""

from datetime import UTC, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from portfolios.models import Portfolio
from portfolios.selectors import gains, overviews, years_with_gains
from portfolios.services import change_cost_method
from tests.factories import NOW, AssetFactory, FiatFactory, PortfolioFactory, SnapshotFactory, day, record
from tests.portfolios.eventful import MOMENTS, eventful

pytestmark = pytest.mark.django_db
METHODS = ("average", "fifo", "lifo", "hifo")


@pytest.fixture
def portfolio(alice) -> Portfolio:
    return PortfolioFactory(owner=alice, cost_method="fifo")


def realised(*portfolios: Portfolio, currency: str = "USD", at=NOW, zone=UTC, **wanted):
    return gains(portfolios, currency=currency, at=at, zone=zone, **wanted)


def two_lots(portfolio: Portfolio) -> None:
    record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    record(portfolio, "buy", "1", "2024-02-01", unit_price="200")


def test_a_sale_names_the_lots_that_it_used(portfolio) -> None:
    two_lots(portfolio)
    sold = record(portfolio, "sell", "1.5", "2024-03-01 12:00", unit_price="300", fee="30")
    (year,) = realised(portfolio).years
    (gain,) = year.gains
    assert (gain.transaction, gain.leg, gain.kind, gain.asset.symbol) == (sold.pk, 0, "sell", "BTC")
    assert (gain.quantity, gain.proceeds, gain.cost, gain.gain) == (Decimal("1.5"), 420, 200, 220)
    assert [
        (
            lot.number,
            f"{lot.acquired_at:%m-%d}",
            lot.quantity,
            lot.cost,
            lot.proceeds,
            lot.gain,
            lot.days_held,
        )
        for lot in gain.lots
    ] == [
        (1, "01-01", 1, 100, 280, 180, 60),
        (2, "02-01", Decimal("0.5"), 100, 140, 40, 29),
    ]


def test_a_lot_names_the_transaction_that_acquired_it_wherever_it_has_been(alice, portfolio) -> None:
    bought = record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    other = PortfolioFactory(owner=alice)
    record(portfolio, "transfer", "1", "2024-02-01", to_portfolio=other)
    record(other, "sell", "1", "2024-03-01", unit_price="150")
    ((gain,),) = [year.gains for year in realised(portfolio, other).years]
    assert (gain.portfolio, gain.lots[0].origin, gain.lots[0].days_held) == (other.pk, bought.pk, 60)


def test_what_leaves_for_nothing_is_a_loss_of_its_cost_and_what_leaves_at_cost_is_no_gain(portfolio) -> None:
    two_lots(portfolio)
    record(portfolio, "gift", "0.5", "2024-03-01")
    record(portfolio, "withdrawal", "0.5", "2024-03-02")
    (year,) = realised(portfolio).years
    assert [(gain.kind, gain.proceeds, gain.cost, gain.gain) for gain in year.gains] == [("gift", 0, 50, -50)]


def test_years_are_those_of_the_time_zone(portfolio) -> None:
    two_lots(portfolio)
    record(portfolio, "sell", "1", "2024-12-31 23:30", unit_price="300")
    berlin = ZoneInfo("Europe/Berlin")
    assert [year.year for year in realised(portfolio).years] == [2024]
    assert [year.year for year in realised(portfolio, zone=berlin).years] == [2025]
    assert realised(portfolio, zone=berlin, year=2024).years == ()
    assert realised(portfolio, zone=berlin, year=2025).sums.gain == 200


@pytest.mark.parametrize("year", [-1, 0, 1, 9999, 10**9])
def test_a_year_of_no_calendar_has_no_gains(portfolio, year) -> None:
    two_lots(portfolio)
    record(portfolio, "sell", "1", "2024-03-01", unit_price="300")
    assert realised(portfolio, year=year, zone=ZoneInfo("Pacific/Auckland")).years == ()


@pytest.mark.parametrize("currency", ["USD", "EUR"])
@pytest.mark.parametrize("method", METHODS)
def test_the_years_and_the_assets_add_up_to_what_the_overview_calls_realised(alice, method, currency) -> None:
    portfolios = eventful(alice, method)
    together, each = overviews(portfolios, currency=currency, now=NOW)
    found = realised(*portfolios, currency=currency)
    assert found.sums.gain == together.realised
    assert sum(year.sums.gain for year in found.years) == together.realised
    assert {symbol: sums.gain for symbol, sums in found.by_asset.items()} == {
        holding.asset.symbol: holding.realised for holding in together.holdings
    }
    assert [year.year for year in found.years] == [2022, 2023, 2024]
    for year in found.years:
        assert realised(*portfolios, currency=currency, year=year.year).years == (year,)
        assert sum(sums.gain for sums in year.by_asset.values()) == year.sums.gain
        assert sum(lot.gain for gain in year.gains for lot in gain.lots) == year.sums.gain
    for portfolio in portfolios:
        assert realised(portfolio, currency=currency).sums.gain == each[portfolio.pk].realised


@pytest.mark.parametrize("moment", MOMENTS)
def test_what_happens_later_changes_no_gain_of_before(alice, moment) -> None:
    portfolios = eventful(alice, "hifo")
    whole, until = realised(*portfolios), realised(*portfolios, at=day(moment))
    told = [gain for year in whole.years for gain in year.gains if gain.disposed_at <= day(moment)]
    assert [gain for year in until.years for gain in year.gains] == told


@pytest.mark.parametrize("method", METHODS)
def test_stored_slices_and_a_new_booking_tell_the_same(alice, method) -> None:
    """A currency that is worth a dollar is booked anew, and must say what the stored rows say."""
    portfolios = eventful(alice, method)
    franc = FiatFactory(symbol="CHF")
    for days in range(0, 1200, 6):
        SnapshotFactory(asset=franc, at=day("2021-12-30") + timedelta(days=days), price=Decimal(1))
    stored, anew = realised(*portfolios), realised(*portfolios, currency="CHF")
    assert (stored.years, stored.by_asset) == (anew.years, anew.by_asset)
    ether = AssetFactory(symbol="ETH")
    assert (
        realised(*portfolios, asset=ether).years == realised(*portfolios, currency="CHF", asset=ether).years
    )


def test_without_an_exchange_rate_a_gain_is_unknown_and_named_and_left_out(portfolio) -> None:
    two_lots(portfolio)
    record(portfolio, "sell", "1", "2024-03-01", unit_price="300")
    FiatFactory()
    found = realised(portfolio, currency="EUR")
    (gain,) = found.years[0].gains
    assert (gain.quantity, gain.cost, gain.proceeds, gain.gain) == (1, None, None, None)
    assert (found.unrated, found.sums.count, found.sums.gain) == (("BTC",), 0, 0)


def test_the_queries_do_not_grow_with_the_disposals(portfolio, django_assert_num_queries) -> None:
    two_lots(portfolio)
    for number in range(1, 9):
        record(portfolio, "sell", "0.1", f"2024-03-0{number}", unit_price="300")
    with django_assert_num_queries(2):
        realised(portfolio)


@pytest.mark.parametrize("currency", ["USD", "EUR"])
@pytest.mark.parametrize("method", METHODS)
def test_what_if_is_what_the_books_would_say_after_a_switch(alice, method, currency) -> None:
    """Of one portfolio that another transferred to, and of both."""
    first, second = eventful(alice, "fifo")
    told = {
        "one": realised(second, currency=currency, method=method),
        "both": realised(first, second, currency=currency, method=method),
    }
    change_cost_method(portfolio=second, cost_method=method)
    assert told["one"].years == realised(second, currency=currency).years
    change_cost_method(portfolio=first, cost_method=method)
    assert told["both"].years == realised(first, second, currency=currency).years


def test_what_if_changes_nothing(portfolio) -> None:
    two_lots(portfolio)
    record(portfolio, "sell", "1", "2024-03-01", unit_price="300")
    assert [realised(portfolio, method=method).sums.gain for method in METHODS] == [150, 200, 100, 100]
    portfolio.refresh_from_db()
    assert (portfolio.cost_method, realised(portfolio).sums.gain) == ("fifo", 200)


def test_the_years_with_gains_are_those_of_the_time_zone(alice) -> None:
    portfolios = eventful(alice, "fifo")
    assert years_with_gains(portfolios, at=NOW, zone=UTC) == [2024, 2023, 2022]
    assert years_with_gains(portfolios, at=NOW, zone=ZoneInfo("Europe/Berlin")) == [2025, 2024, 2023, 2022]
    assert years_with_gains(portfolios, at=day("2023-12-31"), zone=UTC) == [2023, 2022]
    assert years_with_gains([], at=NOW, zone=UTC) == []
