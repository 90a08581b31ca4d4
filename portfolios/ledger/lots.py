"""Lots: what is held, in the pieces it was acquired in, and the order in which a cost method gives them up.

A cost method is one sort key, a number: what has the lowest leaves first. fifo gives up the oldest lot first,
lifo the newest, hifo the dearest (by unit cost when acquired, fees included; among equals the older). Under
average all units cost the same; their acquisition times are given up oldest first.

Wherever a cost does not divide exactly it is cut to 18 places and the remainder stays with what is left, so
that nothing is lost, and selling everything leaves exactly nothing.

Worked example (1 at 100 and 3 at 50 each; 2 leave):

>>> for method in ("average", "fifo", "lifo", "hifo"):
...     pool = Pool(method)
...     _ = pool.put(1, EPOCH, Decimal(1), Decimal(100))
...     _ = pool.put(2, EPOCH, Decimal(3), Decimal(150))
...     print(method, [f"{part.quantity} at {part.cost:.1f}" for part in pool.take(Decimal(2))])
average ['1 at 62.5', '1 at 62.5']
fifo ['1 at 100.0', '1 at 50.0']
lifo ['2 at 100.0']
hifo ['1 at 100.0', '1 at 50.0']
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from heapq import heappop, heappush
from typing import NamedTuple

from portfolios.ledger.entries import ZERO

SMALLEST = Decimal(1).scaleb(-18)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Lot:
    """A quantity acquired at one time at one cost, and what is still open of it.

    `number` counts the lots of a pool in the order they came; `origin` is the sequence of the entry that
    acquired them first, wherever they have been since. Under average `open_cost` says nothing: the cost is
    the pool's.
    """

    __slots__ = (
        "_unit_cost",
        "acquired_at",
        "cost",
        "number",
        "open_cost",
        "open_quantity",
        "origin",
        "quantity",
    )

    def __init__(
        self,
        number: int,
        origin: int,
        acquired_at: datetime,
        quantity: Decimal,
        cost: Decimal,
        unit_cost: Decimal | None = None,
    ) -> None:
        self.number, self.origin, self.acquired_at = number, origin, acquired_at
        self.quantity = self.open_quantity = quantity
        self.cost = self.open_cost = cost
        self._unit_cost = unit_cost

    @property
    def unit_cost(self) -> Decimal:
        """When it was acquired, to 18 places."""
        if self._unit_cost is None:
            self._unit_cost = cut(self.cost / self.quantity)
        return self._unit_cost


class Slice(NamedTuple):
    """A part of a lot that left, and what it cost."""

    lot: Lot
    quantity: Decimal
    cost: Decimal


MICROSECOND = timedelta(microseconds=1)
LATEST, DEAREST = 10**27 - 1, 10**57 - 1  # beyond any time with its number, and any unit cost


def _oldest(lot: Lot) -> int:
    return (lot.acquired_at - EPOCH) // MICROSECOND * 10**10 + lot.number


def _newest(lot: Lot) -> int:
    return LATEST - _oldest(lot)


def _dearest(lot: Lot) -> int:
    return (DEAREST - int(lot.unit_cost.scaleb(18))) * 10**27 + _oldest(lot)


METHODS: dict[str, Callable[[Lot], int]] = {
    "average": _oldest,
    "fifo": _oldest,
    "lifo": _newest,
    "hifo": _dearest,
}
RANKED_BY_COST = frozenset({"hifo"})  # in another currency other lots may come first


# As texts of so many digits, ranks stand in their order in a database too.
RANK_DIGITS = {"average": 27, "fifo": 27, "lifo": 27, "hifo": 84}


class Pool:
    """The open lots of one asset in one place, under one cost method.

    `cost` is kept where all units share it, under average. A pool may be opened in the middle of a history:
    with the `quantity` and `cost` that stand then, the open lots (or, of them, those that the method gives up
    first, as many as will be taken), and the next number.
    """

    __slots__ = ("cost", "key", "next_number", "quantity", "queue", "shares_cost")

    def __init__(
        self,
        method: str,
        lots: Iterable[Lot] = (),
        *,
        quantity: Decimal = ZERO,
        cost: Decimal = ZERO,
        next_number: int = 1,
    ) -> None:
        self.key, self.shares_cost = METHODS[method], method == "average"
        self.quantity, self.cost, self.next_number = quantity, cost, next_number
        self.queue = sorted((self.key(lot), lot) for lot in lots)

    def put(
        self, origin: int, at: datetime, quantity: Decimal, cost: Decimal, unit_cost: Decimal | None = None
    ) -> Lot:
        """Add a new lot."""
        lot = Lot(self.next_number, origin, at, quantity, cost, unit_cost)
        self.next_number += 1
        self.quantity += quantity
        if self.shares_cost:
            self.cost += cost
        heappush(self.queue, (self.key(lot), lot))
        return lot

    def take(self, quantity: Decimal) -> tuple[Slice, ...]:
        """Take `quantity` (never more than is held) out of the lots that the method gives up first."""
        slices = self._shared(quantity) if self.shares_cost else self._in_turn(quantity)
        self.quantity -= quantity
        return slices

    def _in_turn(self, wanted: Decimal) -> tuple[Slice, ...]:
        """Each lot with what it cost itself."""
        queue, slices = self.queue, []
        while wanted:
            lot = queue[0][1]
            held, cost = lot.open_quantity, lot.open_cost
            if held <= wanted:
                heappop(queue)
                lot.open_quantity = lot.open_cost = ZERO
                slices.append(Slice(lot, held, cost))
                wanted -= held
            else:
                share = cut(cost * wanted / held)
                lot.open_quantity, lot.open_cost = held - wanted, cost - share
                slices.append(Slice(lot, wanted, share))
                break
        return tuple(slices)

    def _shared(self, wanted: Decimal) -> tuple[Slice, ...]:
        """Units from the oldest lots, at the average cost of all."""
        cost = self.cost if wanted == self.quantity else cut(self.cost * wanted / self.quantity)
        self.cost -= cost
        pieces = self._units(wanted)
        if len(pieces) == 1:
            return (Slice(pieces[0][0], wanted, cost),)
        slices = [Slice(lot, units, cut(cost * units / wanted)) for lot, units in pieces[:-1]]
        rest = cost - sum((piece.cost for piece in slices), ZERO)
        return (*slices, Slice(*pieces[-1], rest))

    def _units(self, wanted: Decimal) -> list[tuple[Lot, Decimal]]:
        queue, pieces = self.queue, []
        while wanted:
            lot = queue[0][1]
            if lot.open_quantity <= wanted:
                heappop(queue)
                pieces.append((lot, lot.open_quantity))
                wanted -= lot.open_quantity
                lot.open_quantity = ZERO
            else:
                lot.open_quantity -= wanted
                pieces.append((lot, wanted))
                break
        return pieces


def cut(amount: Decimal) -> Decimal:
    """To 18 places, half to even."""
    return amount.quantize(SMALLEST, ROUND_HALF_EVEN)


def spread(whole: Decimal, over: Sequence[Decimal]) -> list[Decimal]:
    """Split an amount by quantity, each part cut to 18 places; the remainder goes with the last.

    >>> [str(part) for part in spread(Decimal(1), [Decimal(1), Decimal(2)])]
    ['0.333333333333333333', '0.666666666666666667']
    """
    if len(over) < 2:
        return [whole] * len(over)
    units = sum(over, ZERO)
    parts = [cut(whole * each / units) for each in over[:-1]]
    return [*parts, whole - sum(parts, ZERO)]
