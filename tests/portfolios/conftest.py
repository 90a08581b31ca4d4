"""What pages about a user's transactions begin with; a test that needs it otherwise says so itself."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
import time_machine

from portfolios.models import Portfolio, Transaction
from tests.factories import NOW, PortfolioFactory, SnapshotFactory, day, record


@pytest.fixture
def new_year() -> Iterator[None]:
    """The clock stands still at the moment that the tests are told in."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def savings(alice) -> Portfolio:
    """Empty; Bitcoin was at 150 once and is at 200."""
    SnapshotFactory(at=day("2024-06-01 10:00"), price=Decimal(150))
    SnapshotFactory(price=Decimal(200))
    return PortfolioFactory(owner=alice, name="Savings")


@pytest.fixture
def half_sold(alice) -> Portfolio:
    """One bitcoin bought at the market's 100, half of it sold for 150 a unit; it is worth 200 now."""
    for at, price in (("2024-06-01", 100), ("2024-09-01", 150), ("2025-01-01", 200)):
        SnapshotFactory(at=day(at), price=Decimal(price))
    portfolio = PortfolioFactory(owner=alice, name="Savings")
    record(portfolio, "buy", "1", "2024-06-01", fee="2", note="First coins")
    record(portfolio, "sell", "0.5", "2024-09-01", unit_price="150")
    return portfolio


@pytest.fixture
def bought(savings) -> Transaction:
    return record(savings, "buy", "1", "2024-06-01", unit_price="100", fee="1", note="First")
