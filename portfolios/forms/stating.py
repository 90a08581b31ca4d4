"""Between a form and the services: what is stored put back into its fields, and what was refused told at the
field that it is about.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils import timezone

from portfolios.ledger import HoldingWouldBeNegative
from portfolios.models import Kind, Transaction
from portfolios.services import ChangedMeanwhile
from prices.fields import canonical
from prices.locales import decimal_sign
from prices.privacy import DOTS, amounts_hidden
from prices.templatetags.dates import clock, day

CHANGED = (
    "This transaction was changed elsewhere since you opened it, so nothing was saved. "
    "Reload the page to see how it stands now."
)
ZERO = Decimal(0)
ARRIVES = {Kind.BUY, Kind.DEPOSIT, Kind.INCOME}  # what brings coins: less of it would not help
Refusal = ValidationError | HoldingWouldBeNegative | ChangedMeanwhile


def tell(form: forms.BaseForm, error: Refusal) -> None:
    """Say on a form what the services refused, at the field it is about."""
    if isinstance(error, HoldingWouldBeNegative):
        form.add_error(_lacking(form, error.asset), why(error, form.cleaned_data))
    elif isinstance(error, ChangedMeanwhile):
        form.add_error(None, CHANGED)
    elif not hasattr(error, "error_dict"):
        form.add_error(None, error)
    else:
        for name, errors in error.error_dict.items():
            form.add_error(name if name in form.fields and name != NON_FIELD_ERRORS else None, errors)


def why(error: HoldingWouldBeNegative, found: Mapping[str, Any]) -> str:
    """What was refused, and, where less of what the form takes would do, the most that it can be.

    With amounts hidden neither says how much: what is held is nobody's who looks over a shoulder.
    """
    asset, at, quantity = (found.get(name) for name in ("asset", "occurred_at", "quantity"))
    is_ours = not error.where and asset and asset.symbol == error.asset and found.get("kind") not in ARRIVES
    most = quantity - error.short if is_ours and at and quantity and at <= error.at else ZERO
    is_told = most > 0 and not amounts_hidden.get()
    return f"{refused(error)} Enter at most {_number(most)}." if is_told else refused(error)


def refused(error: HoldingWouldBeNegative, *, undone: bool = False) -> str:
    """The refusal as the reader writes numbers and dates, in their zone."""
    at = timezone.localtime(error.at)
    return error.told(f"{day(at, 'long')} at {clock(at, 'zone')}", _number, undone=undone)


def _number(quantity: Decimal) -> str:
    """As it can be typed into the field: not grouped. Dots where amounts are hidden."""
    if amounts_hidden.get():
        return DOTS
    return canonical(quantity).replace(".", decimal_sign())


def stated(stored: Transaction | None) -> dict[str, Any]:
    """What the user stated about a stored transaction: a price that the market gave is not theirs."""
    if stored is None:
        return {}
    return {
        "kind": stored.kind,
        "asset": stored.asset_id,
        "occurred_at": stored.occurred_at,
        "quantity": stored.quantity,
        "unit_price": None if stored.price_source else stored.unit_price,
        "total": stored.total,
        "cost": stored.cost,
        "fee": stored.fee or None,
        "fee_asset": stored.fee_asset_id,
        "to_asset": stored.to_asset_id,
        "to_quantity": stored.to_quantity,
        "to_portfolio": stored.to_portfolio_id,
        "currency": stored.currency,
        "note": stored.note,
        "version": stored.version,
    }


def _lacking(form: forms.BaseForm, symbol: str) -> str:
    """The field whose coin would go below zero."""
    fee, asset = form.cleaned_data.get("fee_asset"), form.cleaned_data.get("asset")
    is_the_fee = fee and fee.symbol == symbol and "fee" in form.fields and fee != asset
    return "fee" if is_the_fee else "quantity"
