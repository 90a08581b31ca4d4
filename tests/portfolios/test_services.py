"""The verbs: what they write, what they refuse, and that a refusal leaves nothing done."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from portfolios import services
from portfolios.ledger import HoldingWouldBeNegative
from portfolios.models import Booking, Holding, Portfolio, Transaction
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


def booked(transaction: Transaction) -> Booking:
    """What the transaction itself did, as it is stored."""
    return transaction.bookings.get(leg=0)


def refused(portfolio: Portfolio, kind: str, quantity: str, at: str, **stated) -> dict[str, list[str]]:
    """The errors of a refused draft, by field; nothing may have been written."""
    before = Transaction.objects.count()
    with pytest.raises(ValidationError) as refusal:
        record(portfolio, kind, quantity, at, **stated)
    assert Transaction.objects.count() == before
    return refusal.value.message_dict


def test_a_buy_is_booked_with_its_fee(portfolio) -> None:
    bought = record(portfolio, "buy", "0.5", "2024-01-01", unit_price="100", fee="2.5")
    row = holding(portfolio)
    assert (row.quantity, row.cost_basis, row.fees, row.money_in) == (
        Decimal("0.5"), Decimal("52.5"), Decimal("2.5"), Decimal("52.5"),
    )  # fmt: skip
    assert booked(bought).cost == Decimal("52.5")


def test_a_total_is_what_was_really_paid_or_received(portfolio) -> None:
    record(portfolio, "buy", "3", "2024-01-01", total="100", fee="1")
    sold = record(portfolio, "sell", "3", "2024-01-02", total="110", fee="1")
    assert (booked(sold).cost, booked(sold).proceeds, booked(sold).gain) == (100, 110, 10)


def test_a_sale_gives_its_fee_up(portfolio) -> None:
    record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    sold = record(portfolio, "sell", "1", "2024-01-02", unit_price="150", fee="4")
    assert (booked(sold).proceeds, booked(sold).gain) == (146, 46)


def test_a_deposit_costs_what_is_stated(portfolio) -> None:
    record(portfolio, "deposit", "2", "2024-01-01", cost="300")
    assert (holding(portfolio).cost_basis, holding(portfolio).money_in) == (300, 300)


def test_a_deposit_without_cost_is_assumed_to_cost_its_market_value(portfolio) -> None:
    SnapshotFactory(at=day("2024-01-01"), price=Decimal(40000))
    came = record(portfolio, "deposit", "2", "2024-01-01 12:00")
    assert (came.cost, came.unit_price, came.price_source, came.price_grade) == (None, 40000, "pack", "B")
    assert booked(came).cost == 80000


def test_a_deposit_without_cost_or_price_asks_for_the_cost(portfolio) -> None:
    errors = refused(portfolio, "deposit", "2", "2024-01-01")
    assert errors == {"cost": ["No BTC price is known within 7 days before this time. Enter the cost."]}


def test_a_withdrawal_leaves_at_its_cost(portfolio) -> None:
    record(portfolio, "buy", "2", "2024-01-01", unit_price="100")
    record(portfolio, "withdrawal", "0.5", "2024-01-02")
    row = holding(portfolio)
    assert (row.quantity, row.cost_basis, row.realised, row.money_out) == (Decimal("1.5"), 150, 0, 50)


def test_income_is_earned_at_its_market_value(portfolio) -> None:
    SnapshotFactory(at=day("2024-01-01"), price=Decimal(100))
    record(portfolio, "income", "0.25", "2024-01-01")
    assert (holding(portfolio).income, holding(portfolio).cost_basis, holding(portfolio).money_in) == (
        25,
        25,
        0,
    )


def test_without_a_price_the_stored_one_of_that_hour_is_used_and_named(portfolio) -> None:
    SnapshotFactory(at=day("2024-01-01 11:30"), price=Decimal("42000.5"))
    bought = record(portfolio, "buy", "1", "2024-01-01 12:00")
    stored = (bought.unit_price, bought.price_source, bought.price_at, bought.price_grade)
    assert stored == (Decimal("42000.5"), "pack", day("2024-01-01 11:30"), "A")


def test_a_price_of_the_future_is_never_used(portfolio) -> None:
    SnapshotFactory(at=day("2024-01-01 12:01"), price=Decimal(42000))
    assert "unit_price" in refused(portfolio, "buy", "1", "2024-01-01 12:00")


def test_a_price_more_than_a_week_old_is_no_price(portfolio) -> None:
    SnapshotFactory(at=day("2024-01-01"), price=Decimal(42000))
    assert "unit_price" in refused(portfolio, "buy", "1", "2024-01-08 00:01")


def test_a_stated_price_has_no_source(portfolio) -> None:
    SnapshotFactory(at=day("2024-01-01"), price=Decimal(42000))
    assert record(portfolio, "buy", "1", "2024-01-01", unit_price="41000").price_source == ""


@pytest.mark.parametrize(
    ("stated", "field"),
    [
        ({"kind": "barter"}, "kind"),
        ({"kind": "swap"}, "to_asset"),
        ({"quantity": "0"}, "quantity"),
        ({"quantity": "-1"}, "quantity"),
        ({"at": "2009-01-02"}, "occurred_at"),
        ({"at": "2025-01-02 00:01"}, "occurred_at"),
        ({"currency": "XXX"}, "currency"),
        ({"unit_price": "-1"}, "unit_price"),
        ({"fee": "-1"}, "fee"),
        ({"total": "5"}, "total"),
        ({"unit_price": None, "total": "5", "fee": "6"}, "fee"),
        ({"cost": "5"}, "cost"),
        ({"unit_price": None, "cost": "0"}, "cost"),
        ({"kind": "deposit", "unit_price": "0"}, "unit_price"),
        ({"kind": "deposit", "unit_price": None, "total": "0"}, "total"),
        ({"note": "x" * 501}, "note"),
        ({"quantity": "99999999999", "unit_price": "99999999999"}, "quantity"),
    ],
)
def test_it_refuses_what_makes_no_sense_and_names_the_field(portfolio, stated, field) -> None:
    values = {"kind": "buy", "quantity": "1", "at": "2024-01-01", "unit_price": "100"} | stated
    assert field in refused(portfolio, values.pop("kind"), values.pop("quantity"), values.pop("at"), **values)


def test_money_is_not_an_asset_to_buy(portfolio) -> None:
    errors = refused(portfolio, "buy", "1", "2024-01-01", asset=FiatFactory(), unit_price="1")
    assert "asset" in errors


def test_a_sale_must_bring_more_than_its_fee(portfolio) -> None:
    record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    assert "fee" in refused(portfolio, "sell", "1", "2024-01-02", unit_price="1", fee="2")


def test_books_that_would_pass_twenty_digits_are_refused(portfolio) -> None:
    record(portfolio, "buy", "1", "2024-01-01", total="9" * 20)
    assert "quantity" in refused(portfolio, "buy", "1", "2024-01-02", total="9" * 20)


def test_selling_more_than_is_held_is_refused_with_nothing_done(portfolio) -> None:
    record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    before = holding(portfolio)
    with pytest.raises(HoldingWouldBeNegative, match="You held 1 BTC on 2 January 2024"):
        record(portfolio, "sell", "1.1", "2024-01-02", unit_price="100")
    assert portfolio.transactions.count() == 1
    assert differences(portfolio) == []
    assert holding(portfolio).cost_basis == before.cost_basis


def test_a_back_dated_sale_is_refused_where_it_breaks_a_later_moment(portfolio) -> None:
    record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    record(portfolio, "sell", "1", "2024-03-01", unit_price="100")
    with pytest.raises(HoldingWouldBeNegative, match="1 March 2024"):
        record(portfolio, "sell", "0.5", "2024-02-01", unit_price="100")


def test_a_back_dated_buy_is_booked_again_from_there_on(portfolio) -> None:
    record(portfolio, "buy", "1", "2024-01-02", unit_price="100")
    sold = record(portfolio, "sell", "1", "2024-01-03", unit_price="300")
    record(portfolio, "buy", "1", "2024-01-01", unit_price="200")
    assert (booked(sold).cost, booked(sold).gain) == (150, 150)
    assert differences(portfolio) == []


def test_the_same_idempotency_key_makes_one_transaction(portfolio) -> None:
    key, stated = uuid4(), draft("buy", "1", "2024-01-01", unit_price="100")
    made = [
        services.record_transaction(portfolio=portfolio, draft=stated, now=NOW, idempotency_key=key)
        for _ in range(2)
    ]
    assert made[0] == made[1]
    assert holding(portfolio).quantity == 1


def test_a_transaction_makes_its_asset_tracked(portfolio) -> None:
    record(portfolio, "buy", "1", "2024-01-01", unit_price="100", asset=AssetFactory(symbol="XMR"))
    assert AssetFactory(symbol="XMR").is_tracked


def test_an_amount_in_another_currency_is_frozen_at_its_days_rate(portfolio) -> None:
    SnapshotFactory(asset=FiatFactory(), at=day("2024-01-01 15:00"), price=Decimal("1.25"))
    bought = record(portfolio, "buy", "1", "2024-01-02", unit_price="100", fee="4", currency="EUR")
    assert bought.fx_rate == Decimal("1.25")
    assert (holding(portfolio).cost_basis, holding(portfolio).fees) == (130, 5)


def test_a_market_price_is_converted_to_the_transactions_currency(portfolio) -> None:
    SnapshotFactory(asset=FiatFactory(), at=day("2024-01-01 15:00"), price=Decimal("1.25"))
    SnapshotFactory(at=day("2024-01-01"), price=Decimal(100))
    bought = record(portfolio, "buy", "1", "2024-01-02", currency="EUR")
    assert (bought.unit_price, booked(bought).cost) == (80, 100)


def test_a_currency_without_a_rate_near_the_date_is_refused(portfolio) -> None:
    FiatFactory()
    assert "currency" in refused(portfolio, "buy", "1", "2024-01-02", unit_price="100", currency="EUR")


def test_eighteen_places_survive_the_database(portfolio) -> None:
    record(
        portfolio,
        "buy",
        "0.000000000000000001",
        "2024-01-01",
        total="12345678901234567890.123456789012345678",
    )
    row = holding(portfolio)
    assert row.quantity == Decimal("0.000000000000000001")
    assert row.cost_basis == Decimal("12345678901234567890.123456789012345678")


def test_portfolio_names_are_unique_for_each_owner(alice, charlie) -> None:
    services.create_portfolio(owner=alice, name="Savings", currency="USD")
    services.create_portfolio(owner=charlie, name="Savings", currency="USD")
    with pytest.raises(ValidationError, match="already have a portfolio"):
        services.create_portfolio(owner=alice, name="Savings", currency="EUR")


def test_deleting_a_portfolio_takes_its_books_along(portfolio) -> None:
    record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    services.delete_portfolio(portfolio=portfolio)
    assert [model.objects.count() for model in (Transaction, Holding, Booking)] == [0, 0, 0]


def test_the_constraints_of_a_row_can_be_checked_before_it_is_saved(portfolio, caplog) -> None:
    record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    assert "database error" not in caplog.text
    row = portfolio.transactions.get()
    row.quantity = Decimal(-1)
    with pytest.raises(ValidationError, match="quantity_is_positive"):
        row.full_clean()


def test_a_name_taken_in_the_same_moment_is_refused_in_words(alice, monkeypatch) -> None:
    """The check finds nothing, the write does: another request came between them."""
    services.create_portfolio(owner=alice, name="Savings", currency="USD")
    check, checked = Portfolio.full_clean, []

    def blind_at_first(portfolio: Portfolio) -> None:
        checked.append(portfolio)
        if len(checked) > 1:
            check(portfolio)

    monkeypatch.setattr(Portfolio, "full_clean", blind_at_first)
    with pytest.raises(ValidationError, match="already have a portfolio"):
        services.create_portfolio(owner=alice, name="Savings", currency="USD")
