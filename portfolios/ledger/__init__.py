"""The arithmetic of Bitfolio: pure, standard library only, no clock, no I/O.

Entries go in, in any order; positions come out. All amounts of one call are in one currency, the book's.
Decimals only; the caller runs with a context precision of 60 digits.
"""

from portfolios.ledger.booking import Booked, book
from portfolios.ledger.entries import Action, Against, Entry
from portfolios.ledger.errors import HoldingWouldBeNegative
from portfolios.ledger.lots import METHODS, RANK_DIGITS, RANKED_BY_COST, Lot, Pool, Slice, spread
from portfolios.ledger.performance import Flow, Growth, time_weighted_return
from portfolios.ledger.positions import Position, ratio, total
from portfolios.ledger.risk import annualised, drawdown_of_returns, max_drawdown, volatility
from portfolios.ledger.together import book_together

__all__ = [
    "METHODS",
    "RANKED_BY_COST",
    "RANK_DIGITS",
    "Action",
    "Against",
    "Booked",
    "Entry",
    "Flow",
    "Growth",
    "HoldingWouldBeNegative",
    "Lot",
    "Pool",
    "Position",
    "Slice",
    "annualised",
    "book",
    "book_together",
    "drawdown_of_returns",
    "max_drawdown",
    "ratio",
    "spread",
    "time_weighted_return",
    "total",
    "volatility",
]
