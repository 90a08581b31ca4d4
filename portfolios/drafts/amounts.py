"""What a transaction amounts to, in its own currency; the same for a draft and for a stored row."""

from decimal import Decimal

from portfolios.drafts.statements import ZERO, Draft
from portfolios.models import Kind, Transaction
from prices.fields import ONE_UNIT

# What leaves for nothing or at its cost, and what moves: the books say what it cost.
WITHOUT_AMOUNT = {Kind.TRANSFER, Kind.WITHDRAWAL, Kind.GIFT, Kind.LOST, Kind.FEE}


def amount_of(row: Draft | Transaction) -> Decimal:
    """Return what was paid or received, a fee in money included, cut to 18 places.

    Of a swap: what it was worth. 0 for what has no amount of its own. Units: the transaction's currency.
    """
    if row.kind in WITHOUT_AMOUNT:
        return ZERO
    stated = row.cost if row.kind == Kind.DEPOSIT else row.total
    if stated is not None:
        return stated
    assert row.unit_price is not None, "a completed draft has an amount"
    return (row.quantity * row.unit_price + _fee_within(row)).quantize(ONE_UNIT)


def unit_price_of(row: Draft | Transaction) -> Decimal | None:
    """Return the price per unit, fee left out: as stated, or worked back from the amount; None if free."""
    if row.unit_price is not None or row.kind in WITHOUT_AMOUNT:
        return row.unit_price
    return (amount_of(row) - _fee_within(row)) / row.quantity


def money_fee_of(row: Draft | Transaction) -> Decimal:
    """Return the fee that was paid in the transaction's currency."""
    return ZERO if row.fee_asset else row.fee


def _fee_within(row: Draft | Transaction) -> Decimal:
    """The part of the amount that is a fee: it raises what a purchase costs and lowers what a sale brings."""
    if row.kind == Kind.SWAP:
        return ZERO
    fee = money_fee_of(row)
    return -fee if row.kind == Kind.SELL else fee
