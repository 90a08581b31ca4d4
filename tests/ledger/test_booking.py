"""The ledger alone: no database, no clock. The golden cases of docs/definitions.md, and the laws."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolios.ledger import Action, Against, Entry, HoldingWouldBeNegative, Position, book, total

START = datetime(2024, 1, 1, tzinfo=UTC)
SMALLEST = Decimal("1e-18")


def entry(
    number: int, action: Action, quantity: str, amount: str = "0", against: Against = Against.MONEY, **more
) -> Entry:
    at = more.pop("at", START + timedelta(days=number))
    return Entry(at, number, "BTC", action, against, Decimal(quantity), Decimal(amount), **more)


def buy(number: int, quantity: str, amount: str, **more) -> Entry:
    return entry(number, Action.ACQUIRE, quantity, amount, **more)


def sell(number: int, quantity: str, amount: str, **more) -> Entry:
    return entry(number, Action.DISPOSE, quantity, amount, **more)


G1 = [buy(1, "1", "100"), sell(2, "0.5", "75"), buy(3, "0.5", "150")]


def stands(history: list[Entry]) -> Position:
    """Where the books stand after these entries."""
    return total(step.change for step in book(history, "average"))


def changes(history: list[Entry]) -> list[tuple[Entry, Position, Decimal | None]]:
    return [(step.entry, step.change, step.gain) for step in book(history, "average")]


def test_g1_a_buy_after_a_sale_raises_the_average_and_leaves_the_gain() -> None:
    last = stands(G1)
    assert last == Position(
        quantity=Decimal(1),
        cost_basis=Decimal(200),
        realised=Decimal(25),
        money_in=Decimal(250),
        money_out=Decimal(75),
    )
    assert last.average_price == 200


def test_g2_selling_the_rest_leaves_exactly_nothing() -> None:
    last = stands([*G1, sell(4, "1", "200")])
    assert (last.quantity, last.cost_basis, last.realised) == (0, 0, 25)
    assert last.average_price is None


def test_g3_fees_raise_the_cost_and_lower_the_proceeds() -> None:
    last = stands(
        [
            buy(1, "1", "40040", fee=Decimal(40)),
            sell(2, "0.5", "29970", fee=Decimal(30)),
            buy(3, "0.5", "32532.5", fee=Decimal("32.5")),
        ]
    )
    assert (last.cost_basis, last.average_price, last.realised) == (
        Decimal("52552.5"),
        Decimal("52552.5"),
        9950,
    )
    assert (last.money_in, last.money_out, last.fees) == (Decimal("72572.5"), 29970, Decimal("102.5"))


def test_g4_a_later_sale_realises_against_the_average() -> None:
    last = stands([*G1, sell(4, "0.5", "100")])
    assert (last.realised, 100 - last.cost_basis) == (25, 0)


def test_a_sale_takes_its_share_of_the_cost_and_never_changes_the_average() -> None:
    bought, sold = buy(1, "3", "100"), sell(2, "1", "50")
    assert book([bought, sold], "average")[1].cost == Decimal("33.333333333333333333")
    before, after = stands([bought]), stands([bought, sold])
    assert after.cost_basis == Decimal("66.666666666666666667")
    assert abs(after.average_price - before.average_price) < SMALLEST


def test_the_remainder_of_a_division_leaves_with_the_last_piece() -> None:
    history = [buy(1, "3", "100"), *(sell(number, "1", "0") for number in (2, 3, 4))]
    assert sum(step.cost for step in book(history, "average")[1:]) == 100
    assert stands(history).cost_basis == 0


def test_a_withdrawal_leaves_at_its_cost_and_realises_nothing() -> None:
    history = [buy(1, "2", "100"), entry(2, Action.DISPOSE, "0.5", against=Against.COST)]
    _, left = book(history, "average")
    after = stands(history)
    assert (left.cost, left.proceeds, left.gain) == (25, 25, None)
    assert (after.realised, after.money_out, after.cost_basis) == (0, 25, 75)


def test_income_costs_what_it_is_worth_and_is_no_money_in() -> None:
    earned = stands([entry(1, Action.ACQUIRE, "2", "60", Against.INCOME)])
    assert (earned.income, earned.cost_basis, earned.money_in) == (60, 60, 0)


def test_it_refuses_more_than_is_held_and_says_when_and_how_much() -> None:
    with pytest.raises(HoldingWouldBeNegative) as refusal:
        book([buy(1, "1", "100"), sell(2, "0.75", "0"), sell(3, "0.5", "0")], "average")
    assert (refusal.value.asset, refusal.value.held, refusal.value.at) == (
        "BTC",
        Decimal("0.25"),
        START + timedelta(days=3),
    )
    assert str(refusal.value) == (
        "You held 0.25 BTC on 4 January 2024 at 00:00 UTC, less than the 0.5 BTC that leave then."
    )


def test_entries_are_booked_in_time_order_however_they_are_given() -> None:
    assert changes(list(reversed(G1))) == changes(G1)


def test_within_an_instant_acquisitions_come_first_then_the_order_of_entry() -> None:
    together = [sell(1, "1", "90", at=START), buy(3, "1", "80", at=START), buy(2, "1", "70", at=START)]
    assert [step.entry.sequence for step in book(together, "average")] == [2, 3, 1]


def test_no_entries_book_to_nothing() -> None:
    assert book([], "average") == []


def test_totals_add_field_by_field() -> None:
    one = Position(Decimal(1), Decimal(2), Decimal(3), Decimal(4), Decimal(5), Decimal(6), Decimal(7))
    assert total([one, one]) == Position(*(Decimal(2 * number) for number in range(1, 8)))
    assert total([]) == Position()


amounts = st.decimals("0", "99999999.999999999999999999", places=18)
quantities = st.decimals("0.000000000000000001", "9999999.999999999999999999", places=18)


@st.composite
def histories(draw: st.DrawFn) -> list[Entry]:
    """Possible histories: what leaves is at most what is held, often all of it."""
    held, entries = Decimal(0), []
    for number in range(draw(st.integers(1, 12))):
        leaves = held > 0 and draw(st.booleans())
        quantity = min(draw(quantities), held) if leaves else draw(quantities)
        quantity = held if leaves and draw(st.booleans()) else quantity
        against = draw(st.sampled_from([Against.MONEY, Against.COST if leaves else Against.INCOME]))
        action = Action.DISPOSE if leaves else Action.ACQUIRE
        entries.append(entry(number, action, str(quantity), str(draw(amounts)), against))
        held += -quantity if leaves else quantity
    return entries


@given(histories())
def test_the_books_balance_at_every_step(history: list[Entry]) -> None:
    after = Position()
    for step in book(history, "average"):
        after = after.plus(step.change)
        assert after.balances()
        assert after.quantity >= 0
        assert after.cost_basis >= 0


@given(histories())
def test_selling_everything_leaves_no_cost(history: list[Entry]) -> None:
    last = stands(history)
    if last.quantity:
        closed = stands([*history, sell(99, str(last.quantity), "0")])
        assert (closed.quantity, closed.cost_basis) == (0, 0)


@given(histories(), quantities, amounts)
def test_a_later_transaction_never_changes_an_earlier_gain(
    history: list[Entry], quantity: Decimal, amount: Decimal
) -> None:
    longer = changes([*history, buy(99, str(quantity), str(amount))])
    assert longer[:-1] == changes(history)


@given(histories())
def test_cost_is_conserved_to_the_last_digit(history: list[Entry]) -> None:
    steps = book(history, "average")
    acquired = sum(step.cost for step in steps if step.proceeds is None)
    used = sum(step.cost for step in steps if step.proceeds is not None)
    assert acquired == used + stands(history).cost_basis


@given(histories(), st.decimals("0.01", "100000", places=2))
def test_net_result_is_value_plus_money_out_less_money_in(history: list[Entry], price: Decimal) -> None:
    last = stands(history)
    value = last.quantity * price
    unrealised = value - last.cost_basis
    assert last.realised + unrealised + last.income == value + last.money_out - last.money_in
