"""Lots at a moment: what was open of them then, at what cost; as if the history had ended there."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from portfolios.ledger import Position, total
from portfolios.models import Portfolio
from portfolios.selectors import lots, overviews
from portfolios.selectors.entries import booked_in, rated, rows_of
from tests.factories import NOW, AssetFactory, FiatFactory, PortfolioFactory, SnapshotFactory, day, record
from tests.portfolios.eventful import MOMENTS, eventful

pytestmark = pytest.mark.django_db
METHODS = ("average", "fifo", "lifo", "hifo")


@pytest.fixture
def portfolio(alice) -> Portfolio:
    made = PortfolioFactory(owner=alice, cost_method="fifo")
    record(made, "buy", "1", "2024-01-01", unit_price="100")
    record(made, "buy", "2", "2024-02-01", unit_price="200")
    return made


def of(*portfolios: Portfolio, at: datetime = NOW, currency: str = "USD", symbol: str = "BTC", **wanted):
    return lots(portfolios, AssetFactory(symbol=symbol), currency=currency, at=at, **wanted)


def test_what_is_open_costs_what_it_cost_and_is_worth_what_it_is_worth(portfolio) -> None:
    record(portfolio, "sell", "1.5", "2024-03-01", unit_price="300")
    found = of(portfolio, price=Decimal(400))
    ((closed,), (left,)) = found.closed, found.open
    assert (closed.number, closed.open_quantity, closed.open_cost, closed.value) == (1, 0, 0, None)
    assert (closed.closed_at, closed.days_held) == (day("2024-03-01"), 60)
    assert (left.number, left.quantity, left.cost, left.unit_cost) == (2, 2, 400, 200)
    assert (left.open_quantity, left.open_cost, left.value, left.unrealised) == (
        Decimal("1.5"),
        300,
        600,
        300,
    )
    assert (left.closed_at, left.days_held, left.unrealised_ratio) == (None, 335, 1)
    assert (found.quantity, found.cost_basis, found.value, found.unrealised) == (
        Decimal("1.5"),
        300,
        600,
        300,
    )


def test_without_a_price_the_value_is_unknown(portfolio) -> None:
    found = of(portfolio)
    assert {(lot.value, lot.unrealised) for lot in found.lots} == {(None, None)}
    assert (found.value, found.unrealised, found.cost_basis) == (None, None, 500)


def test_under_the_average_method_what_is_open_has_the_pools_cost_by_quantity(alice) -> None:
    made = PortfolioFactory(owner=alice, cost_method="average")
    record(made, "buy", "1", "2024-01-01", unit_price="100")
    record(made, "buy", "2", "2024-02-01", unit_price="200")
    record(made, "sell", "0.3", "2024-03-01", unit_price="200")
    found = of(made)
    assert [lot.open_quantity for lot in found.lots] == [Decimal("0.7"), 2]
    assert found.cost_basis == 450 == made.holdings.get().cost_basis
    assert [round(lot.open_unit_cost, 9) for lot in found.lots] == [Decimal("166.666666667")] * 2
    assert [lot.unit_cost for lot in found.lots] == [100, 200]


def test_a_closed_lot_was_open_before_it_left(portfolio) -> None:
    record(portfolio, "sell", "3", "2024-03-01", unit_price="300")
    assert [lot.is_open for lot in of(portfolio).lots] == [False, False]
    before = of(portfolio, at=day("2024-02-15"), with_closed=False)
    assert [(lot.open_quantity, lot.open_cost, lot.days_held) for lot in before.lots] == [
        (1, 100, 45),
        (2, 400, 14),
    ]
    assert [lot.number for lot in of(portfolio, at=day("2024-01-31")).lots] == [1]
    assert of(portfolio, at=day("2023-12-31")).lots == ()


def _cut(portfolios: list[Portfolio], symbol: str, at: datetime) -> tuple[dict, dict[int, Position]]:
    """What is open by portfolio and number, and the positions, where the history ends at the moment."""
    rows = rows_of(portfolios).about(AssetFactory(symbol=symbol).pk).filter(occurred_at__lte=at)
    booked = booked_in(portfolios, symbol, {"USD": rated(rows, "USD")})["USD"]
    open_then = {
        (one.place, lot.number): (lot.quantity, lot.cost, lot.open_quantity, lot.open_cost)
        for one in booked
        for lot in one.made
    }
    places = {each.pk: total(one.change for one in booked if one.place == each.pk) for each in portfolios}
    return open_then, places


@pytest.mark.parametrize("method", METHODS)
def test_at_any_moment_they_are_those_of_a_history_that_ends_there(alice, method) -> None:
    portfolios = list(eventful(alice, method))
    for moment in map(day, MOMENTS):
        for symbol in ("BTC", "ETH"):
            wanted, places = _cut(portfolios, symbol, moment)
            found = of(*portfolios, symbol=symbol, at=moment)
            told = {
                (lot.portfolio, lot.number): (lot.quantity, lot.cost, lot.open_quantity, lot.open_cost)
                for lot in found.lots
            }
            if method == "average":  # a lot's own cost says nothing there
                wanted, told = ({key: lot[:3] for key, lot in each.items()} for each in (wanted, told))
            assert told == wanted
            for each in portfolios:
                own = of(each, symbol=symbol, at=moment)
                assert (own.quantity, own.cost_basis) == (
                    places[each.pk].quantity,
                    places[each.pk].cost_basis,
                )
            assert found.open == of(*portfolios, symbol=symbol, at=moment, with_closed=False).lots


@pytest.mark.parametrize("currency", ["USD", "EUR"])
@pytest.mark.parametrize("method", METHODS)
def test_they_add_up_to_the_holding(alice, method, currency) -> None:
    portfolios = eventful(alice, method)
    whole, _ = overviews(portfolios, currency=currency, now=NOW)
    for holding in whole.holdings:
        found = of(*portfolios, symbol=holding.asset.symbol, currency=currency, price=holding.price)
        assert found.quantity == sum(lot.open_quantity for lot in found.open) == holding.quantity
        assert found.cost_basis == sum(lot.open_cost for lot in found.open) == holding.cost_basis
        assert found.value == sum(lot.value for lot in found.open) == holding.value
        assert found.unrealised == sum(lot.unrealised for lot in found.open) == holding.unrealised


@pytest.mark.parametrize("method", METHODS)
def test_stored_lots_and_a_new_booking_tell_the_same(alice, method) -> None:
    portfolios = eventful(alice, method)
    franc = FiatFactory(symbol="CHF")
    for days in range(0, 1200, 6):
        SnapshotFactory(asset=franc, at=day("2021-12-30") + timedelta(days=days), price=Decimal(1))
    for moment in map(day, MOMENTS):
        for symbol in ("BTC", "ETH"):
            stored = of(*portfolios, symbol=symbol, at=moment)
            assert stored.lots == of(*portfolios, symbol=symbol, at=moment, currency="CHF").lots


def test_without_an_exchange_rate_the_cost_is_unknown(portfolio) -> None:
    FiatFactory()
    found = of(portfolio, currency="EUR", price=Decimal(300))
    assert [(lot.open_quantity, lot.cost, lot.open_cost, lot.unrealised) for lot in found.lots] == [
        (1, None, None, None),
        (2, None, None, None),
    ]
    assert (found.value, found.cost_basis, found.unrealised) == (900, None, None)


def test_the_queries_do_not_grow_with_the_lots(portfolio, django_assert_num_queries) -> None:
    for number in range(1, 9):
        record(portfolio, "buy", "1", f"2024-03-0{number}", unit_price="100")
        record(portfolio, "sell", "1", f"2024-04-0{number}", unit_price="100")
    asset = AssetFactory()
    with django_assert_num_queries(5):
        lots([portfolio], asset, currency="USD", at=NOW)
