"""The administrator's door: portfolios and transactions to change; books and audit trail to read."""

from portfolios.admin import audit, books, transactions

__all__ = ["audit", "books", "transactions"]
