"""Each kind of transaction through the services: what it leaves in every read model. All figures by hand."""

from decimal import Decimal

import pytest

from portfolios.models import Portfolio, Transaction
from tests.factories import AssetFactory, PortfolioFactory, SnapshotFactory, day, record
from tests.portfolios.books import assert_sound, done, figures, left, legs, lots, stands

pytestmark = pytest.mark.django_db


@pytest.fixture
def portfolio(alice) -> Portfolio:
    """Under fifo, where every lot keeps its own cost: 2 BTC for 200."""
    made = PortfolioFactory(owner=alice, cost_method="fifo")
    record(made, "buy", "2", "2024-01-01", unit_price="100")
    return made


@pytest.fixture
def bnb(portfolio):
    """A coin to pay fees in: 10 for 20, worth 3 each when they are paid."""
    coin = AssetFactory(symbol="BNB")
    record(portfolio, "buy", "10", "2024-01-01", total="20", asset=coin)
    SnapshotFactory(asset=coin, at=day("2024-03-01"), price=Decimal(3))
    return coin


@pytest.fixture(autouse=True)
def the_books_are_sound(alice):
    yield
    assert_sound(alice)


class TestWhatComes:
    def test_a_buy_costs_its_fee_too(self, portfolio) -> None:
        bought = done(portfolio, "buy", "1", unit_price="150", fee="4")
        change = figures(quantity="1", cost_basis="154", fees="4", money_in="154")
        assert legs(bought) == [(0, "BTC", portfolio, change)]
        assert stands(portfolio) == figures(quantity="3", cost_basis="354", fees="4", money_in="354")
        assert lots(portfolio) == [(1, "01-01", 2, 200, 2, 200), (2, "03-01", 1, 154, 1, 154)]
        assert left(bought) == []

    def test_a_coin_fee_of_a_buy_is_disposed_of_and_no_money_in(self, portfolio, bnb) -> None:
        bought = done(portfolio, "buy", "1", unit_price="150", fee="2", fee_asset=bnb)
        assert (bought.fee_price, bought.fee_price_source) == (3, "pack")
        assert legs(bought) == [
            (
                0,
                "BTC",
                portfolio,
                figures(quantity="1", cost_basis="156", fees="6", money_in="150", moved="6"),
            ),
            (2, "BNB", portfolio, figures(quantity="-2", cost_basis="-4", realised="2", moved="-6")),
        ]
        assert stands(portfolio, "BNB") == figures(
            quantity="8", cost_basis="16", realised="2", money_in="20", moved="-6"
        )
        assert lots(portfolio)[-1] == (2, "03-01", 1, 156, 1, 156)
        assert lots(portfolio, "BNB") == [(1, "01-01", 10, 20, 8, 16)]
        assert left(bought) == [(2, 1, 2, 4, 6)]

    def test_a_fee_in_the_coin_that_is_bought_is_worth_what_the_trade_says(self, portfolio) -> None:
        bought = done(portfolio, "buy", "1", unit_price="150", fee="0.1", fee_asset=AssetFactory())
        assert legs(bought) == [
            (
                0,
                "BTC",
                portfolio,
                figures(quantity="1", cost_basis="165", fees="15", money_in="150", moved="15"),
            ),
            (2, "BTC", portfolio, figures(quantity="-0.1", cost_basis="-10", realised="5", moved="-15")),
        ]
        assert stands(portfolio) == figures(
            quantity="2.9", cost_basis="355", realised="5", fees="15", money_in="350"
        )
        assert left(bought) == [(2, 1, Decimal("0.1"), 10, 15)]

    def test_a_deposit_costs_what_is_stated(self, portfolio) -> None:
        came = done(portfolio, "deposit", "1", cost="120")
        assert legs(came) == [(0, "BTC", portfolio, figures(quantity="1", cost_basis="120", money_in="120"))]
        assert stands(portfolio) == figures(quantity="3", cost_basis="320", money_in="320")
        assert lots(portfolio)[-1] == (2, "03-01", 1, 120, 1, 120)
        assert left(came) == []

    def test_income_is_earned_at_the_market_and_is_no_money_in(self, portfolio) -> None:
        SnapshotFactory(at=day("2024-03-01"), price=Decimal(160))
        came = done(portfolio, "income", "0.5")
        assert legs(came) == [(0, "BTC", portfolio, figures(quantity="0.5", cost_basis="80", income="80"))]
        assert stands(portfolio) == figures(quantity="2.5", cost_basis="280", income="80", money_in="200")
        assert lots(portfolio)[-1] == (2, "03-01", Decimal("0.5"), 80, Decimal("0.5"), 80)
        assert left(came) == []


class TestWhatLeaves:
    def test_a_sale_realises_what_it_brings_less_its_fee(self, portfolio) -> None:
        sold = done(portfolio, "sell", "1", unit_price="150", fee="4")
        change = figures(quantity="-1", cost_basis="-100", realised="46", fees="4", money_out="146")
        assert legs(sold) == [(0, "BTC", portfolio, change)]
        assert lots(portfolio) == [(1, "01-01", 2, 200, 1, 100)]
        assert left(sold) == [(0, 1, 1, 100, 146)]

    def test_a_coin_fee_of_a_sale_lowers_the_proceeds_and_not_the_money_out(self, portfolio, bnb) -> None:
        sold = done(portfolio, "sell", "1", unit_price="150", fee="2", fee_asset=bnb)
        change = figures(
            quantity="-1", cost_basis="-100", realised="44", fees="6", money_out="150", moved="6"
        )
        assert legs(sold) == [
            (0, "BTC", portfolio, change),
            (2, "BNB", portfolio, figures(quantity="-2", cost_basis="-4", realised="2", moved="-6")),
        ]
        assert stands(portfolio) == figures(
            quantity="1",
            cost_basis="100",
            realised="44",
            fees="6",
            money_in="200",
            money_out="150",
            moved="6",
        )
        assert lots(portfolio, "BNB") == [(1, "01-01", 10, 20, 8, 16)]
        assert left(sold) == [(0, 1, 1, 100, 144), (2, 1, 2, 4, 6)]

    def test_what_is_spent_is_sold_at_the_market(self, portfolio) -> None:
        SnapshotFactory(at=day("2024-03-01"), price=Decimal(160))
        spent = done(portfolio, "spend", "0.5")
        change = figures(quantity="-0.5", cost_basis="-50", realised="30", money_out="80")
        assert legs(spent) == [(0, "BTC", portfolio, change)]
        assert stands(portfolio) == figures(
            quantity="1.5", cost_basis="150", realised="30", money_in="200", money_out="80"
        )
        assert lots(portfolio) == [(1, "01-01", 2, 200, Decimal("1.5"), 150)]
        assert left(spent) == [(0, 1, Decimal("0.5"), 50, 80)]

    def test_a_withdrawal_leaves_at_its_cost_and_its_coin_fee_is_lost(self, portfolio, bnb) -> None:
        gone = done(portfolio, "withdrawal", "0.5", fee="2", fee_asset=bnb)
        assert gone.fee_price is None
        assert legs(gone) == [
            (0, "BTC", portfolio, figures(quantity="-0.5", cost_basis="-50", money_out="50")),
            (2, "BNB", portfolio, figures(quantity="-2", cost_basis="-4", realised="-4", fees="4")),
        ]
        assert stands(portfolio) == figures(quantity="1.5", cost_basis="150", money_in="200", money_out="50")
        assert stands(portfolio, "BNB") == figures(
            quantity="8", cost_basis="16", realised="-4", fees="4", money_in="20"
        )
        assert lots(portfolio) == [(1, "01-01", 2, 200, Decimal("1.5"), 150)]
        assert left(gone) == [(0, 1, Decimal("0.5"), 50, None), (2, 1, 2, 4, 0)]

    @pytest.mark.parametrize(("kind", "fees"), [("gift", "0"), ("lost", "0"), ("fee", "50")])
    def test_what_leaves_for_nothing_is_a_loss_of_its_cost(self, portfolio, kind, fees) -> None:
        gone = done(portfolio, kind, "0.5")
        paid = {name: value for name, value in figures(fees=fees).items() if value}
        change = figures(quantity="-0.5", cost_basis="-50", realised="-50") | paid
        assert legs(gone) == [(0, "BTC", portfolio, change)]
        assert stands(portfolio) == (
            figures(quantity="1.5", cost_basis="150", realised="-50", money_in="200") | paid
        )
        assert lots(portfolio) == [(1, "01-01", 2, 200, Decimal("1.5"), 150)]
        assert left(gone) == [(0, 1, Decimal("0.5"), 50, 0)]


class TestSwaps:
    @pytest.fixture
    def ether(self):
        return AssetFactory(symbol="ETH")

    def swap(self, portfolio, ether, **stated) -> Transaction:
        """Half of the bitcoin for 10 ether, at 150."""
        stated = {"unit_price": "150", "to_asset": ether, "to_quantity": "10"} | stated
        return done(portfolio, "swap", "1", **stated)

    def test_a_fee_in_money_is_money_in(self, portfolio, ether) -> None:
        swapped = self.swap(portfolio, ether, fee="5")
        received = figures(quantity="10", cost_basis="155", fees="5", money_in="5", moved="150")
        assert legs(swapped) == [
            (0, "BTC", portfolio, figures(quantity="-1", cost_basis="-100", realised="50", moved="-150")),
            (1, "ETH", portfolio, received),
        ]
        assert stands(portfolio) == figures(
            quantity="1", cost_basis="100", realised="50", money_in="200", moved="-150"
        )
        assert stands(portfolio, "ETH") == received
        assert lots(portfolio) == [(1, "01-01", 2, 200, 1, 100)]
        assert lots(portfolio, "ETH") == [(1, "03-01", 10, 155, 10, 155)]
        assert left(swapped) == [(0, 1, 1, 100, 150)]

    def test_a_fee_in_a_third_coin_moves_into_what_is_received(self, portfolio, ether, bnb) -> None:
        swapped = self.swap(portfolio, ether, fee="2", fee_asset=bnb)
        received = figures(quantity="10", cost_basis="156", fees="6", moved="156")
        assert legs(swapped) == [
            (0, "BTC", portfolio, figures(quantity="-1", cost_basis="-100", realised="50", moved="-150")),
            (1, "ETH", portfolio, received),
            (2, "BNB", portfolio, figures(quantity="-2", cost_basis="-4", realised="2", moved="-6")),
        ]
        assert lots(portfolio, "ETH") == [(1, "03-01", 10, 156, 10, 156)]
        assert left(swapped) == [(0, 1, 1, 100, 150), (2, 1, 2, 4, 6)]

    def test_a_fee_in_the_coin_given_leaves_it_twice(self, portfolio, ether) -> None:
        swapped = self.swap(portfolio, ether, fee="0.1", fee_asset=AssetFactory())
        assert stands(portfolio) == figures(
            quantity="0.9", cost_basis="90", realised="55", money_in="200", moved="-165"
        )
        assert stands(portfolio, "ETH") == figures(quantity="10", cost_basis="165", fees="15", moved="165")
        assert left(swapped) == [(0, 1, 1, 100, 150), (2, 1, Decimal("0.1"), 10, 15)]

    def test_a_fee_in_the_coin_received_is_paid_from_it(self, portfolio, ether) -> None:
        swapped = self.swap(portfolio, ether, fee="1", fee_asset=ether)
        assert swapped.fee_price == 15
        assert stands(portfolio, "ETH") == figures(
            quantity="9", cost_basis="148.5", realised="-1.5", fees="15", moved="150"
        )
        assert left(swapped) == [(0, 1, 1, 100, 150), (2, 1, 1, Decimal("16.5"), 15)]

    def test_one_whose_coin_given_has_no_price_is_worth_what_was_received(self, portfolio, ether) -> None:
        SnapshotFactory(asset=ether, at=day("2024-03-01"), price=Decimal(12))
        swapped = self.swap(portfolio, ether, unit_price=None)
        assert (swapped.unit_price, swapped.price_source, swapped.price_grade) == (120, "pack", "A")
        assert stands(portfolio, "ETH") == figures(quantity="10", cost_basis="120", moved="120")

    def test_a_stated_total_is_its_worth_without_the_fee(self, portfolio, ether) -> None:
        swapped = self.swap(portfolio, ether, unit_price=None, total="130", fee="5")
        assert left(swapped) == [(0, 1, 1, 100, 130)]
        assert lots(portfolio, "ETH") == [(1, "03-01", 10, 135, 10, 135)]
