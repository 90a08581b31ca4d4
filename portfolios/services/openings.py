"""Holdings that are stated whole, as a quantity and what a unit of it cost: one opening deposit each."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from django.db import transaction as database

from portfolios.drafts import Draft, amount_of, restated
from portfolios.models import Kind, Portfolio, Transaction
from portfolios.services.portfolios import lock
from portfolios.services.transactions import amend_transaction, delete_transaction, record_transaction
from prices.fields import ONE_UNIT
from prices.models import Asset


class OtherTransactions(Exception):
    """The asset has transactions beside an opening deposit, so its holding can't be stated whole."""

    def __init__(self, asset: Asset) -> None:
        super().__init__(
            f"{asset.symbol} has other transactions in this portfolio, from which its holding follows. "
            "Record, change or delete those instead."
        )


@database.atomic
def open_holding(
    *, portfolio: Portfolio, asset: Asset, quantity: Decimal, price: Decimal, now: datetime
) -> Transaction:
    """State what is held of an asset that has no transactions yet; `price` is its average cost per unit.

    Raises OtherTransactions, ValidationError by field.
    """
    portfolio = lock(portfolio)
    if _about(portfolio, asset):
        raise OtherTransactions(asset)
    draft = Draft(
        kind=Kind.DEPOSIT,
        asset=asset,
        quantity=quantity,
        occurred_at=now,
        currency=portfolio.currency,
        cost=(quantity * price).quantize(ONE_UNIT),
    )
    return record_transaction(portfolio=portfolio, draft=draft, now=now)


@database.atomic
def adjust_opening(
    *,
    portfolio: Portfolio,
    asset: Asset,
    now: datetime,
    quantity: Decimal | None = None,
    price: Decimal | None = None,
) -> Transaction:
    """Correct a holding that was stated whole; what is None stays.

    Raises OtherTransactions, ValidationError by field; Transaction.DoesNotExist where nothing is held.
    """
    row = _opening(lock(portfolio), asset)
    quantity = row.quantity if quantity is None else quantity
    price = amount_of(row) / row.quantity if price is None else price
    draft = replace(restated(row), quantity=quantity, cost=(quantity * price).quantize(ONE_UNIT))
    return amend_transaction(transaction=row, draft=draft, now=now)


@database.atomic
def remove_opening(*, portfolio: Portfolio, asset: Asset, now: datetime) -> Transaction:
    """Take back a holding that was stated whole. Raises as `adjust_opening`."""
    return delete_transaction(transaction=_opening(lock(portfolio), asset), now=now)


def _opening(portfolio: Portfolio, asset: Asset) -> Transaction:
    rows = _about(portfolio, asset)
    if not rows:
        raise Transaction.DoesNotExist
    if len(rows) > 1 or rows[0].kind != Kind.DEPOSIT or rows[0].portfolio_id != portfolio.pk:
        raise OtherTransactions(asset)
    return rows[0]


def _about(portfolio: Portfolio, asset: Asset) -> list[Transaction]:
    """Two at most: more are not needed to tell."""
    rows = Transaction.objects.kept().touching(portfolio).about(asset.pk)
    return list(rows.select_related("asset", "portfolio", "to_asset", "fee_asset", "to_portfolio")[:2])
