"""The shapes in which the API takes and tells portfolios and what is in them."""

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
    "BatchIn",
    "PortfolioChange",
    "PortfolioIn",
    "PortfolioOut",
    "Recorded",
    "Stated",
    "TransactionChange",
    "TransactionFilter",
    "TransactionIn",
    "TransactionOut",
]
