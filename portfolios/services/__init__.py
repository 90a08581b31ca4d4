"""Every change to portfolios and transactions. Each verb is atomic, and the portfolio's row is its lock."""

from portfolios.services.batches import BatchRefused, BatchWouldBeNegative, record_batch
from portfolios.services.leaving import delete_account
from portfolios.services.openings import OtherTransactions, adjust_opening, open_holding, remove_opening
from portfolios.services.portfolios import (
    change_cost_method,
    change_portfolio,
    create_portfolio,
    default_portfolio,
    delete_portfolio,
    rebuild_books,
    rename_portfolio,
)
from portfolios.services.repricing import OfferChanged, accept_price, keep_price
from portfolios.services.transactions import (
    KEPT_FOR,
    ChangedMeanwhile,
    amend_transaction,
    delete_transaction,
    erase_transaction,
    record_transaction,
    restore_transaction,
)

__all__ = [
    "KEPT_FOR",
    "BatchRefused",
    "BatchWouldBeNegative",
    "ChangedMeanwhile",
    "OfferChanged",
    "OtherTransactions",
    "accept_price",
    "adjust_opening",
    "amend_transaction",
    "change_cost_method",
    "change_portfolio",
    "create_portfolio",
    "default_portfolio",
    "delete_account",
    "delete_portfolio",
    "delete_transaction",
    "erase_transaction",
    "keep_price",
    "open_holding",
    "rebuild_books",
    "record_batch",
    "record_transaction",
    "remove_opening",
    "rename_portfolio",
    "restore_transaction",
]
