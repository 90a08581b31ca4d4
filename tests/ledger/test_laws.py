"""The laws of the books, for the ledger alone: any history of one asset in three places, under any methods.

What book() says is compared with the plain model of tests/model.py, refusals included. LAWS=thorough in the
environment looks longer, and elsewhere each time.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from portfolios.ledger import Action, Against, Booked, Entry, HoldingWouldBeNegative, Position, book, total
from tests import model
from tests.effort import TIMES
from tests.model import ACQUIRE, DISPOSE, FEE, TRANSFER, Effect

laws = settings(max_examples=60 * TIMES, phases=[Phase.generate, Phase.shrink])

START = datetime(2024, 1, 1, tzinfo=UTC)
PLACES = (1, 2, 3)
SMALLEST = Fraction(1, 10**18)

# Few moments, so that many things happen in one instant and many are entered late.
moments = st.sampled_from([START + timedelta(hours=hours) for hours in (0, 1, 30, 31, 80)])
# Small and round ones, which come out even, and ones with all 18 places.
quantities = st.one_of(
    st.sampled_from([Fraction(1), Fraction(2), Fraction(1, 2), Fraction(7, 10), Fraction(1, 10**18)]),
    st.integers(1, 2 * 10**18).map(lambda units: Fraction(units, 10**18)),
)
amounts = st.one_of(
    st.sampled_from([Fraction(0), Fraction(100), Fraction(100), Fraction(300), Fraction(50)]),
    st.integers(0, 10**21).map(lambda units: Fraction(units, 10**18)),
)
shares = st.sampled_from([Fraction(1), Fraction(2, 3), Fraction(6, 7), Fraction(1, 3), Fraction(101, 100)])
methods = st.sampled_from(["average", "fifo", "lifo", "hifo"])
mixes = st.tuples(methods, methods, methods).map(lambda three: dict(zip(PLACES, three, strict=True)))

COMES = [(ACQUIRE, "money"), (ACQUIRE, "income")]
LEAVES = [(DISPOSE, "money"), (DISPOSE, "nothing"), (DISPOSE, "fee"), (FEE, "fee"), (FEE, "money")]
AT_COST = [(DISPOSE, "cost")]
MOVES = [(TRANSFER, "cost")]
EVERYTHING = COMES + COMES + LEAVES + AT_COST + MOVES + MOVES


@st.composite
def wishes(draw, effects=EVERYTHING, places=PLACES) -> list[tuple[Effect, bool]]:
    """Draw what somebody enters, one after the other, and whether it is refused."""
    kept: list[Effect] = []
    told = []
    for number in range(1, draw(st.integers(6, 16)) + 1):
        effect = draw(wish(number, kept, effects if number > 4 else COMES, places))
        refused = bool(model.fold([*kept, effect], dict.fromkeys(places, "fifo")).breaks)
        told.append((effect, refused))
        if not refused:
            kept.append(effect)
    return told


def histories(effects=EVERYTHING, places=PLACES) -> st.SearchStrategy[list[Effect]]:
    """Draw what was entered and not refused."""
    return wishes(effects, places).map(lambda told: [effect for effect, refused in told if not refused])


@st.composite
def wish(draw, number: int, kept: list[Effect], effects, places) -> Effect:
    rank, against = draw(st.sampled_from(effects))
    place, at = draw(st.sampled_from(places)), draw(moments)
    quantity = draw(quantities)
    if rank != ACQUIRE:  # nearly always some of what is there, or all of it
        lots = model.fold(kept, dict.fromkeys(places, "fifo"), at).lots.get((place, "BTC"), [])
        share = model.cut(sum(lot.quantity for lot in lots) * draw(shares))
        quantity = share or quantity
    has_amount = against in {"money", "income"}
    amount = draw(amounts) if has_amount else Fraction(0)
    inside = draw(st.sampled_from([Fraction(0), amount, amount / 2])) if against == "money" else Fraction(0)
    return Effect(
        at=at,
        number=number,
        asset="BTC",
        rank=rank,
        against=against,
        quantity=quantity,
        amount=amount,
        fee=draw(st.sampled_from([Fraction(0), Fraction(3, 2)])) if has_amount else Fraction(0),
        inside=model.cut(inside),
        place=place,
        to=draw(st.sampled_from([other for other in places if other != place])) if rank == TRANSFER else None,
    )


def exactly(number: Fraction) -> Decimal:
    """The decimal of 18 places that a fraction is."""
    units = number * 10**18
    assert units.denominator == 1
    return Decimal(units.numerator).scaleb(-18)


def to_entry(effect: Effect) -> Entry:
    return Entry(
        at=effect.at,
        sequence=effect.number,
        asset=effect.asset,
        action=Action(effect.rank),
        against=Against(effect.against),
        quantity=exactly(effect.quantity),
        amount=exactly(effect.amount),
        fee=exactly(effect.fee),
        inside=exactly(effect.inside),
        place=effect.place,
        to=effect.to,
        leg=effect.leg,
    )


def booked(effects: list[Effect], mix: dict[int, str] | str) -> list[Booked]:
    return book([to_entry(effect) for effect in effects], mix)


def fractions(position: Position) -> dict[str, Fraction]:
    return {name: Fraction(getattr(position, name)) for name in model.FIGURES}


def where_it_stands(steps: list[Booked], place: int | None = None) -> Position:
    return total(step.change for step in steps if place in {None, step.place})


def said(step: Booked | model.Change) -> tuple:
    """What a booking says, in the words of the model."""
    if isinstance(step, model.Change):
        entry, number, change = step.effect, step.effect.number, step.figures
        pieces = [(p.lot.origin, p.lot.acquired_at, p.quantity, p.cost) for p in step.pieces]
    else:
        entry, number, change = step.entry, step.entry.sequence, fractions(step.change)
        pieces = [
            (s.lot.origin, s.lot.acquired_at, Fraction(s.quantity), Fraction(s.cost)) for s in step.slices
        ]
    return entry.at, number, step.place, change, pieces


@laws
@given(wishes(), mixes)
def test_the_books_are_those_of_the_plain_model_and_refuse_what_it_refuses(wishes, mix) -> None:
    kept: list[Effect] = []
    for effect, refused in wishes:
        plain = model.fold([*kept, effect], mix)
        if not refused:
            kept.append(effect)
            steps = booked(kept, mix)
            assert [said(step) for step in steps] == [said(change) for change in plain.changes]
            continue
        (expected,) = plain.breaks
        with pytest.raises(HoldingWouldBeNegative) as refusal:
            booked([*kept, effect], mix)
        told = {name: getattr(refusal.value, name) for name in "at asset place held wanted".split()}
        told |= {"rank": refusal.value.action, "number": refusal.value.sequence}
        assert told == vars(expected)


@laws
@given(histories(), mixes)
def test_what_is_open_is_what_came_less_what_left(history, mix) -> None:
    pools: dict = {}
    book([to_entry(effect) for effect in history], mix, pools)
    plain = model.fold(history, mix)
    for (place, _), lots in plain.lots.items():
        queue = [lot for _, lot in pools[place].queue]
        opened = [(lot.origin, lot.acquired_at, lot.open_quantity, lot.unit_cost) for lot in queue]
        expected = [(lot.origin, lot.acquired_at, lot.quantity, lot.unit_cost) for lot in lots]
        assert sorted(opened) == sorted(expected)
        assert pools[place].quantity == sum(lot.quantity for lot in lots)
        if mix[place] == "average":  # all units share the cost
            assert pools[place].cost == plain.figures[place, "BTC"]["cost_basis"]
        else:
            assert sorted(lot.open_cost for lot in queue) == sorted(lot.cost for lot in lots)


@laws
@given(histories(), mixes)
def test_the_books_balance_to_the_last_digit_after_every_step(history, mix) -> None:
    steps = booked(history, mix)
    for number in range(1, len(steps) + 1):
        for place in PLACES:
            assert where_it_stands(steps[:number], place).balances()


@laws
@given(histories(COMES + LEAVES, places=(1,)))
def test_the_total_result_is_the_same_under_every_method(history) -> None:
    standings = [where_it_stands(booked(history, method)) for method in ("average", "fifo", "lifo", "hifo")]
    assert len({one.realised - one.cost_basis + one.income for one in standings}) == 1  # plus the value
    assert len({(one.quantity, one.income, one.money_in, one.money_out, one.moved) for one in standings}) == 1


@laws
@given(histories(), mixes, st.data())
def test_what_comes_later_never_changes_an_earlier_gain(history, mix, data) -> None:
    before = booked(history, mix)
    later = data.draw(wish(99, history, EVERYTHING, PLACES))
    later.at = max(effect.at for effect in history) + timedelta(days=data.draw(st.integers(1, 3)))
    assume(not model.fold([*history, later], mix).breaks)
    after = booked([*history, later], mix)
    assert [(one.change, one.gain) for one in before] == [
        (one.change, one.gain) for one in after[: len(before)]
    ]


@laws
@given(histories(), mixes, st.data())
def test_a_transfer_changes_nothing_where_all_places_are_looked_at(history, mix, data) -> None:
    before = booked(history, mix)
    place, to = data.draw(st.sampled_from([(1, 2), (2, 3), (3, 1)]))
    held = where_it_stands(before, place).quantity
    assume(held)
    part = Fraction(held) / data.draw(st.sampled_from([1, 2, 3, 7]))
    end = START + timedelta(days=9)
    moved = Effect(end, 99, "BTC", TRANSFER, "cost", model.cut(part), place=place, to=to)
    assume(moved.quantity)
    after = booked([*history, moved], mix)
    assert where_it_stands(after).without_transfers() == where_it_stands(before).without_transfers()
    assert times(after) == times(before)  # the coins are as old as they were


def times(steps: list[Booked]) -> dict[tuple[int, datetime], Decimal]:
    """Per origin how many units are held, wherever they are."""
    units: dict[tuple[int, datetime], Decimal] = {}
    for step in steps:
        for lot in step.made:
            at = lot.origin, lot.acquired_at
            units[at] = units.get(at, Decimal(0)) + lot.quantity
        for piece in step.slices:
            units[piece.lot.origin, piece.lot.acquired_at] -= piece.quantity
    return {at: held for at, held in units.items() if held}


@laws
@given(histories(), mixes)
def test_every_unit_that_came_is_held_or_has_left_from_the_moment_it_came(history, mix) -> None:
    steps = booked(history, mix)
    came = {(one.number, one.at): one.quantity for one in history if one.rank == ACQUIRE}
    for origin, held in times(steps).items():
        assert 0 < held <= came[origin]
    assert sum(times(steps).values()) == where_it_stands(steps).quantity


@laws
@given(histories(), mixes)
def test_selling_everything_leaves_exactly_nothing_at_no_cost(history, mix) -> None:
    steps, end = booked(history, mix), START + timedelta(days=9)
    sales = [
        Effect(end, 100 + place, "BTC", DISPOSE, "money", Fraction(held), Fraction(10), place=place)
        for place in PLACES
        if (held := where_it_stands(steps, place).quantity)
    ]
    after = booked([*history, *sales], mix)
    for place in PLACES:
        standing = where_it_stands(after, place)
        assert (standing.quantity, standing.cost_basis) == (0, 0)
    assert times(after) == {}


@laws
@given(histories(), mixes, st.integers(0, 2**24))
def test_the_order_in_which_entries_are_handed_over_does_not_matter(history, mix, seed) -> None:
    shuffled = Random(seed).sample(history, len(history))
    assert [said(step) for step in booked(shuffled, mix)] == [said(step) for step in booked(history, mix)]


@laws
@given(histories(), mixes, st.integers(0, 14))
def test_books_that_go_on_are_books_that_were_kept_in_one(history, mix, number) -> None:
    whole = booked(history, mix)
    in_order = sorted((to_entry(effect) for effect in history), key=lambda entry: entry.order)
    pools: dict = {}
    parts = book(in_order[:number], mix, pools) + book(in_order[number:], mix, pools)
    assert [said(step) for step in parts] == [said(step) for step in whole]


@laws
@given(histories(COMES + LEAVES + AT_COST, places=(1,)))
def test_a_sale_never_changes_the_average_price(history) -> None:
    standing = Position()
    for step in booked(history, "average"):
        before, standing = standing, standing.plus(step.change)
        if not step.arrives and standing.quantity:
            difference = Fraction(before.cost_basis) / Fraction(before.quantity)
            difference -= Fraction(standing.cost_basis) / Fraction(standing.quantity)
            assert abs(difference) * Fraction(standing.quantity) <= SMALLEST
