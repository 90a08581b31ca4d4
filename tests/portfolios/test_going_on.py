"""Booking goes on from the day of a change: what it writes equals a booking from the first transaction on."""

import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portfolios.ledger import METHODS, HoldingWouldBeNegative
from portfolios.models import DailyPosition, Disposal, Holding, Lot, Portfolio, Transaction
from portfolios.selectors import differences
from portfolios.services import amend_transaction, delete_transaction, record_transaction, restore_transaction
from tests.factories import NOW, AssetFactory, PortfolioFactory, day, draft, record

pytestmark = pytest.mark.django_db

KINDS = {"buy": 5, "deposit": 1, "sell": 4, "withdrawal": 1, "gift": 1, "transfer": 3}
PRICED = {"buy", "sell"}


class Chance:
    """Transactions and changes by a seeded die, close together so that days and instants are shared."""

    def __init__(self, seed: int, portfolios: list[Portfolio]) -> None:
        self.die, self.portfolios = random.Random(seed), portfolios

    def draft(self, home: Portfolio):
        kind = self.die.choices(list(KINDS), list(KINDS.values()))[0]
        stated = {}
        if kind in PRICED:
            stated = {"unit_price": str(self.die.randint(1, 9)), "fee": self.die.choice(["0", "1"])}
        if kind == "deposit":
            stated = {"cost": str(self.die.randint(1, 30))}
        if kind == "transfer":
            stated = {"to_portfolio": self.die.choice([one for one in self.portfolios if one != home])}
        at = f"2024-01-{self.die.randint(1, 9):02} {self.die.choice(['00:00', '09:30', '23:59'])}"
        return draft(kind, str(self.die.choice([1, 2, 3, "0.7"])), at, **stated)

    def change(self) -> None:
        home = self.die.choice(self.portfolios)
        kept = list(home.transactions.kept())
        deed = self.die.choice(["record"] * 4 + ["amend"] * 2 + ["delete", "restore"])
        if deed == "record" or not kept:
            record_transaction(portfolio=home, draft=self.draft(home), now=NOW)
        elif deed == "amend":
            amend_transaction(transaction=self.die.choice(kept), draft=self.draft(home), now=NOW)
        elif deed == "delete":
            delete_transaction(transaction=self.die.choice(kept), now=NOW)
        elif gone := list(home.transactions.exclude(deleted_at=None)):
            restore_transaction(transaction=self.die.choice(gone), now=NOW)


@pytest.mark.parametrize("method", METHODS)
def test_after_any_change_the_books_are_those_of_the_whole_history(alice, method) -> None:
    portfolios = [PortfolioFactory(owner=alice, cost_method=method) for _ in range(2)]
    portfolios.append(PortfolioFactory(owner=alice, cost_method="hifo"))
    for one in portfolios:
        record(one, "buy", "4", "2024-01-02", unit_price="5")
    chance, refused = Chance(1, portfolios), 0
    for _ in range(40):
        try:
            chance.change()
        except HoldingWouldBeNegative:
            refused += 1
        assert [found for one in portfolios for found in differences(one)] == []
    assert 0 < refused < 30
    assert Transaction.objects.kept().filter(kind="transfer").exists()


def history(portfolio: Portfolio, days: int) -> None:
    for number in range(days):
        at = f"2024-{number // 28 + 1:02}-{number % 28 + 1:02}"
        record(portfolio, "buy", "2", at, unit_price="100")
        record(portfolio, "sell", "1", f"{at} 12:00", unit_price="110")


@pytest.fixture
def loaded(monkeypatch) -> list[type]:
    """Every row that is read from now on."""
    found: list[type] = []

    def noticed(whole):
        return classmethod(lambda cls, *args: found.append(cls) or whole(cls, *args))

    for model in (Transaction, Lot, DailyPosition, Disposal, Holding):
        monkeypatch.setattr(model, "from_db", noticed(model.from_db.__func__))
    return found


@pytest.mark.parametrize("method", METHODS)
def test_adding_at_the_newest_date_reads_as_much_after_a_long_history(alice, method, loaded) -> None:
    read = {}
    for days in (3, 40):
        portfolio = PortfolioFactory(owner=alice, cost_method=method)
        history(portfolio, days)
        record(portfolio, "sell", "0.3", "2024-12-23", unit_price="120")
        loaded.clear()
        with CaptureQueriesContext(connection) as queries:
            record(portfolio, "sell", "0.5", "2024-12-24", unit_price="120")
        read[days] = (len(queries), len(loaded))
        assert differences(portfolio) == []
    assert read[3] == read[40]


def test_books_that_an_upgrade_dropped_are_made_again_before_anything_goes_on(alice) -> None:
    portfolio = PortfolioFactory(owner=alice)
    record(portfolio, "buy", "2", "2024-01-01", unit_price="100")
    record(portfolio, "buy", "1", "2024-01-01", asset=AssetFactory(symbol="ETH"), unit_price="10")
    for model in (Holding, DailyPosition, Lot):
        model.objects.all().delete()
    record(portfolio, "sell", "1", "2024-02-01", unit_price="100")
    assert differences(portfolio) == []


def test_a_sale_takes_only_what_was_open_on_its_day(alice) -> None:
    portfolio = PortfolioFactory(owner=alice, cost_method="fifo")
    first = record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    record(portfolio, "buy", "1", "2024-01-02", unit_price="200")
    later = record(portfolio, "sell", "1", "2024-03-01", unit_price="300")
    earlier = record(portfolio, "sell", "1", "2024-02-01", unit_price="250")
    assert [earlier.disposals.get().acquired_at, later.disposals.get().acquired_at] == [
        day("2024-01-01"),
        day("2024-01-02"),
    ]
    with pytest.raises(HoldingWouldBeNegative, match="1 March 2024"):
        delete_transaction(transaction=first, now=NOW)
    assert differences(portfolio) == []
