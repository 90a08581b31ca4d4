"""Amending, deleting, restoring, rebuilding: the books follow, or the change is refused."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from portfolios import services
from portfolios.ledger import HoldingWouldBeNegative
from portfolios.models import Booking, Holding, Portfolio
from portfolios.selectors import differences
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


@pytest.fixture
def portfolio(alice) -> Portfolio:
    return PortfolioFactory(owner=alice)


def holding(portfolio: Portfolio, symbol: str = "BTC") -> Holding:
    return portfolio.holdings.get(asset__symbol=symbol)


def test_amending_books_both_the_old_and_the_new_asset(portfolio) -> None:
    bought = record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    ether = AssetFactory(symbol="ETH")
    changed = draft("buy", "2", "2024-01-01", asset=ether, unit_price="10")
    services.amend_transaction(transaction=bought, draft=changed, now=NOW)
    assert [row.asset.symbol for row in portfolio.holdings.all()] == ["ETH"]
    assert holding(portfolio, "ETH").cost_basis == 20
    assert differences(portfolio) == []


def test_amending_into_a_negative_holding_is_refused(portfolio) -> None:
    bought = record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    record(portfolio, "sell", "1", "2024-01-02", unit_price="100")
    with pytest.raises(HoldingWouldBeNegative):
        services.amend_transaction(
            transaction=bought, draft=draft("buy", "0.9", "2024-01-01", unit_price="100"), now=NOW
        )
    bought.refresh_from_db()
    assert (bought.quantity, bought.version) == (1, 1)


def test_what_was_priced_by_the_market_stays_frozen_while_its_time_stays(portfolio) -> None:
    SnapshotFactory(at=day("2024-01-01"), price=Decimal(100))
    bought = record(portfolio, "buy", "1", "2024-01-01 12:00")
    SnapshotFactory(at=day("2024-01-01 11:59"), price=Decimal(105))
    same = services.amend_transaction(
        transaction=bought, draft=draft("buy", "2", "2024-01-01 12:00"), now=NOW
    )
    assert (same.unit_price, same.price_grade) == (100, "B")
    moved = services.amend_transaction(
        transaction=bought, draft=draft("buy", "2", "2024-01-01 12:05"), now=NOW
    )
    assert (moved.unit_price, moved.price_grade) == (105, "A")


def test_the_exchange_rate_stays_frozen_while_its_time_stays(portfolio) -> None:
    SnapshotFactory(asset=FiatFactory(), at=day("2024-01-01 15:00"), price=Decimal("1.25"))
    bought = record(portfolio, "buy", "1", "2024-01-02", unit_price="100", currency="EUR")
    SnapshotFactory(asset=FiatFactory(), at=day("2024-01-01 18:00"), price=Decimal("1.5"))
    for at, rate in (("2024-01-02", "1.25"), ("2024-01-02 00:01", "1.5")):
        changed = draft("buy", "2", at, unit_price="100", currency="EUR")
        assert services.amend_transaction(transaction=bought, draft=changed, now=NOW).fx_rate == Decimal(rate)


def test_a_second_save_of_the_same_version_is_a_conflict(portfolio) -> None:
    bought = record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    changed = draft("buy", "2", "2024-01-01", unit_price="100")
    services.amend_transaction(transaction=bought, draft=changed, now=NOW, version=1)
    with pytest.raises(services.ChangedMeanwhile):
        services.amend_transaction(transaction=bought, draft=changed, now=NOW, version=1)


def test_a_deleted_transaction_leaves_the_books_and_comes_back(portfolio) -> None:
    record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    second = record(portfolio, "buy", "1", "2024-01-02", unit_price="300")
    services.delete_transaction(transaction=second, now=NOW)
    assert (holding(portfolio).cost_basis, Booking.objects.count()) == (100, 1)
    services.restore_transaction(transaction=second, now=NOW)
    assert (holding(portfolio).cost_basis, Booking.objects.count()) == (400, 2)
    assert differences(portfolio) == []


def test_deleting_the_only_transaction_leaves_no_holding(portfolio) -> None:
    services.delete_transaction(
        transaction=record(portfolio, "buy", "1", "2024-01-01", unit_price="1"), now=NOW
    )
    assert not portfolio.holdings.exists()


def test_a_purchase_that_was_sold_can_not_be_deleted(portfolio) -> None:
    bought = record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    record(portfolio, "sell", "1", "2024-01-02", unit_price="100")
    with pytest.raises(HoldingWouldBeNegative):
        services.delete_transaction(transaction=bought, now=NOW)
    bought.refresh_from_db()
    assert bought.deleted_at is None


def test_a_sale_whose_purchase_is_gone_can_not_be_restored(portfolio) -> None:
    bought = record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    sold = record(portfolio, "sell", "1", "2024-01-02", unit_price="100")
    services.delete_transaction(transaction=sold, now=NOW)
    services.delete_transaction(transaction=bought, now=NOW)
    with pytest.raises(HoldingWouldBeNegative):
        services.restore_transaction(transaction=sold, now=NOW)


def test_rebuilding_mends_damaged_books_and_verifying_names_the_damage(portfolio) -> None:
    bought = record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    record(portfolio, "buy", "1", "2024-01-02", unit_price="100", asset=AssetFactory(symbol="ETH"))
    Holding.objects.filter(asset__symbol="BTC").update(cost_basis=Decimal(99))
    Holding.objects.filter(asset__symbol="ETH").delete()
    Booking.objects.filter(transaction=bought).update(cost_basis=Decimal(98))
    found = differences(portfolio)
    assert len(found) == 4
    assert any("BTC holding: cost_basis is 99, should be 100" in line for line in found)
    assert any("ETH holding is missing" in line for line in found)
    damaged = f"{portfolio.pk} BTC booking transaction {bought.pk} leg 0: cost_basis is 98, should be 100"
    assert any(damaged in line for line in found)
    services.rebuild_books(portfolio=portfolio)
    assert differences(portfolio) == []


def test_an_idempotency_key_that_was_used_for_something_else_is_refused(alice, portfolio) -> None:
    key, stated = uuid4(), draft("buy", "1", "2024-01-01", unit_price="100")
    first = services.record_transaction(portfolio=portfolio, draft=stated, now=NOW, idempotency_key=key)
    other = draft("buy", "7", "2024-01-01", unit_price="100")
    for drafted, into in ((other, portfolio), (stated, PortfolioFactory(owner=alice))):
        with pytest.raises(ValidationError, match="already saved"):
            services.record_transaction(portfolio=into, draft=drafted, now=NOW, idempotency_key=key)
    services.delete_transaction(transaction=first, now=NOW)
    with pytest.raises(ValidationError, match="already saved"):
        services.record_transaction(portfolio=portfolio, draft=stated, now=NOW, idempotency_key=key)


def test_verifying_finds_moved_and_stray_bookings_and_rows_that_can_not_be_read(portfolio) -> None:
    bought = record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    Booking.objects.update(occurred_at=day("2030-01-01"))
    assert any("occurred_at" in line for line in differences(portfolio))
    portfolio.transactions.update(deleted_at=NOW)
    portfolio.holdings.all().delete()
    assert differences(portfolio) == [
        f"{portfolio.pk} BTC daily position day 2024-01-01 is not wanted",
        f"{portfolio.pk} BTC booking transaction {bought.pk} leg 0 is not wanted",
        f"{portfolio.pk} BTC lot number 1 is not wanted",
    ]
    for kind in ("barter", "swap"):  # no kind, and one that lacks its other coin
        portfolio.transactions.update(deleted_at=None, kind=kind)
        assert any("can't be read" in line for line in differences(portfolio))
