"""What a user states about a transaction, checked and completed; the one place of those rules.

Forms, API, admin and commands hand a Draft to the services; the services complete it here.
"""

from portfolios.drafts.amounts import WITHOUT_AMOUNT, amount_of, money_fee_of, unit_price_of
from portfolios.drafts.completion import FEE_PRICE, PRICE, Completed, complete, thawed
from portfolios.drafts.statements import IN_COINS, LABELS, STATED, STATEMENTS, ZERO, Draft, draft_of, restated

__all__ = [
    "FEE_PRICE",
    "IN_COINS",
    "LABELS",
    "PRICE",
    "STATED",
    "STATEMENTS",
    "WITHOUT_AMOUNT",
    "ZERO",
    "Completed",
    "Draft",
    "amount_of",
    "complete",
    "draft_of",
    "money_fee_of",
    "restated",
    "thawed",
    "unit_price_of",
]
