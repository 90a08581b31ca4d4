"""The lots of an asset as its page lists them: what is open, and what closed with what it brought."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from portfolios.models import Portfolio
from portfolios.selectors import HoldingFigures, LotFigures, gains, lots
from portfolios.selectors.formulas import less, plus
from portfolios.selectors.gains import MatchedLot


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


def open_lots(portfolio: Portfolio, one: HoldingFigures, *, currency: str, at: datetime) -> list[LotFigures]:
    """Return what is open, oldest first."""
    found = lots([portfolio], one.asset, currency=currency, at=at, price=one.price, with_closed=False)
    return sorted(found.open, key=lambda lot: (lot.acquired_at, lot.number))


def closed_lots(
    portfolio: Portfolio, one: HoldingFigures, *, currency: str, at: datetime, zone: tzinfo
) -> list[ClosedLot]:
    """Return what was used up, the latest first."""
    found = lots([portfolio], one.asset, currency=currency, at=at, price=one.price)
    told = gains([portfolio], currency=currency, at=at, zone=zone, asset=one.asset)
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
