"""What you did (portfolios and their transactions: truth), and what follows from it (read models)."""

from portfolios.models.audit import Act
from portfolios.models.books import AT_COST, FEE_LEG, FIGURES, Booking, DailyPosition, Disposal, Holding, Lot
from portfolios.models.transactions import Kind, Portfolio, Transaction, TransactionQuerySet, left_out_of

__all__ = [
    "AT_COST",
    "FEE_LEG",
    "FIGURES",
    "Act",
    "Booking",
    "DailyPosition",
    "Disposal",
    "Holding",
    "Kind",
    "Lot",
    "Portfolio",
    "Transaction",
    "TransactionQuerySet",
    "left_out_of",
]
