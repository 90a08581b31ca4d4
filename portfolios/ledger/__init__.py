"""The arithmetic of Bitfolio: pure, standard library only, no clock, no I/O.

Entries go in, in any order; positions come out. All amounts of one call are in one currency, the book's.
Decimals only; the caller runs with a context precision of 60 digits.
"""

from portfolios.ledger.booking import Booked, book
from portfolios.ledger.entries import Action, Against, Entry
from portfolios.ledger.errors import HoldingWouldBeNegative
from portfolios.ledger.lots import METHODS, Lot, Pool, Slice, spread
from portfolios.ledger.performance import Flow, time_weighted_return
from portfolios.ledger.positions import Position, ratio, total

__all__ = [
    "METHODS",
    "Action",
    "Against",
    "Booked",
    "Entry",
    "Flow",
    "HoldingWouldBeNegative",
    "Lot",
    "Pool",
    "Position",
    "Slice",
    "book",
    "ratio",
    "spread",
    "time_weighted_return",
    "total",
]
