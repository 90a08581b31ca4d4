"""Booking in several currencies at once, where places are kept in different ones.

Under hifo it hangs on their cost which lots leave, and what was dearest in dollars need not be so in euros. A
coin leaves once: which one is settled in the currency that the place is kept in, and in all others the same
one leaves, at what it cost there.

Worked example (100 $ when a euro was 1.25 $, then 120 $ when it was 1.60 $; kept in euros, under hifo):

>>> from datetime import UTC, datetime
>>> from portfolios.ledger.entries import Action, Against
>>> def history(*costs):
...     days = [datetime(2024, 1, day, tzinfo=UTC) for day in (1, 2, 3)]
...     what = [Action.ACQUIRE, Action.ACQUIRE, Action.DISPOSE]
...     each = zip(days, what, map(Decimal, [*costs, 0]), strict=True)
...     return [Entry(at, at.day, "BTC", does, Against.MONEY, Decimal(1), cost) for at, does, cost in each]
>>> told = {"EUR": history(80, 75), "USD": history(100, 120)}
>>> for currency, booked in book_together(told, {0: "hifo"}, {0: "EUR"}).items():
...     print(currency, [str(part.cost) for part in booked[-1].slices])
EUR ['80']
USD ['100']
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from portfolios.ledger.booking import Booked, collector_at_rest, fold, in_order, most_missing
from portfolios.ledger.entries import Entry
from portfolios.ledger.errors import HoldingWouldBeNegative
from portfolios.ledger.lots import RANKED_BY_COST, Lot, Pool, Slice, cut


def book_together(
    told: Mapping[str, Iterable[Entry]], methods: Mapping[int, str], kept_in: Mapping[int, str]
) -> dict[str, list[Booked]]:
    """Book the entries of one asset, told in each currency; `kept_in` names that of each place.

    The same entries in every currency, in the same order. Told must be, beside what is asked for, the
    currencies of places whose method goes by cost. Raises HoldingWouldBeNegative, as `book` does.
    """
    pools = _pools(told, methods, kept_in)
    turns = {own: sorted(told, key=own.__ne__) for own in set(kept_in.values())}  # its own goes first
    booked: dict[str, list[Booked]] = {currency: [] for currency in told}
    with collector_at_rest():
        ordered = zip(*map(in_order, told.values()), strict=True)
        try:
            for same in ordered:
                entries = dict(zip(told, same, strict=True))
                for currency in turns[kept_in[same[0].place]]:
                    booked[currency] += fold((entries[currency],), methods, pools[currency])
        except HoldingWouldBeNegative as refusal:
            refusal.short = most_missing(refusal, (same[0] for same in ordered))
            raise
    return booked


def _pools(
    told: Iterable[str], methods: Mapping[int, str], kept_in: Mapping[int, str]
) -> dict[str, dict[int, Pool]]:
    """Those of places whose method goes by cost; by age the same lots leave in every currency anyway."""
    pools: dict[str, dict[int, Pool]] = {currency: {} for currency in told}
    for place, method in methods.items():
        if method in RANKED_BY_COST:
            leader = _Leading(method)
            for currency in pools:
                pools[currency][place] = _Following(method, leader)
            pools[kept_in[place]][place] = leader
    return pools


class _Leading(Pool):
    """A pool that keeps in mind what was taken last."""

    __slots__ = ("taken",)

    def take(self, quantity: Decimal) -> tuple[Slice, ...]:
        self.taken = super().take(quantity)
        return self.taken


class _Following(Pool):
    """The same pool in another currency: what left the one that it follows leaves here, at its cost here."""

    __slots__ = ("leader", "lots")

    def __init__(self, method: str, leader: _Leading) -> None:
        super().__init__(method)
        self.leader = leader
        self.lots: dict[int, Lot] = {}

    def put(
        self, origin: int, at: datetime, quantity: Decimal, cost: Decimal, unit_cost: Decimal | None = None
    ) -> Lot:
        lot = Lot(self.next_number, origin, at, quantity, cost, unit_cost)
        self.next_number += 1
        self.quantity += quantity
        self.lots[lot.number] = lot
        return lot

    def take(self, quantity: Decimal) -> tuple[Slice, ...]:
        self.quantity -= quantity
        return tuple(self._same(piece) for piece in self.leader.taken)

    def _same(self, piece: Slice) -> Slice:
        lot, wanted = self.lots[piece.lot.number], piece.quantity
        held, cost = lot.open_quantity, lot.open_cost
        share = cost if wanted == held else cut(cost * wanted / held)
        lot.open_quantity, lot.open_cost = held - wanted, cost - share
        return Slice(lot, wanted, share)
