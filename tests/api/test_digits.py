"""Numbers are text: what was divided is told to 18 places, as what is stored, a product exactly."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from portfolios.models import Portfolio
from tests.factories import FiatFactory, SnapshotFactory, day, record
from tests.security.doors import OPERATIONS

pytestmark = pytest.mark.django_db
EXACT = re.compile(r"-?(0|[1-9][0-9]*)([.][0-9]{0,35}[1-9])?")
CUT = re.compile(r"-?(0|[1-9][0-9]*)([.][0-9]{0,17}[1-9])?")
DIVIDED = re.compile(
    r"roi|weight|.*_ratio|average.*_price|break_even_price|unit_cost|twr.*|xirr|max_.*|volatility"
)
LIKE_A_NUMBER = re.compile(r"-?[0-9]+([.][0-9]+)?([eE].*)?")
FIGURES = [one for one in OPERATIONS if one.method == "GET" and one.is_closed]


@pytest.fixture
def thirds(portfolio: Portfolio) -> Portfolio:
    """Nothing in it comes out even: not the unit's cost, not the gain, not the rate of the euro."""
    for name, price in {"2024-01-01": "100", "2024-06-01": "130", "2025-01-01": "170"}.items():
        SnapshotFactory(at=day(name), price=Decimal(price))
        SnapshotFactory(asset=FiatFactory(), at=day(name), price=Decimal("1.07"))
    record(portfolio, "buy", "3", "2024-01-01", total="100")
    record(portfolio, "buy", "4", "2024-06-01", total="1001")
    record(portfolio, "sell", "0.7", "2024-06-02", total="93")
    return portfolio


def numbers(said: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Every number of an answer, told as text or not, with where it stands."""
    if isinstance(said, dict):
        for name, each in said.items():
            yield from numbers(each, f"{place}.{name}")
    elif isinstance(said, list):
        for each in said:
            yield from numbers(each, place)
    elif isinstance(said, float) or (isinstance(said, str) and LIKE_A_NUMBER.fullmatch(said)):
        yield place, said


@pytest.mark.parametrize("currency", ["USD", "EUR"])
def test_no_number_has_more_places_than_it_needs_and_none_is_a_float(currency, program, thirds) -> None:
    row, found = thirds.transactions.order_by("pk")[2], []
    for operation in FIGURES:
        query = {"currency": currency} if "currency" in operation.query else {}
        query |= {"timestamp": "1735689600"} if "timestamp" in operation.query else {}
        path = operation.path.format(portfolio=thirds.pk, transaction=row.pk, symbol="BTC")
        said = program.get(path, query)
        assert said.status_code == 200, (path, said.content)
        found += [(f"{path} {place}", number) for place, number in numbers(said.json())]
    assert [(place, one) for place, one in found if not _is_told(place.rsplit(".", 1)[1], one)] == []
    uneven = {place.rsplit(".", 1)[1] for place, one in found if len(one) > 15}
    assert uneven >= {"roi", "average_price", "average_buy_price", "profit_loss_ratio", "unrealised_ratio"}


def _is_told(name: str, number: Any) -> bool:
    form = CUT if DIVIDED.fullmatch(name) else EXACT
    return isinstance(number, str) and form.fullmatch(number) is not None
