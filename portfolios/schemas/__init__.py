"""The shapes in which the API takes and tells portfolios and what is in them."""

from portfolios.schemas.asking import (
    Asking,
    AskingGains,
    AskingHistory,
    AskingHoldings,
    AskingLots,
    AskingPerformance,
    AskingSpan,
)
from portfolios.schemas.courses import HistoryOut, PerformanceOut
from portfolios.schemas.figures import GainOut, GainsOut, GainTotals, HoldingOut, LotOut, SummaryOut
from portfolios.schemas.portfolios import PortfolioChange, PortfolioIn, PortfolioOut
from portfolios.schemas.transactions import (
    BatchIn,
    Recorded,
    Stated,
    TransactionChange,
    TransactionFilter,
    TransactionIn,
    TransactionOut,
)

__all__ = [
    "Asking",
    "AskingGains",
    "AskingHistory",
    "AskingHoldings",
    "AskingLots",
    "AskingPerformance",
    "AskingSpan",
    "BatchIn",
    "GainOut",
    "GainTotals",
    "GainsOut",
    "HistoryOut",
    "HoldingOut",
    "LotOut",
    "PerformanceOut",
    "PortfolioChange",
    "PortfolioIn",
    "PortfolioOut",
    "Recorded",
    "Stated",
    "SummaryOut",
    "TransactionChange",
    "TransactionFilter",
    "TransactionIn",
    "TransactionOut",
]
