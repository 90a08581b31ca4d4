"""Transfers between own portfolios, and the cost methods: lots keep what they cost and when they came."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from portfolios import services
from portfolios.ledger import HoldingWouldBeNegative
from portfolios.models import Lot, Portfolio, Transaction
from portfolios.selectors import overview
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
from tests.portfolios.books import assert_sound, done, figures, left, legs, lots, stands

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def the_books_are_sound(alice):
    yield
    assert_sound(alice)


@pytest.fixture
def portfolio(alice) -> Portfolio:
    """2 BTC for 200, then 2 for 600."""
    made = PortfolioFactory(owner=alice, cost_method="fifo")
    record(made, "buy", "2", "2024-01-01", unit_price="100")
    record(made, "buy", "2", "2024-02-01", unit_price="300")
    return made


@pytest.fixture
def other(alice) -> Portfolio:
    return PortfolioFactory(owner=alice, cost_method="fifo")


def transfer(
    portfolio: Portfolio, other: Portfolio, quantity: str, at: str = "2024-03-01", **stated
) -> Transaction:
    return done(portfolio, "transfer", quantity, at, to_portfolio=other, **stated)


class TestBooks:
    def test_lots_move_with_their_cost_and_time_and_the_fee_is_a_loss(self, portfolio, other) -> None:
        moved = transfer(portfolio, other, "3", fee="0.5", fee_asset=AssetFactory())
        gone = figures(quantity="-3", cost_basis="-500", money_out="500", transferred_out="500")
        came = figures(quantity="3", cost_basis="500", money_in="500", transferred_in="500")
        assert legs(moved) == [
            (0, "BTC", portfolio, gone),
            (1, "BTC", other, came),
            (2, "BTC", portfolio, figures(quantity="-0.5", cost_basis="-150", realised="-150", fees="150")),
        ]
        assert stands(portfolio) == figures(
            quantity="0.5",
            cost_basis="150",
            realised="-150",
            fees="150",
            money_in="800",
            money_out="500",
            transferred_out="500",
        )
        assert stands(other) == came
        assert lots(portfolio) == [
            (1, "01-01", 2, 200, 0, 0),
            (2, "02-01", 2, 600, Decimal("0.5"), 150),
        ]
        assert lots(other) == [(1, "01-01", 2, 200, 2, 200), (2, "02-01", 1, 300, 1, 300)]
        assert left(moved) == [
            (0, 1, 2, 200, None),
            (0, 2, 1, 300, None),
            (2, 2, Decimal("0.5"), 150, 0),
        ]

    def test_a_lot_names_what_brought_it_and_what_acquired_it(self, portfolio, other) -> None:
        moved = transfer(portfolio, other, "3")
        bought = portfolio.transactions.filter(kind="buy").in_booking_order()
        assert [(lot.transaction, lot.origin, lot.arrived_at) for lot in other.lots.order_by("number")] == [
            (moved, one, day("2024-03-01")) for one in bought
        ]

    def test_the_fee_may_be_another_coin(self, portfolio, other) -> None:
        ether = AssetFactory(symbol="ETH")
        record(portfolio, "buy", "1", "2024-01-01", total="10", asset=ether)
        transfer(portfolio, other, "4", fee="0.5", fee_asset=ether)
        assert stands(portfolio, "ETH") == figures(
            quantity="0.5", cost_basis="5", realised="-5", fees="5", money_in="10"
        )
        assert [row.asset.symbol for row in other.holdings.all()] == ["BTC"]

    @pytest.mark.parametrize(
        ("method", "cost"), [("fifo", 100), ("lifo", 300), ("hifo", 300), ("average", Decimal("137.5"))]
    )
    def test_what_arrived_ranks_by_when_it_was_acquired_first(self, portfolio, other, method, cost) -> None:
        """The one for 50 was bought there, after those for 100, before those for 300, before they arrived."""
        services.change_cost_method(portfolio=other, cost_method=method)
        record(other, "buy", "1", "2024-01-15", unit_price="50")
        transfer(portfolio, other, "3")
        sold = record(other, "sell", "1", "2024-04-01", unit_price="400")
        assert (sold.bookings.get().cost, sold.bookings.get().gain) == (cost, 400 - cost)

    def test_another_cost_method_of_the_giving_portfolio_changes_what_arrived(self, portfolio, other) -> None:
        transfer(portfolio, other, "2")
        services.change_cost_method(portfolio=portfolio, cost_method="lifo")
        assert lots(other) == [(1, "02-01", 2, 600, 2, 600)]
        assert stands(portfolio)["cost_basis"] == 200

    def test_between_currencies_each_portfolio_keeps_the_cost_at_the_rates_of_its_day(
        self, alice, portfolio
    ) -> None:
        for at, rate in (("2024-01-01", "1.25"), ("2024-02-01", "1.5"), ("2024-03-01", "2")):
            SnapshotFactory(asset=FiatFactory(), at=day(at), price=Decimal(rate))
        euros = PortfolioFactory(owner=alice, currency="EUR", cost_method="fifo")
        transfer(portfolio, euros, "3")
        assert lots(euros) == [(1, "01-01", 2, 160, 2, 160), (2, "02-01", 1, 200, 1, 200)]
        assert stands(euros) == figures(quantity="3", cost_basis="360", money_in="360", transferred_in="360")
        transfer(euros, portfolio, "2", "2024-03-02", currency="EUR")
        assert stands(euros) == figures(
            quantity="1",
            cost_basis="200",
            money_in="360",
            money_out="160",
            transferred_in="360",
            transferred_out="160",
        )
        assert stands(portfolio) == figures(
            quantity="3",
            cost_basis="500",
            money_in="1000",
            money_out="500",
            transferred_in="200",
            transferred_out="500",
        )
        assert lots(portfolio)[2:] == [(3, "01-01", 2, 200, 2, 200)]

    def test_between_currencies_an_unknown_rate_in_their_history_is_refused(self, alice, portfolio) -> None:
        SnapshotFactory(asset=FiatFactory(), at=day("2024-03-01"), price=Decimal(2))
        euros = PortfolioFactory(owner=alice, currency="EUR")
        with pytest.raises(ValidationError, match="exchange rate of that time is not known"):
            record(portfolio, "transfer", "1", "2024-03-01", to_portfolio=euros)
        assert not euros.lots.exists()
        assert portfolio.transactions.count() == 2


class TestChanges:
    def test_deleting_one_books_both_portfolios_anew_and_restoring_it_too(self, portfolio, other) -> None:
        moved = transfer(portfolio, other, "3", fee="0.5", fee_asset=AssetFactory())
        were = stands(portfolio), stands(other), lots(other)
        services.delete_transaction(transaction=moved, now=NOW)
        assert stands(portfolio) == figures(quantity="4", cost_basis="800", money_in="800")
        assert not other.holdings.exists()
        assert not other.lots.exists()
        assert not moved.bookings.exists()
        assert_sound(portfolio.owner)
        services.restore_transaction(transaction=moved, now=NOW)
        assert (stands(portfolio), stands(other), lots(other)) == were

    def test_sending_it_elsewhere_books_all_three_anew(self, alice, portfolio, other) -> None:
        third = PortfolioFactory(owner=alice)
        moved = transfer(portfolio, other, "3")
        came = stands(other)
        changed = draft("transfer", "3", "2024-03-01", to_portfolio=third)
        services.amend_transaction(transaction=moved, draft=changed, now=NOW)
        assert stands(third) == came
        assert not other.holdings.exists()
        assert not Lot.objects.filter(portfolio=other).exists()
        assert [(leg, place) for leg, _, place, _ in legs(moved)] == [(0, portfolio), (1, third)]

    def test_an_amended_purchase_changes_what_it_cost_wherever_it_went(self, alice, portfolio, other) -> None:
        third = PortfolioFactory(owner=alice)
        transfer(portfolio, other, "2")
        transfer(other, third, "1", "2024-03-02")
        bought = portfolio.transactions.in_booking_order().first()
        services.amend_transaction(
            transaction=bought, draft=draft("buy", "2", "2024-01-01", unit_price="150"), now=NOW
        )
        assert (stands(other)["cost_basis"], stands(third)["cost_basis"]) == (150, 150)

    def test_what_was_sold_where_it_arrived_can_not_be_taken_back(self, portfolio, other) -> None:
        moved = transfer(portfolio, other, "3")
        record(other, "sell", "1", "2024-04-01", unit_price="400")
        with pytest.raises(
            HoldingWouldBeNegative, match=f"In {other.name}: After this only 0 BTC would be held on 1 April"
        ):
            services.delete_transaction(transaction=moved, now=NOW)
        assert stands(other)["quantity"] == 2

    def test_more_than_is_held_is_not_transferred(self, portfolio, other) -> None:
        with pytest.raises(HoldingWouldBeNegative, match="You held 4 BTC"):
            record(portfolio, "transfer", "4.5", "2024-03-01", to_portfolio=other)
        with pytest.raises(HoldingWouldBeNegative, match="You held 0 BTC"):  # the fee leaves in addition
            record(
                portfolio,
                "transfer",
                "4",
                "2024-03-01",
                to_portfolio=other,
                fee="0.1",
                fee_asset=AssetFactory(),
            )
        assert portfolio.transactions.count() == 2

    def test_a_portfolio_stays_while_transfers_tie_it_to_another(self, portfolio, other) -> None:
        moved = transfer(portfolio, other, "3")
        for tied in (portfolio, other):
            with pytest.raises(ValidationError, match="Delete those transfers first"):
                services.delete_portfolio(portfolio=tied)
        services.delete_transaction(transaction=moved, now=NOW)
        services.delete_portfolio(portfolio=other)
        assert stands(portfolio) == figures(quantity="4", cost_basis="800", money_in="800")


class TestCostMethods:
    """G4: buy 1 @ 100, sell 0.5 @ 150, buy 0.5 @ 300, sell 0.5 @ 200, price 200."""

    RESULTS = [("average", 25, 0), ("fifo", 75, -50), ("lifo", -25, 50), ("hifo", -25, 50)]

    def g4(self, portfolio: Portfolio) -> None:
        SnapshotFactory(price=Decimal(200))
        record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
        record(portfolio, "sell", "0.5", "2024-02-01", unit_price="150")
        record(portfolio, "buy", "0.5", "2024-03-01", unit_price="300")
        record(portfolio, "sell", "0.5", "2024-04-01", unit_price="200")

    @pytest.mark.parametrize(("method", "realised", "unrealised"), RESULTS)
    def test_g4_under_each(self, other, method, realised, unrealised) -> None:
        portfolio = services.change_cost_method(portfolio=other, cost_method=method)
        self.g4(portfolio)
        seen = overview(portfolio, currency="USD", now=NOW)
        assert (seen.realised, seen.unrealised, seen.net_result) == (realised, unrealised, 25)

    @pytest.mark.parametrize(("method", "realised", "unrealised"), RESULTS)
    def test_a_change_of_method_books_from_the_first_transaction_on(
        self, alice, method, realised, unrealised
    ) -> None:
        portfolio = PortfolioFactory(owner=alice, cost_method="hifo" if method != "hifo" else "fifo")
        self.g4(portfolio)
        services.change_cost_method(portfolio=portfolio, cost_method=method)
        seen = overview(portfolio, currency="USD", now=NOW)
        assert (seen.realised, seen.unrealised, seen.net_result) == (realised, unrealised, 25)

    def test_one_that_there_is_not_is_refused(self, portfolio) -> None:
        with pytest.raises(ValidationError) as refusal:
            services.change_cost_method(portfolio=portfolio, cost_method="guess")
        assert "cost_method" in refusal.value.message_dict


def test_nothing_goes_into_the_portfolio_of_somebody_else_whoever_hands_it_in(portfolio, charlie) -> None:
    """The doors offer nobody's but one's own; the rule holds without them, for a batch too."""
    foreign = PortfolioFactory(owner=charlie)
    with pytest.raises(ValidationError) as refused:
        transfer(portfolio, foreign, "1")
    assert refused.value.message_dict == {"to_portfolio": ["Choose one of your own portfolios."]}
    stated = draft("transfer", "1", "2024-03-01", to_portfolio=foreign)
    with pytest.raises(services.BatchRefused):
        services.record_batch(portfolio=portfolio, drafts=[stated], now=NOW)
    assert not Transaction.objects.filter(kind="transfer").exists()
