"""In another currency everything is booked once: each moment gets its part, until books or a rate change."""

from decimal import Decimal

import pytest
from django.core.cache import cache

from portfolios.models import Portfolio
from portfolios.selectors import anew
from portfolios.selectors.anew import asked_under, booked_anew
from portfolios.selectors.shelf import Shelf
from prices.services.by_hand import set_price
from tests.factories import NOW, FiatFactory, PortfolioFactory, SnapshotFactory, day, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def portfolio(alice) -> Portfolio:
    """Bought twice and sold once in dollars; a euro costs another price each month."""
    euro = FiatFactory()
    for month in (1, 2, 3):
        SnapshotFactory(at=day(f"2024-{month:02}-01"), price=Decimal(f"1.{month}"), asset=euro)
    made = PortfolioFactory(owner=alice, cost_method="hifo")
    record(made, "buy", "1", "2024-01-02", unit_price="100")
    record(made, "buy", "1", "2024-02-02", unit_price="90")
    record(made, "sell", "1", "2024-03-02", unit_price="120")
    return made


@pytest.fixture
def counted(monkeypatch) -> list[object]:
    """Each booking that is really done."""
    done: list[object] = []
    book = anew._booked_from
    monkeypatch.setattr(anew, "_booked_from", lambda *asked: (done.append(asked), book(*asked))[1])
    return done


def changes(portfolio: Portfolio, until: str) -> list[tuple]:
    return [
        (*one.change, is_known)
        for booked, is_known in booked_anew([portfolio], "EUR", day(until)).values()
        for one in booked
    ]


MOMENTS = ("2023-12-31", "2024-01-02", "2024-02-15", "2024-03-01", "2024-03-02", "2024-12-31")


def test_each_moment_gets_what_booking_until_then_would_give(portfolio, counted) -> None:
    parts = [changes(portfolio, moment) for moment in MOMENTS]
    assert [len(part) for part in parts] == [0, 1, 2, 2, 3, 3]
    assert len(counted) == 1
    record(portfolio, "buy", "1", "2020-01-01", unit_price="9")  # its rate is unknown: nothing is cut
    alone = [changes(portfolio, moment)[1:] for moment in MOMENTS]
    assert [[row[0] for row in part] for part in alone] == [[row[0] for row in part] for part in parts]
    assert not any(row[-1] for part in alone for row in part)


def test_a_corrected_rate_and_a_new_transaction_are_booked_anew(portfolio, counted) -> None:
    before = changes(portfolio, "2024-12-31")
    set_price(asset=FiatFactory(), at=day("2024-02-01"), price=Decimal("1.5"), now=NOW)
    assert changes(portfolio, "2024-12-31") != before
    record(portfolio, "buy", "1", "2024-04-01", unit_price="9")
    assert len(changes(portfolio, "2024-12-31")) == 4
    assert len(counted) == 3


def test_another_method_is_another_booking(portfolio, counted) -> None:
    own = booked_anew([portfolio], "EUR", NOW)
    other = booked_anew(asked_under([portfolio], "lifo"), "EUR", NOW)
    assert [one.cost for one in next(iter(own.values()))[0]] != [
        one.cost for one in next(iter(other.values()))[0]
    ]
    assert len(counted) == 2


def test_a_shelf_has_room_for_so_much_and_lasts_as_long_as_the_cache() -> None:
    kept: Shelf[str] = Shelf(most=10)
    for name, size in (("first", 4), ("second", 4), ("too large", 11)):
        kept.put(name, name.upper(), size)
    assert kept.find("first") == "FIRST"
    kept.put("third", "THIRD", 4)
    assert [kept.find(name) for name in ("first", "second", "third", "too large")] == [
        "FIRST",
        None,
        "THIRD",
        None,
    ]
    cache.clear()
    assert kept.find("first") is None
