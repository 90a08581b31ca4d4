"""Returns of what shares an instant: a swap's legs, a fee in coins and the trade it belongs to are one flow.

Prices stand still in these histories, so that nothing but a fee can move a return.
"""

from decimal import Decimal

import pytest

from portfolios.selectors import overview, overviews, returns
from portfolios.selectors.methods import compare
from portfolios.selectors.shares import shares
from portfolios.services import amend_transaction, change_cost_method
from tests.factories import (
    NOW,
    AssetFactory,
    FiatFactory,
    PortfolioFactory,
    SnapshotFactory,
    day,
    draft,
    record,
)

pytestmark = pytest.mark.django_db
AT = "2024-03-05"


@pytest.fixture
def portfolio(alice):
    """A bitcoin at 100 and an ether at 10, whenever; one bitcoin bought."""
    for number in range(1, 32):
        SnapshotFactory(at=day(f"2024-03-{number:02}"), price=Decimal(100))
        SnapshotFactory(at=day(f"2024-03-{number:02}"), price=Decimal(10), asset=AssetFactory(symbol="ETH"))
    made = PortfolioFactory(owner=alice)
    record(made, "buy", "1", "2024-03-01 12:00", unit_price="100")
    return made


def measured(*portfolios):
    now = day("2024-03-31")
    value = overviews(portfolios, currency="USD", now=now)[0].value
    return returns(portfolios, currency="USD", value=value, now=now)


def swap(portfolio, at: str = AT) -> None:
    record(
        portfolio, "swap", "1", at, unit_price="100", to_asset=AssetFactory(symbol="ETH"), to_quantity="10"
    )


@pytest.mark.parametrize("kind", ["withdrawal", "sell", "transfer"])
def test_a_fee_in_coins_costs_what_it_is_worth_and_no_more(alice, portfolio, kind) -> None:
    stated = {"fee": "0.01", "fee_asset": AssetFactory()}
    if kind == "sell":
        stated["unit_price"] = "100"
    if kind == "transfer":
        stated["to_portfolio"] = PortfolioFactory(owner=alice)
    record(portfolio, kind, "0.99", AT, **stated)
    record(portfolio, "buy", "1", "2024-03-20", unit_price="100")
    assert measured(portfolio).twr == pytest.approx(-0.01)


def test_a_swap_and_a_purchase_in_one_instant_move_nothing(portfolio) -> None:
    swap(portfolio)
    record(portfolio, "buy", "1", AT, unit_price="100")
    record(portfolio, "deposit", "1", AT, cost="100")
    assert measured(portfolio).twr == pytest.approx(0)


def test_a_sale_and_a_swap_in_one_instant_move_nothing(portfolio) -> None:
    record(portfolio, "buy", "1", "2024-03-02", unit_price="100")
    record(portfolio, "sell", "1", AT, unit_price="100")
    swap(portfolio)
    assert measured(portfolio).twr == pytest.approx(0)


def test_everything_sold_and_bought_again_in_one_instant_moves_nothing(portfolio) -> None:
    record(portfolio, "sell", "1", AT, unit_price="100")
    record(portfolio, "buy", "0.5", AT, unit_price="100")
    assert measured(portfolio).twr == pytest.approx(0)


def test_a_swap_at_midnight_is_no_fall(portfolio) -> None:
    swap(portfolio)
    seen = measured(portfolio)
    assert (seen.max_drawdown, seen.volatility) == (pytest.approx(0), pytest.approx(0))
    assert len(seen.growth) == 30


def test_what_is_lost_wholly_fell_wholly(portfolio) -> None:
    record(portfolio, "lost", "1", AT)
    seen = measured(portfolio)
    assert (seen.twr, seen.max_drawdown) == (-1, -1)


def test_what_is_said_to_be_worth_nothing_is_worth_what_the_market_says(portfolio) -> None:
    record(portfolio, "income", "0.01", AT, unit_price="0")
    assert measured(portfolio).twr == pytest.approx(0.01)


def test_a_transfer_inside_is_no_flow_and_needs_no_price(alice, portfolio) -> None:
    other = PortfolioFactory(owner=alice)
    record(portfolio, "transfer", "1", "2024-05-15", to_portfolio=other)
    SnapshotFactory(at=NOW, price=Decimal(200))
    seen = returns([portfolio, other], currency="USD", value=Decimal(200), now=NOW)
    assert seen.twr == pytest.approx(1)
    assert returns([portfolio], currency="USD", value=Decimal(0), now=NOW).twr is None


def test_what_is_dated_ahead_has_no_share_and_is_in_no_comparison_yet(alice, portfolio) -> None:
    now = day("2024-03-31")
    other = PortfolioFactory(owner=alice)
    record(other, "buy", "1", "2024-03-02", unit_price="100")
    record(other, "buy", "2", "2024-03-31 20:00", unit_price="100", now=now)
    assert shares([portfolio, other], now=now) == {portfolio.pk: Decimal("0.5"), other.pk: Decimal("0.5")}
    assert compare(other, "fifo", now)[-1].before.position.cost_basis == 100


def test_values_of_portfolios_add_up_to_the_last_digit(alice) -> None:
    SnapshotFactory(at=NOW, price=Decimal("0.50"))
    SnapshotFactory(at=NOW, price=Decimal("1.0731"), asset=FiatFactory())
    both = [PortfolioFactory(owner=alice) for _ in range(2)]
    for one in both:
        record(one, "deposit", "0.333333333333333333", "2024-03-01", cost="1")
    for currency in ("USD", "EUR"):
        whole, each = overviews(both, currency=currency, now=NOW)
        assert whole.value == sum(one.value for one in each.values())


def test_what_another_portfolio_did_is_not_remembered_wrongly(alice, portfolio) -> None:
    """Coins that came from there cost less now, in a currency that neither is kept in."""
    for at, rate in (("2024-03-01", "1.25"), ("2024-03-10", "2")):
        SnapshotFactory(asset=FiatFactory(), at=day(at), price=Decimal(rate))
    other = PortfolioFactory(owner=alice)
    bought = record(other, "buy", "1", "2024-03-02", unit_price="100")
    record(other, "transfer", "1", "2024-03-12", to_portfolio=portfolio)
    now = day("2024-03-31 12:00")
    first = overview(portfolio, currency="EUR", now=now)
    again = draft("buy", "1", "2024-03-11", unit_price="100")
    amend_transaction(transaction=bought, draft=again, now=NOW)
    second = overview(portfolio, currency="EUR", now=now)
    assert (first.cost_basis, second.cost_basis) == (160, 130)


def test_another_method_is_not_remembered_wrongly(alice) -> None:
    for at, rate in (("2024-03-01", "1.25"), ("2024-03-10", "2")):
        SnapshotFactory(asset=FiatFactory(), at=day(at), price=Decimal(rate))
    portfolio = PortfolioFactory(owner=alice)
    record(portfolio, "buy", "1", "2024-03-02", unit_price="100")
    record(portfolio, "buy", "1", "2024-03-11", unit_price="100")
    record(portfolio, "sell", "1", "2024-03-12", unit_price="100")
    now = day("2024-03-13 12:00")
    before = overview(portfolio, currency="EUR", now=now).realised
    portfolio = change_cost_method(portfolio=portfolio, cost_method="fifo")
    assert (before, overview(portfolio, currency="EUR", now=now).realised) == (-15, -30)
