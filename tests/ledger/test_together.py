"""The laws of books that are kept in several currencies: what book_together() says is what the model says."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolios.ledger import HoldingWouldBeNegative, book, book_together
from tests import model
from tests.ledger.test_laws import PLACES, histories, laws, mixes, moments, quantities, said, to_entry
from tests.model import TRANSFER, Effect

CURRENCIES = ("USD", "EUR")
codes = st.sampled_from(CURRENCIES)
kept = st.tuples(codes, codes, codes).map(lambda three: dict(zip(PLACES, three, strict=True)))
rates = st.lists(st.sampled_from([Fraction(2), Fraction(1, 2), Fraction(4, 5), Fraction(9, 7)]), min_size=20)


def told(history: list[Effect], rates: list[Fraction]) -> dict[str, list[Effect]]:
    """In dollars, and in euros at a rate of its own each."""
    in_euros = [
        replace(
            effect, **{name: model.cut(getattr(effect, name) * rate) for name in ("amount", "fee", "inside")}
        )
        for effect, rate in zip(history, rates, strict=False)
    ]
    return {"USD": history, "EUR": in_euros}


def together(history: dict[str, list[Effect]], mix: dict[int, str], kept_in: dict[int, str]) -> dict:
    entries = {currency: [to_entry(one) for one in effects] for currency, effects in history.items()}
    return book_together(entries, mix, kept_in)


@laws
@given(histories(), rates, mixes, kept)
def test_the_books_of_each_currency_are_those_of_the_plain_model(history, rates, mix, kept_in) -> None:
    in_each = told(history, rates)
    plain = model.fold_side_by_side(in_each, mix, kept_in)
    for currency, steps in together(in_each, mix, kept_in).items():
        assert [said(step) for step in steps] == [said(change) for change in plain[currency].changes]


@laws
@given(histories(), rates, mixes, kept)
def test_the_same_lots_leave_and_arrive_in_every_currency(history, rates, mix, kept_in) -> None:
    steps = together(told(history, rates), mix, kept_in)
    for one, other in zip(steps["USD"], steps["EUR"], strict=True):
        assert [(part.lot.number, part.quantity) for part in one.slices] == [
            (part.lot.number, part.quantity) for part in other.slices
        ]
        for lot, same in zip(one.made, other.made, strict=True):
            names = "number origin acquired_at quantity open_quantity".split()
            assert [getattr(lot, name) for name in names] == [getattr(same, name) for name in names]


@laws
@given(histories(), rates, mixes)
def test_in_the_one_currency_of_all_places_they_are_what_they_are_alone(history, rates, mix) -> None:
    in_each = told(history, rates)
    steps = together(in_each, mix, dict.fromkeys(PLACES, "EUR"))["EUR"]
    alone = book([to_entry(effect) for effect in in_each["EUR"]], mix)
    assert [said(step) for step in steps] == [said(step) for step in alone]


@laws
@given(histories(), rates, mixes, kept, quantities, moments)
def test_what_is_not_there_is_refused_as_it_is_in_one_currency(
    history, rates, mix, kept_in, quantity, at
) -> None:
    more = Effect(at, 99, "BTC", TRANSFER, "cost", quantity + 99, place=1, to=2)
    with pytest.raises(HoldingWouldBeNegative) as refusal:
        together(told([*history, more], rates), mix, kept_in)
    with pytest.raises(HoldingWouldBeNegative) as alone:
        book([to_entry(effect) for effect in [*history, more]], mix)
    assert vars(refusal.value) == vars(alone.value)
