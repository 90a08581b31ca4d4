"""Booking: entries of one asset are folded, in time order, into lots and gains.

Worked example (G4: buy 1 @ 100, sell 0.5 @ 150, buy 0.5 @ 300, sell 0.5 @ 200):

>>> from datetime import UTC, datetime
>>> def entry(day, action, quantity, amount):
...     moment = datetime(2024, 1, day, tzinfo=UTC)
...     return Entry(moment, day, "BTC", action, Against.MONEY, Decimal(quantity), Decimal(amount))
>>> history = [
...     entry(1, Action.ACQUIRE, "1", "100"),
...     entry(2, Action.DISPOSE, "0.5", "75"),
...     entry(3, Action.ACQUIRE, "0.5", "150"),
...     entry(4, Action.DISPOSE, "0.5", "100"),
... ]
>>> for method in ("average", "fifo", "lifo", "hifo"):
...     stands = total(each.change for each in book(history, method))
...     print(method, f"{stands.realised:.2f}, unrealised {100 - stands.cost_basis:.2f}")
average 25.00, unrealised 0.00
fifo 75.00, unrealised -50.00
lifo -25.00, unrealised 50.00
hifo -25.00, unrealised 50.00
"""

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from operator import eq, itemgetter
from typing import NamedTuple

from portfolios.ledger.entries import ZERO, Action, Against, Entry
from portfolios.ledger.errors import HoldingWouldBeNegative
from portfolios.ledger.lots import Lot, Pool, Slice
from portfolios.ledger.positions import Position, total

__all__ = ["Booked", "book", "total"]

BY_TIME = itemgetter(Entry._fields.index("at"))
BY_TIME_AND_RANK = itemgetter(*map(Entry._fields.index, ("at", "action", "sequence")))
ACQUIRE = Action.ACQUIRE  # an enum's member is slow to look up


class Booked(NamedTuple):
    """What an entry did in one place. A transfer is booked twice: where it leaves and where it arrives.

    `cost` is the cost acquired, or that of the slices taken. `made` are the lots that came. `arrives` is true
    of every acquisition, and of the second booking of a transfer.
    """

    entry: Entry
    place: int
    cost: Decimal
    arrives: bool
    made: tuple[Lot, ...] = ()
    slices: tuple[Slice, ...] = ()

    @property
    def proceeds(self) -> Decimal | None:
        """What a disposal brought, net of fee: nothing where coins leave for nothing. None for what comes."""
        if self.arrives:
            return None
        return self.cost if self.leaves_at_cost else self.entry.amount

    @property
    def gain(self) -> Decimal | None:
        """Proceeds less cost; None where nothing is realised."""
        return None if self.arrives or self.leaves_at_cost else self.entry.amount - self.cost

    @property
    def leaves_at_cost(self) -> bool:
        entry = self.entry
        return not self.arrives and (entry.action is Action.TRANSFER or entry.against is Against.COST)

    @property
    def change(self) -> Position:
        """What it changed in the running figures of its asset in its place."""
        if self.entry.action is Action.TRANSFER:
            return self._moved_over()
        return self._came() if self.arrives else self._left()

    def _came(self) -> Position:
        entry = self.entry
        outside = entry.amount - entry.inside
        earned, paid = (outside, ZERO) if entry.against is Against.INCOME else (ZERO, outside)
        return Position(entry.quantity, entry.amount, ZERO, earned, entry.fee, paid, ZERO, entry.inside)

    def _left(self) -> Position:
        entry, proceeds = self.entry, self.proceeds or ZERO
        fee = self.cost if entry.against is Against.FEE else entry.fee
        gain, received = proceeds - self.cost, proceeds - entry.inside
        return Position(-entry.quantity, -self.cost, gain, ZERO, fee, ZERO, received, -entry.inside)

    def _moved_over(self) -> Position:
        quantity, cost = self.entry.quantity, self.cost
        if self.arrives:
            return Position(quantity, cost, money_in=cost, transferred_in=cost)
        return Position(-quantity, -cost, money_out=cost, transferred_out=cost)


def book(
    entries: Iterable[Entry], method: str | Mapping[int, str], pools: dict[int, Pool] | None = None
) -> list[Booked]:
    """Book the entries of one asset, in time order, under one cost method or that of each place.

    `pools` are those of the places where the history goes on from what was booked before; they are changed,
    and joined by those of other places. Raises HoldingWouldBeNegative at the first entry that takes more than
    is held.
    """
    with collector_at_rest():
        ordered = iter(in_order(entries))
        try:
            return fold(ordered, method, {} if pools is None else pools)
        except HoldingWouldBeNegative as refusal:
            refusal.short = most_missing(refusal, ordered)
            raise


def most_missing(refusal: HoldingWouldBeNegative, rest: Iterable[Entry]) -> Decimal:
    """The most that is ever missing where it was refused, if the entries after that go on as they are."""
    place, missing = refusal.place, refusal.wanted - refusal.held
    most = missing
    for entry in rest:
        if entry.place == place:
            missing += -entry.quantity if entry.action is ACQUIRE else entry.quantity
        elif entry.to == place:
            missing -= entry.quantity
        most = max(most, missing)
    return most


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Nothing made here refers to itself, and the collector would look at all of it again and again."""
    was_at_work = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_at_work:
            gc.enable()


def fold(entries: Iterable[Entry], method: str | Mapping[int, str], pools: dict[int, Pool]) -> list[Booked]:
    """Book entries that are in order already."""
    booked: list[Booked] = []
    for entry in entries:
        place = entry.place
        pool = pools.get(place)
        if pool is None:
            pool = pools[place] = _open(method, place)
        if entry.action is ACQUIRE:
            lot = pool.put(entry.sequence, entry.at, entry.quantity, entry.amount)
            booked.append(Booked(entry, place, entry.amount, True, (lot,), ()))
            continue
        slices = _take(pool, entry)
        cost = slices[0].cost if len(slices) == 1 else sum((piece.cost for piece in slices), ZERO)
        booked.append(Booked(entry, place, cost, False, (), slices))
        if entry.to is not None:
            into = pools.get(entry.to)
            if into is None:
                into = pools[entry.to] = _open(method, entry.to)
            booked.append(Booked(entry, entry.to, cost, True, _arrive(into, pool, slices), ()))
    return booked


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """By time; within one instant acquisitions, transfers, disposals, fees; among equals as entered."""
    found = sorted(entries, key=BY_TIME)
    times = list(map(BY_TIME, found))
    is_rank_needed = any(map(eq, times, times[1:]))  # that would cost more than the sorting by time
    return sorted(found, key=BY_TIME_AND_RANK) if is_rank_needed else found


def _open(method: str | Mapping[int, str], place: int) -> Pool:
    return Pool(method if isinstance(method, str) else method[place])


def _take(pool: Pool, entry: Entry) -> tuple[Slice, ...]:
    if entry.quantity > pool.quantity:
        raise HoldingWouldBeNegative(
            asset=entry.asset,
            at=entry.at,
            held=pool.quantity,
            wanted=entry.quantity,
            place=entry.place,
            action=entry.action,
            sequence=entry.sequence,
        )
    return pool.take(entry.quantity)


def _arrive(into: Pool, left: Pool, slices: tuple[Slice, ...]) -> tuple[Lot, ...]:
    """Lots keep their acquisition time and their cost, and with it their rank."""
    return tuple(
        into.put(
            piece.lot.origin,
            piece.lot.acquired_at,
            piece.quantity,
            piece.cost,
            None if left.shares_cost else piece.lot.unit_cost,
        )
        for piece in slices
    )
