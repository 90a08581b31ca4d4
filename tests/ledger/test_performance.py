"""The time-weighted return."""

import doctest
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolios.ledger import Flow, booking, performance, positions, time_weighted_return

DAY = datetime(2024, 1, 1, tzinfo=UTC)


def flow(before: str, money_in: str = "0", money_out: str = "0", after: str = "0") -> Flow:
    return Flow(DAY, *(Decimal(amount) for amount in (before, money_in, money_out, after)))


@pytest.mark.parametrize("module", [booking, performance, positions])
def test_the_worked_examples_are_true(module) -> None:
    outcome = doctest.testmod(module)
    assert outcome.attempted
    assert not outcome.failed


def test_one_purchase_returns_what_the_price_did() -> None:
    assert time_weighted_return([flow("0", money_in="100", after="100")], Decimal(150)) == Decimal("0.5")


def test_a_fee_is_a_loss() -> None:
    assert time_weighted_return([flow("0", money_in="125", after="100")], Decimal(100)) == Decimal("-0.2")


def test_a_stretch_without_holdings_neither_adds_nor_takes_away() -> None:
    flows = [
        flow("0", money_in="100", after="100"),
        flow("120", money_out="120", after="0"),
        flow("0", money_in="50", after="50"),
    ]
    assert time_weighted_return(flows, Decimal(55)) == Decimal("1.2") * Decimal("1.1") - 1


def test_there_is_no_return_where_nothing_was_invested() -> None:
    assert time_weighted_return([], Decimal(0)) is None
    assert time_weighted_return([flow("0", money_in="0", after="0")], Decimal(0)) is None


def test_losing_everything_is_minus_one() -> None:
    assert time_weighted_return([flow("0", money_in="100", after="100")], Decimal(0)) == -1


@given(st.decimals("1", "1000", places=2), st.decimals("1", "1000", places=2), st.booleans())
def test_flows_at_the_market_price_never_move_it(value: Decimal, moved: Decimal, comes: bool) -> None:
    """Buying or withdrawing halfway at the market's value leaves the return as it was."""
    first = flow("0", money_in="100", after="100")
    left = value + moved if comes else value - min(moved, value / 2)
    change = left - value
    middle = Flow(DAY, value, max(change, Decimal(0)), max(-change, Decimal(0)), left)
    returned = time_weighted_return([first, middle], left * 2)
    assert returned is not None
    assert abs(returned - (value * 2 / 100 - 1)) < Decimal("1e-30")
