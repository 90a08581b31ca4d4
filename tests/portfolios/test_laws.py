"""The laws of the books, through the services and the database.

After every step of the machine (machine.py) everything that is stored is compared with the plain model, and
with what must be true whatever anybody enters. LAWS=thorough in the environment looks longer, and elsewhere
each time.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from portfolios import services
from portfolios.ledger import HoldingWouldBeNegative
from portfolios.models import Booking, Disposal, Holding, Lot, Portfolio
from portfolios.selectors import differences, lots, overviews
from portfolios.selectors.methods import compare
from tests import model
from tests.effort import TIMES
from tests.portfolios.machine import Books
from tests.portfolios.told import Stored, Told, assert_proceeds_are_whole, fractions
from tests.portfolios.world import COINS, MARKET, NOW, START, World
from tests.stated import Stated, effects_of


class Laws(Books):
    """What must be true after every step."""

    @invariant()
    def what_is_stored_is_what_the_model_says(self) -> None:
        stored = Stored(self.world)
        for place, currency in self.world.currencies.items():
            expected = self.plain(self.live, currency)
            told = Told(expected, place)
            assert stored.holdings[place] == told.holdings
            assert stored.days[place] == told.days
            assert stored.bookings[place] == told.bookings
            assert stored.matches[place] == told.matches
            assert stored.open_lots(place, self.methods[place]) == told.open_lots(self.methods[place])
            assert_proceeds_are_whole(stored, expected, place)

    @invariant()
    def the_books_balance(self) -> None:
        moved: dict[int, Decimal] = defaultdict(Decimal)
        for row in Holding.objects.all():
            assert row.position.balances()
            moved[row.portfolio_id] += row.moved
        assert not any(moved.values())

    @invariant()
    def coins_are_conserved_and_keep_their_age(self) -> None:
        came, left, held, kept = Counter(), Counter(), Counter(), Counter()
        for effect in (each for one in self.live.values() for each in effects_of(one, MARKET, "USD")):
            if effect.rank == model.ACQUIRE:
                came[effect.asset, effect.number, effect.at] += effect.quantity
                kept[effect.asset] += effect.quantity
            elif effect.rank != model.TRANSFER:
                left[effect.asset] += effect.quantity
        for lot in Lot.objects.select_related("asset"):
            held[lot.asset.symbol, lot.origin_id, lot.acquired_at] += Fraction(lot.open_quantity)
            kept[lot.asset.symbol] -= Fraction(lot.open_quantity)
        assert all(units <= came[origin] for origin, units in held.items())
        assert all(kept[coin] == left[coin] for coin in COINS)

    @invariant()
    def both_legs_are_born_and_deleted_together_and_tell_of_the_same_lots(self) -> None:
        legs, gone, arrived = defaultdict(set), defaultdict(list), defaultdict(list)
        piece = "transaction_id", "origin_id", "acquired_at", "quantity"
        for number, leg in Booking.objects.values_list("transaction_id", "leg"):
            legs[number].add(leg)
        for number, *told in Disposal.objects.filter(leg=0).values_list(*piece):
            gone[number].append(told)
        for number, *told in Lot.objects.values_list(*piece):
            arrived[number].append(told)
        assert set(legs) == set(self.live)
        for number, stated in self.live.items():
            has_two = stated.kind in {"swap", "transfer"}
            assert legs[number] == {0} | ({1} if has_two else set()) | ({2} if stated.fee_asset else set())
            if stated.kind == "transfer":
                assert sorted(gone[number]) == sorted(arrived[number])

    @invariant()
    def now_and_then_the_product_agrees_with_itself(self) -> None:
        self.steps += 1
        if not self.steps % 5:  # it costs more than the step
            self.the_product_agrees_with_itself()

    def the_product_agrees_with_itself(self) -> None:
        after_all = self.afterwards()
        for portfolio in Portfolio.objects.all():
            assert differences(portfolio) == []
            self.the_same_lots_have_left_in_every_currency(portfolio)
            now = compare(portfolio, portfolio.cost_method, after_all)[:-1]
            stored = {row.asset: row.position for row in portfolio.holdings.select_related("asset")}
            assert {one.asset: one.before.position for one in now} == stored
        together, each = overviews(list(Portfolio.objects.all()), currency="USD", now=after_all)
        figures = self.plain(self.live, "USD").figures
        for one in together.holdings:
            own = [told for (_, coin), told in figures.items() if coin == one.asset.symbol]
            there = [held for of in each.values() for held in of.holdings if held.asset == one.asset]
            assert one.quantity == sum(held.quantity for held in there)
            assert fractions(one.position) == model.together(own)
        for name in ("value", "realised", "cost_basis", "income", "fees", "net_money_in", "net_result"):
            assert getattr(together, name) == sum(getattr(one, name) for one in each.values())
        assert together.net_result == together.value + together.money_out - together.money_in

    def the_same_lots_have_left_in_every_currency(self, portfolio: Portfolio) -> None:
        coin = self.world.assets["BTC"]
        told = [lots([portfolio], coin, currency=code, at=NOW).lots for code in ("USD", "EUR")]
        left = [[(lot.number, lot.origin, lot.quantity, lot.open_quantity) for lot in each] for each in told]
        assert left[0] == left[1]


def try_the_laws_in(of_this_run: World, examples: int) -> None:
    class OfThisRun(Laws):
        world = of_this_run

    run_state_machine_as_test(
        OfThisRun,
        settings=settings(
            max_examples=examples * TIMES,
            stateful_step_count=25,
            phases=[Phase.generate],  # to shrink what was found takes minutes, with a database
        ),
    )


@pytest.mark.django_db
def test_whatever_a_user_does_the_books_are_those_of_the_plain_model() -> None:
    try_the_laws_in(World(["USD", "USD", "USD"]), examples=10)


@pytest.mark.django_db
def test_so_they_are_where_coins_go_between_portfolios_of_several_currencies() -> None:
    try_the_laws_in(World(["USD", "USD", "EUR"]), examples=5)


# What the machine has found, in as few steps as it takes


@pytest.fixture
def books(db: None, request: pytest.FixtureRequest) -> Iterator[Laws]:
    class OfThisTest(Laws):
        world = World(getattr(request, "param", ["USD", "USD", "EUR"]))

    machine = OfThisTest()
    yield machine
    machine.teardown()


def test_of_two_coins_that_run_short_the_first_date_is_named(books) -> None:
    one = Fraction(1)
    for place, bought, instead in zip(books.world.places, ["BTC", "ETH"], ["ETH", "BTC"], strict=False):
        row = books.record(Stated(place, "buy", bought, one, START))
        books.record(Stated(place, "sell", bought, one, START + timedelta(days=2)))
        draft = books.world.draft(Stated(place, "sell", instead, one, START))
        with pytest.raises(HoldingWouldBeNegative) as refusal:
            services.amend_transaction(transaction=row, draft=draft, now=NOW)
        assert (refusal.value.asset, refusal.value.at) == (instead, START)


def test_the_same_coins_arrive_in_a_portfolio_of_another_currency(books) -> None:
    """They were the dearer ones in euros and the cheaper ones in dollars: 100 $ at 1.25, 120 $ at 1.60."""
    dollars, _, euros = books.world.places
    books.choose_method(euros, "hifo")
    for hours in (0, 24):
        books.record(Stated(euros, "buy", "BTC", Fraction(1), START + timedelta(hours=hours)))
    books.record(Stated(euros, "transfer", "BTC", Fraction(1), START + timedelta(days=2), to_place=dollars))
    books.both_legs_are_born_and_deleted_together_and_tell_of_the_same_lots()
    books.coins_are_conserved_and_keep_their_age()
    books.what_is_stored_is_what_the_model_says()


@pytest.mark.parametrize("books", [["USD", "USD"]], indirect=True)
def test_coins_that_were_transferred_keep_their_unit_cost_when_the_books_go_on(books) -> None:
    """33.33… to 18 places; worked back from the cost of so small a part it would have 12."""
    here, there = books.world.places
    books.choose_method(here, "fifo")
    books.choose_method(there, "hifo")
    small = Fraction(1, 10**6)
    books.record(Stated(here, "buy", "BTC", Fraction(3), START, total=Fraction(100)))
    books.record(Stated(here, "transfer", "BTC", small, START + timedelta(days=1), to_place=there))
    books.record(Stated(there, "sell", "BTC", small / 2, START + timedelta(days=2)))
    books.what_is_stored_is_what_the_model_says()
    books.the_product_agrees_with_itself()
