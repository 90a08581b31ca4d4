"""A machine that does at random what a user can do to three portfolios, and foretells what comes of it.

Each step is done by the services and by the plain model (tests/model.py, tests/stated.py); a refusal must be
the one that the model foretells. What else must be true after each step is in test_laws.py.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import currently_in_test_context, note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from portfolios import services
from portfolios.ledger import HoldingWouldBeNegative
from portfolios.models import Booking, Holding, Portfolio, Transaction
from portfolios.selectors import overviews
from tests import model
from tests.portfolios.world import MARKET, METHODS, NOW, OFTEN, World
from tests.stated import Stated, effects_of

COME = ["buy", "deposit", "income"]
LEAVE = ["sell", "sell", "spend", "gift", "lost", "fee", "withdrawal"]
NEXT = 10**9  # stands for the number of a transaction that is not saved yet

# What a step is about follows from a seed: that spreads wider than hypothesis, which likes to repeat itself.
seeds = st.integers(0, 2**24 - 1)  # above that it prefers the small ones


def attempt(act: Callable[[], Any]) -> tuple[Any, Any]:
    """What came of it, or how it was refused."""
    try:
        with transaction.atomic():
            return act(), None
    except (services.BatchRefused, HoldingWouldBeNegative) as refusal:
        return None, refusal


def first_of(breaks: list[model.Break]) -> model.Break:
    """Of several coins that run short the one that does so first."""
    return min(breaks, key=model.BOOKING_ORDER)


def remember(stated: list[Stated], refusal: Exception | None) -> None:
    """Say, beside the steps of a run that failed, what was stated and how it was answered."""
    if currently_in_test_context():
        told = [{name: str(value) for name, value in vars(one).items() if value} for one in stated]
        note(f"    {told or 'less'}: {refusal or 'done'}")


class Books(RuleBasedStateMachine):
    """Three portfolios of one user, as the product keeps them and as the model tells them."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.live: dict[int, Stated] = {}
        self.deleted: dict[int, Stated] = {}
        self.methods = dict.fromkeys(self.world.places, "average")
        self.kept_in = sorted(set(self.world.currencies.values()), reverse=True)  # dollars, euros
        self.seed = self.steps = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    @initialize(seed=seeds)
    def there_are_portfolios_with_some_coins(self, seed: int) -> None:
        self.seed, chance = seed, Random(seed)
        for place in self.world.places:
            self.choose_method(place, chance.choice(METHODS))
            bought = [self.drawn(chance, "buy", place) for _ in range(4)]
            self.record_batch([replace(one, fee=Fraction(0), fee_asset=None) for one in bought], place)

    # what a user does

    @rule()
    def something_is_entered(self) -> None:
        self.record(self.drawn_of(OFTEN))

    @rule()
    def coins_come(self) -> None:
        self.record(self.drawn_of(COME))

    @rule()
    def coins_leave(self) -> None:
        self.record(self.drawn_of(LEAVE))

    @rule()
    def coins_are_swapped_or_transferred(self) -> None:
        self.record(self.drawn_of(["swap", "transfer"]))

    @precondition(lambda self: self.live)
    @rule()
    def a_transaction_is_changed(self) -> None:
        chance = self.chance()
        number = chance.choice(sorted(self.live))
        new, row = self.world.amended(chance, self.live[number], self.held), self.row(number)
        amended = {"transaction": row, "draft": self.world.draft(new), "now": NOW, "version": row.version}
        if self.agreed(lambda: services.amend_transaction(**amended), {**self.live, number: new}):
            self.live[number] = new
            with pytest.raises(services.ChangedMeanwhile):
                services.amend_transaction(**amended)

    @precondition(lambda self: self.live)
    @rule()
    def a_transaction_is_deleted(self) -> None:
        number = self.chance().choice([*sorted(self.live), *self.the_oldest()])
        rest = {other: stated for other, stated in self.live.items() if other != number}
        row = self.row(number)
        if self.agreed(lambda: services.delete_transaction(transaction=row, now=NOW), rest):
            self.deleted[number] = self.live.pop(number)
            services.delete_transaction(transaction=row, now=NOW)  # once more: nothing happens

    @precondition(lambda self: self.deleted)
    @rule()
    def a_transaction_is_restored(self) -> None:
        number = self.chance().choice(sorted(self.deleted))
        back = {**self.live, number: self.deleted[number]}
        row = self.row(number)
        if self.agreed(lambda: services.restore_transaction(transaction=row, now=NOW), back):
            self.live[number] = self.deleted.pop(number)

    @rule(count=st.integers(1, 4))
    def several_are_recorded_at_once(self, count: int) -> None:
        chance = self.chance()
        place = chance.choice(self.world.places)
        kinds = [chance.choice([*COME, *COME, *OFTEN]) for _ in range(count)]
        self.record_batch([self.drawn(chance, kind, place) for kind in kinds], place)

    @rule()
    def something_rare_is_done(self) -> None:
        chance = self.chance()
        rare = [self.a_request_is_repeated, self.another_method_is_chosen, self.everything_is_sold]
        chance.choice([*rare, self.coins_are_moved_without_a_fee, self.the_books_are_rebuilt])(chance)

    def a_request_is_repeated(self, chance: Random) -> None:
        stated, key = self.drawn(chance, chance.choice(["buy", "sell"])), UUID(int=chance.getrandbits(128))
        first = self.record(stated, key)
        if first:
            assert self.send(stated, key) == first
            elsewhere = self.world.another_place(chance, stated.place)
            for other in (replace(stated, quantity=stated.quantity + 1), replace(stated, place=elsewhere)):
                with pytest.raises(ValidationError):
                    self.send(other, key)

    def another_method_is_chosen(self, chance: Random) -> None:
        place, before = chance.choice(self.world.places), self.result()
        self.choose_method(place, chance.choice(METHODS))
        leave_at_cost = {"withdrawal"} if len(self.kept_in) == 1 else {"withdrawal", "transfer"}
        if not {stated.kind for stated in self.live.values()} & leave_at_cost:
            assert self.result() == before

    def everything_is_sold(self, chance: Random) -> None:
        place, kept = chance.choice(self.world.places), dict(self.live)
        with transaction.atomic():  # and given back, or little could be done after it
            earlier = self.gains()
            for coin, units in self.held(place).items():
                self.record(Stated(place, "sell", coin, units, self.afterwards()))
            assert earlier.items() <= self.gains().items()  # what comes later changes no gain
            for row in Holding.objects.filter(portfolio=place):
                assert (row.quantity, row.cost_basis) == (0, 0)
            transaction.set_rollback(True)
        self.live = kept

    def coins_are_moved_without_a_fee(self, chance: Random) -> None:
        moved = self.drawn(chance, "transfer")
        before = self.all_together()
        if self.record(replace(moved, fee=Fraction(0), fee_asset=None, at=self.afterwards())):
            assert self.all_together() == before

    def the_books_are_rebuilt(self, chance: Random) -> None:
        services.rebuild_books(portfolio=self.portfolio(chance.choice(self.world.places)))

    # how it is drawn, entered and foretold

    def chance(self) -> Random:
        return Random(f"{self.seed} {self.steps}")

    def drawn_of(self, kinds: list[str]) -> Stated:
        chance = self.chance()
        return self.drawn(chance, chance.choice(kinds))

    def drawn(self, chance: Random, kind: str, place: int | None = None) -> Stated:
        return self.world.drawn(chance, kind, self.held, place)

    def held(self, place: int, at: datetime | None = None) -> dict[str, Fraction]:
        figures = self.plain(self.live, "USD", at).figures
        units = {coin: one["quantity"] for (where, coin), one in figures.items() if where == place}
        return {coin: quantity for coin, quantity in units.items() if quantity}

    def afterwards(self) -> datetime:
        return max([NOW, *(stated.at for stated in self.live.values())]) + timedelta(seconds=1)

    def the_oldest(self) -> list[int]:
        """What was done first: much has happened since to the coins that came then."""
        return sorted(self.live, key=lambda number: (self.live[number].at, number))[: len(self.live) // 2]

    def choose_method(self, place: int, method: str) -> None:
        services.change_cost_method(portfolio=self.portfolio(place), cost_method=method)
        self.methods[place] = method

    def send(self, stated: Stated, key: UUID | None = None) -> Transaction:
        portfolio, draft = self.portfolio(stated.place), self.world.draft(stated)
        return services.record_transaction(portfolio=portfolio, draft=draft, now=NOW, idempotency_key=key)

    def record(self, stated: Stated, key: UUID | None = None) -> Transaction | None:
        after = {**self.live, NEXT: replace(stated, number=NEXT)}
        row = self.agreed(lambda: self.send(stated, key), after)
        if row:
            self.live[row.pk] = replace(stated, number=row.pk)
        return row

    def record_batch(self, batch: list[Stated], place: int) -> None:
        """All or nothing, whichever the model foretells."""
        after = {NEXT + number: replace(one, number=NEXT + number) for number, one in enumerate(batch)}
        breaks = self.plain({**self.live, **after}, "USD").breaks
        drafts = [self.world.draft(stated) for stated in batch]
        before = Transaction.objects.count()
        rows, refusal = attempt(
            lambda: services.record_batch(portfolio=self.portfolio(place), drafts=drafts, now=NOW)
        )
        remember(batch, refusal)
        assert bool(refusal) == bool(breaks), refusal or breaks
        if refusal:
            assert Transaction.objects.count() == before
            rows_named = [NEXT + index for index in getattr(refusal, "errors", {})]
            assert (rows_named or [refusal.sequence]) == [first_of(breaks).number]
            return
        for row, stated in zip(rows, batch, strict=True):
            self.live[row.pk] = replace(stated, number=row.pk)

    def agreed(self, act: Callable[[], Transaction], after: dict[int, Stated]) -> Transaction | None:
        """Do it; None if it is refused, as the model must have said, naming the same first moment."""
        breaks = self.plain(after, "USD").breaks
        done, refusal = attempt(act)
        remember([new for number, new in after.items() if self.live.get(number) != new], refusal)
        assert bool(refusal) == bool(breaks), refusal or breaks
        if refusal:
            one = first_of(breaks)
            told = refusal.at, refusal.asset, refusal.place, refusal.held, refusal.wanted
            assert told == (one.at, one.asset, one.place, one.held, one.wanted)
        return done

    def plain(self, rows: dict[int, Stated], currency: str, at: datetime | None = None) -> model.Books:
        """The model's books, told in a currency."""
        told = {
            code: [effect for stated in rows.values() for effect in effects_of(stated, MARKET, code)]
            for code in self.kept_in
        }
        return model.fold_side_by_side(told, self.methods, self.world.currencies, at)[currency]

    def portfolio(self, place: int) -> Portfolio:
        return Portfolio.objects.get(pk=place)

    def row(self, number: int) -> Transaction:
        return Transaction.objects.get(pk=number)

    def result(self) -> dict[str, Decimal]:
        """Realised + unrealised + income in each currency, less the value of what is held."""
        sums = dict.fromkeys(self.kept_in, Decimal(0))
        for row in Holding.objects.all():
            sums[self.world.currencies[row.portfolio_id]] += row.realised - row.cost_basis + row.income
        return sums

    def gains(self) -> dict[tuple[int, int], Decimal | None]:
        return {(row.transaction_id, row.leg): row.gain for row in Booking.objects.all()}

    def all_together(self) -> dict:
        together, _ = overviews(list(Portfolio.objects.all()), currency="USD", now=NOW)
        return {each.asset.symbol: (each.position, each.value) for each in together.holdings if each.position}
