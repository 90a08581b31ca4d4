"""The audit trail: with every act goes exactly one line that says who, when, before and after."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from portfolios import services
from portfolios.ledger import HoldingWouldBeNegative
from portfolios.models import Act, Portfolio, Transaction
from portfolios.selectors import trail_of
from portfolios.selectors.audit import GONE, LABELS, MOST, UNTOLD, Change, Shape
from prices.models import Asset
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
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def portfolio(alice) -> Portfolio:
    return services.create_portfolio(owner=alice, name="Savings", currency="USD")


@pytest.fixture
def bought(portfolio) -> Transaction:
    return record(portfolio, "buy", "1", "2024-01-01", unit_price="100", fee="1")


def amend(row: Transaction, quantity: str = "2", at: str = "2024-01-01", **stated: object) -> Transaction:
    stated = {"unit_price": "100", "fee": "1"} | stated
    changed = draft("buy", quantity, at, **stated)
    return services.amend_transaction(transaction=row, draft=changed, now=LATER)


def lines() -> list[tuple[str, str]]:
    """Type and reason of every line about transactions, oldest first."""
    found = Transaction.history.order_by("history_id")
    return list(found.values_list("history_type", "history_change_reason"))


def about(portfolio: Portfolio) -> list[tuple[str, str, str]]:
    found = Portfolio.history.filter(id=portfolio.pk).order_by("history_id")
    return list(found.values_list("history_type", "name", "cost_method"))


def told(change: Change) -> dict[str, tuple[object, object]]:
    return {one.label: (one.before.value if one.before else None, one.after.value) for one in change.fields}


class TestOneActOneLine:
    def test_recording_amending_deleting_and_restoring_leave_one_each(self, bought) -> None:
        amend(bought)
        services.delete_transaction(transaction=bought, now=LATER)
        services.restore_transaction(transaction=bought, now=LATER)
        assert lines() == [("+", "recorded"), ("~", "changed"), ("~", "deleted"), ("~", "restored")]

    def test_each_is_dated_by_the_moment_that_the_door_passed_in(self, bought) -> None:
        amend(bought)
        assert [change.at for change in trail_of(bought).changes] == [LATER, NOW]

    def test_a_batch_leaves_one_for_each_row(self, portfolio) -> None:
        drafts = [draft("buy", "1", f"2024-01-0{date}", unit_price="100") for date in (1, 2, 3)]
        rows = services.record_batch(portfolio=portfolio, drafts=drafts, now=NOW)
        assert lines() == [("+", "recorded")] * 3
        for row in rows:
            line = Transaction.history.get(id=row.pk)
            assert (line.history_date, line.occurred_at, line.unit_price) == (NOW, row.occurred_at, 100)

    def test_a_form_that_is_sent_twice_leaves_one(self, portfolio) -> None:
        key, stated = uuid4(), draft("buy", "1", "2024-01-01", unit_price="100")
        for _ in range(2):
            services.record_transaction(portfolio=portfolio, draft=stated, now=NOW, idempotency_key=key)
        assert lines() == [("+", "recorded")]

    def test_what_is_refused_leaves_none(self, portfolio, bought) -> None:
        record(portfolio, "sell", "1", "2024-01-02", unit_price="100")
        before = lines()
        with pytest.raises(HoldingWouldBeNegative):
            amend(bought, "0.5")
        with pytest.raises(HoldingWouldBeNegative):
            services.delete_transaction(transaction=bought, now=NOW)
        too_much = draft("sell", "5", "2024-02-01", unit_price="1")
        with pytest.raises(services.BatchRefused):
            services.record_batch(portfolio=portfolio, drafts=[too_much], now=NOW)
        assert lines() == before

    def test_what_changes_nothing_leaves_none(self, portfolio, bought) -> None:
        services.restore_transaction(transaction=bought, now=NOW)
        services.delete_transaction(transaction=bought, now=NOW)
        services.delete_transaction(transaction=bought, now=NOW)
        services.rename_portfolio(portfolio=portfolio, name="Savings")
        services.change_cost_method(portfolio=portfolio, cost_method="average")
        assert lines() == [("+", "recorded"), ("~", "deleted")]
        assert about(portfolio) == [("+", "Savings", "average")]

    def test_a_portfolio_is_made_renamed_switched_and_deleted(self, portfolio) -> None:
        services.rename_portfolio(portfolio=portfolio, name="Cold")
        services.change_cost_method(portfolio=portfolio, cost_method="fifo")
        kept = Portfolio.objects.get()
        services.delete_portfolio(portfolio=portfolio)
        assert about(kept) == [
            ("+", "Savings", "average"),
            ("~", "Cold", "average"),
            ("~", "Cold", "fifo"),
            ("-", "Cold", "fifo"),
        ]

    def test_renaming_undoes_no_method_that_was_changed_meanwhile(self, portfolio) -> None:
        stale = Portfolio.objects.get()
        services.change_cost_method(portfolio=portfolio, cost_method="fifo")
        services.rename_portfolio(portfolio=stale, name="Cold")
        assert about(portfolio)[-1] == ("~", "Cold", "fifo")
        assert Portfolio.objects.get().cost_method == "fifo"


class TestWho:
    def test_without_a_request_it_is_the_system(self, bought) -> None:
        assert trail_of(bought).changes[0].who == "the system"

    def test_the_owner_is_told_as_you(self, alice_client, portfolio) -> None:
        form = {"kind": "buy", "portfolio": portfolio.pk, "asset": AssetFactory().pk, "quantity": "1"}
        form |= {"unit_price": "5", "occurred_at": "2024-01-01T00:00", "note": ""}
        assert alice_client.post("/transactions/new/", form).status_code == 303
        assert trail_of(Transaction.objects.get()).changes[0].who == "you"
        assert Transaction.history.get().history_user_id == portfolio.owner_id

    def test_somebody_else_is_an_administrator_and_stays_one_when_deleted(self, bought) -> None:
        root = User.objects.create_superuser("root", "root@example.org", "a-long-password")
        bought._history_user = root
        bought.save()
        for _ in range(2):
            assert trail_of(bought).changes[0].who == "an administrator"
            User.objects.filter(username="root").delete()
        assert "root" not in repr(trail_of(bought))

    def test_a_request_that_is_over_lends_its_user_to_nobody(self, alice_client, portfolio) -> None:
        alice_client.get("/transactions/")
        row = record(portfolio, "buy", "1", "2024-01-01", unit_price="1")
        assert trail_of(row).changes[0].who == "the system"


class TestBeforeAndAfter:
    def test_a_change_tells_its_fields_and_no_others(self, bought) -> None:
        amend(bought, "2", "2024-01-02", note="Corrected")
        newest = trail_of(bought).changes[0]
        assert newest.act is Act.CHANGED
        assert told(newest) == {
            "Quantity": (1, 2),
            "Date and time": (day("2024-01-01"), day("2024-01-02")),
            "Note": (None, "Corrected"),
        }

    def test_amounts_are_exact_to_the_last_digit(self, portfolio) -> None:
        small, large = "0.000000000000000001", "99999999999999999999.999999999999999999"
        row = record(portfolio, "deposit", small, "2024-01-01", cost="0")
        changed = draft("deposit", large, "2024-01-01", cost="12345678901234567890.123456789012345678")
        services.amend_transaction(transaction=row, draft=changed, now=LATER)
        found = told(trail_of(row).changes[0])
        assert found["Quantity"] == (Decimal(small), Decimal(large))
        assert found["What the coins cost"] == (0, Decimal("12345678901234567890.123456789012345678"))

    def test_a_new_one_says_what_was_stated(self, bought) -> None:
        newest = trail_of(bought).changes[0]
        assert told(newest) == {
            "Type": (None, "Buy"), "Asset": (None, "BTC"), "Quantity": (None, 1), "Currency": (None, "USD"),
            "Date and time": (None, day("2024-01-01")), "Price per unit": (None, 100), "Fee": (None, 1),
        }  # fmt: skip

    def test_a_fee_in_coins_is_a_quantity_and_one_in_money_an_amount(self, portfolio, bought) -> None:
        ether = AssetFactory(symbol="ETH")
        record(portfolio, "buy", "5", "2023-12-01", unit_price="10", asset=ether)
        SnapshotFactory(asset=ether, at=day("2023-12-31 23:30"), price=Decimal(10))
        amend(bought, "1", fee="0.5", fee_asset=ether)
        fee = next(one for one in trail_of(bought).changes[0].fields if one.label == "Fee")
        assert (fee.before.shape, fee.before.unit) == (Shape.AMOUNT, "USD")
        assert (fee.after.shape, fee.after.unit) == (Shape.QUANTITY, "ETH")

    def test_another_currency_is_another_price(self, bought) -> None:
        SnapshotFactory(asset=FiatFactory(), at=day("2023-12-31 15:00"), price=Decimal("1.25"))
        amend(bought, "1", currency="EUR")
        found = told(trail_of(bought).changes[0])
        assert found["Price per unit"] == (100, 100)
        assert found["Exchange rate"] == (1, Decimal("1.25"))

    def test_a_price_that_the_market_gave_says_where_from(self, bought) -> None:
        SnapshotFactory(at=day("2023-12-31 23:30"), price=Decimal(90))
        amend(bought, "1", unit_price=None)
        found = told(trail_of(bought).changes[0])
        assert found["Price per unit"] == (100, 90)
        assert found["Price from"] == (None, "pack")

    def test_what_a_line_refers_to_may_be_gone(self, alice, portfolio, bought) -> None:
        other = PortfolioFactory(owner=alice, name="Other")
        moved = record(portfolio, "transfer", "0.5", "2024-02-01", to_portfolio=other)
        third = PortfolioFactory(owner=alice, name="Third")
        changed = draft("transfer", "0.5", "2024-02-01", to_portfolio=third)
        services.amend_transaction(transaction=moved, draft=changed, now=NOW)
        services.delete_portfolio(portfolio=other)
        assert told(trail_of(moved).changes[0]) == {"To portfolio": (GONE, "Third")}

    def test_a_coin_that_is_gone_is_not_made_up(self, bought) -> None:
        coin = AssetFactory(symbol="DOGE")
        amend(bought, "1", asset=coin)
        amend(bought, "1")
        Asset.objects.filter(symbol="DOGE").delete()
        asset, quantity = trail_of(bought).changes[0].fields
        assert (asset.before.value, asset.after.value) == (GONE, "BTC")
        assert (quantity.before.unit, quantity.after.unit) == ("", "BTC")

    def test_every_field_of_a_transaction_is_told_or_left_out_on_purpose(self) -> None:
        kept = {field.name for field in Transaction.history.model.tracked_fields}
        assert kept == LABELS.keys() | UNTOLD
        left = {field.name for field in Transaction._meta.fields} - kept
        assert left == {"idempotency_key", "other_rates", "created_at", "updated_at"}

    def test_what_was_there_before_the_trail_has_no_invented_beginning(self, bought) -> None:
        Transaction.history.all().delete()
        assert trail_of(bought).changes == ()
        amend(bought)
        trail = trail_of(bought)
        assert (trail.has_beginning, trail.recorded_at) == (False, bought.created_at)
        assert [(one.act, one.fields, one.is_known) for one in trail.changes] == [(Act.CHANGED, (), False)]

    def test_a_restored_one_without_a_beginning_is_still_told_as_restored(self, bought) -> None:
        services.delete_transaction(transaction=bought, now=NOW)
        Transaction.history.all().delete()
        services.restore_transaction(transaction=bought, now=NOW)
        assert [change.act for change in trail_of(bought).changes] == [Act.RESTORED]

    def test_it_is_read_in_few_queries_and_ends_somewhere(
        self, bought, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        Transaction.history.bulk_history_create([bought] * (MOST + 3), update=True)
        row = Transaction.objects.select_related("portfolio").get()
        with django_assert_num_queries(2):  # its lines, its coins; of a transfer a third
            trail = trail_of(row)
        assert (len(trail.changes), trail.has_more, trail.changes[-1].is_known) == (MOST, True, True)


class TestWhatGoesWithWhat:
    def test_a_deleted_transaction_keeps_its_lines(self, bought) -> None:
        services.delete_transaction(transaction=bought, now=NOW)
        assert [change.act for change in trail_of(bought).changes] == [Act.DELETED, Act.RECORDED]

    def test_a_portfolio_takes_those_of_its_transactions_and_leaves_its_own(self, alice, bought) -> None:
        other = record(PortfolioFactory(owner=alice), "buy", "1", "2024-01-01", unit_price="1")
        services.delete_portfolio(portfolio=bought.portfolio)
        assert [line.id for line in Transaction.history.all()] == [other.pk]
        assert Portfolio.history.filter(name="Savings").count() == 2

    def test_an_account_takes_all_of_its_lines_and_nobody_elses(self, alice, charlie, bought) -> None:
        theirs = record(PortfolioFactory(owner=charlie), "buy", "1", "2024-01-01", unit_price="1")
        services.delete_portfolio(portfolio=PortfolioFactory(owner=alice, name="Old"))
        alice.delete()
        assert [line.id for line in Transaction.history.all()] == [theirs.pk]
        assert [line.owner for line in Portfolio.history.all()] == [charlie]
        connection.check_constraints()

    def test_accounts_that_are_deleted_together_leave_nothing(self, alice, charlie, bought) -> None:
        PortfolioFactory(owner=charlie)
        User.objects.all().delete()
        assert not Transaction.history.exists()
        assert not Portfolio.history.exists()
        connection.check_constraints()

    def test_a_row_that_is_removed_by_hand_leaves_a_line(self, bought) -> None:
        pk = bought.pk
        Transaction.objects.all().delete()
        assert list(Transaction.history.filter(id=pk).values_list("history_type", flat=True)) == ["-", "+"]


class TestThirtyDays:
    def test_on_the_thirtieth_day_it_comes_back(self, bought) -> None:
        services.delete_transaction(transaction=bought, now=NOW)
        row = services.restore_transaction(transaction=bought, now=NOW + services.KEPT_FOR)
        assert row.deleted_at is None

    def test_later_it_stays_deleted_and_says_why(self, bought) -> None:
        services.delete_transaction(transaction=bought, now=NOW)
        late = NOW + services.KEPT_FOR + timedelta(microseconds=1)
        with pytest.raises(ValidationError, match="more than 30 days ago"):
            services.restore_transaction(transaction=bought, now=late)
        assert Transaction.objects.get().deleted_at == NOW
        assert lines()[-1] == ("~", "deleted")
