"""Many transactions at once: all or nothing, errors by row, one booking for each asset."""

from decimal import Decimal

import pytest

from portfolios.ledger import HoldingWouldBeNegative
from portfolios.models import Portfolio
from portfolios.selectors import differences
from portfolios.services import BatchRefused, BatchWouldBeNegative, record_batch
from tests.factories import NOW, AssetFactory, PortfolioFactory, draft, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def portfolio() -> Portfolio:
    return PortfolioFactory()


def buy(day: str, quantity: str = "1", **stated):
    return draft("buy", quantity, day, **{"unit_price": "100", **stated})


def sell(day: str, quantity: str = "1", **stated):
    return draft("sell", quantity, day, **{"unit_price": "110", **stated})


def test_it_saves_and_books_all_rows_whatever_their_order(portfolio) -> None:
    ether = AssetFactory(symbol="ETH")
    drafts = [sell("2024-02-01"), buy("2024-01-01"), buy("2024-01-02", asset=ether), buy("2024-01-03")]
    rows = record_batch(portfolio=portfolio, drafts=drafts, now=NOW)
    assert [row.occurred_at for row in rows] == [each.occurred_at for each in drafts]
    held = {row.asset.symbol: (row.quantity, row.realised) for row in portfolio.holdings.all()}
    assert held == {"BTC": (1, 10), "ETH": (1, 0)}
    assert differences(portfolio) == []


def test_it_books_what_single_records_book(portfolio) -> None:
    other = PortfolioFactory(owner=portfolio.owner)
    record_batch(portfolio=portfolio, drafts=[buy("2024-01-01", "3"), sell("2024-01-02")], now=NOW)
    record(other, "buy", "3", "2024-01-01", unit_price="100")
    record(other, "sell", "1", "2024-01-02", unit_price="110")
    assert portfolio.holdings.get().position == other.holdings.get().position


def test_every_wrong_row_is_named_and_nothing_is_saved(portfolio) -> None:
    drafts = [
        buy("2024-01-01"),
        buy("2024-01-02", "0"),
        buy("2024-01-03", unit_price="-1"),
        sell("2024-01-04"),
    ]
    with pytest.raises(BatchRefused) as refused:
        record_batch(portfolio=portfolio, drafts=drafts, now=NOW)
    assert {index: list(errors) for index, errors in refused.value.errors.items()} == {
        1: ["quantity"],
        2: ["unit_price"],
    }
    assert not portfolio.transactions.exists()


def test_what_a_column_cannot_hold_is_refused_by_row(portfolio) -> None:
    with pytest.raises(BatchRefused) as refused:
        record_batch(portfolio=portfolio, drafts=[buy("2024-01-01", note="x" * 501)], now=NOW)
    assert list(refused.value.errors[0]) == ["note"]


def test_the_row_that_takes_too_much_is_named_and_nothing_is_saved(portfolio) -> None:
    record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    with pytest.raises(BatchWouldBeNegative) as refused:
        record_batch(portfolio=portfolio, drafts=[buy("2024-01-02"), sell("2024-01-03", "3")], now=NOW)
    assert "You held 2 BTC" in refused.value.errors[1]["quantity"][0]
    assert portfolio.transactions.count() == 1
    assert portfolio.holdings.get().quantity == 1


def test_a_batch_that_makes_an_earlier_sale_impossible_is_refused(portfolio) -> None:
    record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    record(portfolio, "sell", "1", "2024-03-01", unit_price="100")
    with pytest.raises(HoldingWouldBeNegative):
        record_batch(portfolio=portfolio, drafts=[sell("2024-02-01", "0.5")], now=NOW)
    assert portfolio.holdings.get().realised == Decimal(0)


def test_an_empty_batch_changes_nothing(portfolio) -> None:
    assert record_batch(portfolio=portfolio, drafts=[], now=NOW) == []
