"""Booking: entries of one asset are folded, in time order, into lots and running figures.

Worked example (G1: buy 1 @ 100, sell 0.5 @ 150, buy 0.5 @ 300, average method):

>>> from datetime import datetime, UTC
>>> def entry(day, action, quantity, amount):
...     moment = datetime(2024, 1, day, tzinfo=UTC)
...     return Entry(moment, day, "BTC", action, Against.MONEY, Decimal(quantity), Decimal(amount))
>>> steps = book(
...     [
...         entry(1, Action.ACQUIRE, "1", "100"),
...         entry(2, Action.DISPOSE, "0.5", "75"),
...         entry(3, Action.ACQUIRE, "0.5", "150"),
...     ],
...     "average",
... )
>>> [f"{figure:.2f}" for figure in (steps[1].gain, steps[2].after.cost_basis, steps[2].after.average_price)]
['25.00', '200.00', '200.00']
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Protocol

from portfolios.ledger.entries import ZERO, Action, Against, Entry
from portfolios.ledger.errors import HoldingWouldBeNegative
from portfolios.ledger.positions import Position

SMALLEST = Decimal(1).scaleb(-18)


@dataclass(frozen=True, slots=True)
class Booked:
    """An entry as the books took it: what it cost, what it brought, and the position after it.

    `cost` is the cost acquired, or that of the lots used; `proceeds` and `gain` are None where the entry
    has none (acquisitions; `gain` also where nothing is realised).
    """

    entry: Entry
    cost: Decimal
    proceeds: Decimal | None
    gain: Decimal | None
    after: Position


class Pool(Protocol):
    """The open lots of one asset under one cost method."""

    quantity: Decimal
    cost: Decimal

    def acquire(self, quantity: Decimal, cost: Decimal) -> None: ...

    def dispose(self, quantity: Decimal) -> Decimal:
        """Take `quantity` (never more than is held) out and return its cost."""


class AveragePool:
    """All units cost the same: the average of what is held. A sale never changes that average."""

    def __init__(self) -> None:
        self.quantity, self.cost = ZERO, ZERO

    def acquire(self, quantity: Decimal, cost: Decimal) -> None:
        self.quantity += quantity
        self.cost += cost

    def dispose(self, quantity: Decimal) -> Decimal:
        """Cut the share of the cost to 18 places; the remainder stays, and leaves with the last unit."""
        share = self.cost if quantity == self.quantity else _cut(self.cost * quantity / self.quantity)
        self.quantity -= quantity
        self.cost -= share
        return share


METHODS: dict[str, Callable[[], Pool]] = {"average": AveragePool}


def book(entries: Iterable[Entry], method: str) -> tuple[Booked, ...]:
    """Book the entries of one asset under a cost method, in time order.

    Raises HoldingWouldBeNegative at the first entry that takes more than is held.
    """
    pool, position, steps = METHODS[method](), Position(), []
    for entry in sorted(entries, key=lambda each: each.order):
        step = (
            _acquire(pool, position, entry)
            if entry.action is Action.ACQUIRE
            else _dispose(pool, position, entry)
        )
        steps.append(step)
        position = step.after
    return tuple(steps)


def _acquire(pool: Pool, before: Position, entry: Entry) -> Booked:
    pool.acquire(entry.quantity, entry.amount)
    earned = entry.amount if entry.against is Against.INCOME else ZERO
    after = Position(
        quantity=pool.quantity,
        cost_basis=pool.cost,
        realised=before.realised,
        income=before.income + earned,
        fees=before.fees + entry.fee,
        money_in=before.money_in + entry.amount - earned,
        money_out=before.money_out,
    )
    return Booked(entry, entry.amount, None, None, after)


def _dispose(pool: Pool, before: Position, entry: Entry) -> Booked:
    if entry.quantity > pool.quantity:
        raise HoldingWouldBeNegative(
            asset=entry.asset, at=entry.at, held=pool.quantity, wanted=entry.quantity
        )
    cost = pool.dispose(entry.quantity)
    leaves_at_cost = entry.against is Against.COST
    proceeds = cost if leaves_at_cost else entry.amount
    after = Position(
        quantity=pool.quantity,
        cost_basis=pool.cost,
        realised=before.realised + proceeds - cost,
        income=before.income,
        fees=before.fees + entry.fee,
        money_in=before.money_in,
        money_out=before.money_out + proceeds,
    )
    return Booked(entry, cost, proceeds, None if leaves_at_cost else proceeds - cost, after)


def _cut(amount: Decimal) -> Decimal:
    return amount.quantize(SMALLEST, rounding=ROUND_HALF_EVEN)
