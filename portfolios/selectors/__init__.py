"""Reads that join rows, ledger and prices; frozen dataclasses come out, for pages, admin and API alike."""

from portfolios.selectors.audit import Trail, contradictions, trail_of
from portfolios.selectors.books import Books, Step, books, steps
from portfolios.selectors.duplicates import possible_duplicates
from portfolios.selectors.explain import Explanation, UnknownFigure, explain, explain_gain
from portfolios.selectors.figures import HoldingFigures, Overview, PriceState
from portfolios.selectors.gains import Gain, Gains, gains
from portfolios.selectors.history import Series, Trades, price_with_trades, value_history
from portfolios.selectors.lots import LotFigures, Lots, lots
from portfolios.selectors.overview import overview, overviews
from portfolios.selectors.performance import Returns, returns
from portfolios.selectors.periods import Bridge, bridge
from portfolios.selectors.preview import Preview, preview
from portfolios.selectors.repricing import Offer, Weighed, has_offers, offer_of, offers, weighed
from portfolios.selectors.transactions import TransactionFigures, figures_of
from portfolios.selectors.verification import differences

__all__ = [
    "Books",
    "Bridge",
    "Explanation",
    "Gain",
    "Gains",
    "HoldingFigures",
    "LotFigures",
    "Lots",
    "Offer",
    "Overview",
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
    "books",
    "bridge",
    "contradictions",
    "differences",
    "explain",
    "explain_gain",
    "figures_of",
    "gains",
    "has_offers",
    "lots",
    "offer_of",
    "offers",
    "overview",
    "overviews",
    "possible_duplicates",
    "preview",
    "price_with_trades",
    "returns",
    "steps",
    "trail_of",
    "value_history",
    "weighed",
]
