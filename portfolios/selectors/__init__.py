"""Reads that join rows, ledger and prices; frozen dataclasses come out, for pages, admin and API alike."""

from portfolios.selectors.anew import asked_under, asked_without
from portfolios.selectors.audit import Trail, contradictions, trail_of
from portfolios.selectors.books import Books, Step, books, steps
from portfolios.selectors.columns import Columns, columns
from portfolios.selectors.duplicates import possible_duplicates
from portfolios.selectors.ends import newest_known, returns_end
from portfolios.selectors.explain import (
    Explanation,
    UnknownFigure,
    explain,
    explain_earned,
    explain_gain,
)
from portfolios.selectors.figures import HoldingFigures, Overview, PriceState
from portfolios.selectors.gains import Gain, Gains, gain_of, gains
from portfolios.selectors.growth import (
    Grown,
    Levels,
    Performance,
    YearOfReturns,
    bitcoin_instead,
    performance,
)
from portfolios.selectors.history import Series, Trades, price_with_trades, value_history
from portfolios.selectors.lots import LotFigures, Lots, lots, open_lots
from portfolios.selectors.overview import overview, overviews
from portfolios.selectors.performance import Returns, returns
from portfolios.selectors.periods import Bridge, Contribution, bridge
from portfolios.selectors.preview import Preview, preview
from portfolios.selectors.repricing import Offer, Weighed, has_offers, offer_of, offers, weighed
from portfolios.selectors.transactions import TransactionFigures, figures_of
from portfolios.selectors.verification import differences
from portfolios.selectors.years import years_with_gains

__all__ = [
    "Books",
    "Bridge",
    "Columns",
    "Contribution",
    "Explanation",
    "Gain",
    "Gains",
    "Grown",
    "HoldingFigures",
    "Levels",
    "LotFigures",
    "Lots",
    "Offer",
    "Overview",
    "Performance",
    "Preview",
    "PriceState",
    "Returns",
    "Series",
    "Step",
    "Trades",
    "Trail",
    "TransactionFigures",
    "UnknownFigure",
    "Weighed",
    "YearOfReturns",
    "asked_under",
    "asked_without",
    "bitcoin_instead",
    "books",
    "bridge",
    "columns",
    "contradictions",
    "differences",
    "explain",
    "explain_earned",
    "explain_gain",
    "figures_of",
    "gain_of",
    "gains",
    "has_offers",
    "lots",
    "newest_known",
    "offer_of",
    "offers",
    "open_lots",
    "overview",
    "overviews",
    "performance",
    "possible_duplicates",
    "preview",
    "price_with_trades",
    "returns",
    "returns_end",
    "steps",
    "trail_of",
    "value_history",
    "weighed",
    "years_with_gains",
]
