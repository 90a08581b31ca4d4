"""The lots of an asset as its page lists them: what is open, and what closed with what it brought."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from portfolios.models import Booking, Portfolio
from portfolios.selectors import LotFigures, gains, lots
from portfolios.selectors.formulas import less, plus, worth
from portfolios.selectors.gains import MatchedLot
from portfolios.selectors.memory import Memory
from prices.models import Asset


@dataclass(frozen=True, slots=True)
class ClosedLot:
    """A lot of which nothing is left. `sold` is how much of it realised something; the rest left at cost.

    Money is in the page's currency; None is unknown.
    """

    lot: LotFigures
    sold: Decimal
    cost: Decimal | None  # of what was sold
    proceeds: Decimal | None

    @property
    def gain(self) -> Decimal | None:
        return less(self.proceeds, self.cost)


class LotRows:
    """Lots as a paginator asks for them. Each page is remembered until the books change."""

    def __init__(self, name: str, find: Callable[[], list[Any]], memory: Memory) -> None:
        self.name, self.find, self.memory = name, find, memory

    @cached_property
    def _all(self) -> list[Any]:
        return self.find()

    def count(self) -> int:
        return self.memory.recall(f"{self.name}:count", lambda: len(self._all))

    def __getitem__(self, span: slice) -> list[Any]:
        return self.memory.recall(f"{self.name}:{span.start}:{span.stop}", lambda: self._all[span])


def lot_rows(
    portfolio: Portfolio, asset: Asset, shown: str, *, currency: str, at: datetime, memory: Memory
) -> LotRows:
    """Return the lots that are "open", the oldest first, or those "closed", the latest first.

    The memory is that of the portfolio at that moment; what was booked on the day itself is counted.
    """
    today = Booking.objects.of([portfolio]).between(memory.until, at).count()
    find = open_lots if shown == "open" else closed_lots
    name = f"lots:{asset.pk}:{shown}:{today}"
    return LotRows(name, lambda: find(portfolio, asset, currency, at), memory)


def open_lots(portfolio: Portfolio, asset: Asset, currency: str, at: datetime) -> list[LotFigures]:
    found = lots([portfolio], asset, currency=currency, at=at, with_closed=False)
    return sorted(found.open, key=lambda lot: (lot.acquired_at, lot.number))


def valued(rows: Iterable[LotFigures], price: Decimal | None, at: datetime) -> list[LotFigures]:
    """Return open lots at a price and a moment that no memory knows."""
    return [
        replace(lot, value=worth(lot.open_quantity, price), days_held=(at - lot.acquired_at).days)
        for lot in rows
    ]


def closed_lots(portfolio: Portfolio, asset: Asset, currency: str, at: datetime) -> list[ClosedLot]:
    found = lots([portfolio], asset, currency=currency, at=at)
    told = gains([portfolio], currency=currency, at=at, zone=UTC, asset=asset)
    pieces: dict[int, list[MatchedLot]] = defaultdict(list)
    for piece in (piece for year in told.years for gain in year.gains for piece in gain.lots):
        pieces[piece.number].append(piece)
    closed = [_closed(lot, pieces[lot.number]) for lot in found.closed]
    return sorted(closed, key=lambda each: (each.lot.closed_at or at, each.lot.number), reverse=True)


def _closed(lot: LotFigures, pieces: Iterable[MatchedLot]) -> ClosedLot:
    pieces = list(pieces)
    sold = sum((piece.quantity for piece in pieces), Decimal(0))
    cost, proceeds = plus(*(piece.cost for piece in pieces)), plus(*(piece.proceeds for piece in pieces))
    return ClosedLot(lot, sold, cost, proceeds) if pieces else ClosedLot(lot, sold, None, None)
