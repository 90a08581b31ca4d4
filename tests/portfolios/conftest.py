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
def bought(savings) -> Transaction:
    return record(savings, "buy", "1", "2024-06-01", unit_price="100", fee="1", note="First")
