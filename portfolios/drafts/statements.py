"""What a user states about a transaction, and which statements each kind takes."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError

from portfolios.models import Kind, Portfolio, Transaction
from prices.models import Asset
from prices.selectors import GENESIS
from prices.templatetags.dates import day

ZERO = Decimal(0)

# Which statements a kind takes beside asset, quantity and time. A kind that is not here is not offered.
STATEMENTS: dict[str, frozenset[str]] = {
    Kind.BUY: frozenset({"unit_price", "total", "fee", "fee_asset"}),
    Kind.SELL: frozenset({"unit_price", "total", "fee", "fee_asset"}),
    Kind.SWAP: frozenset({"to_asset", "to_quantity", "unit_price", "total", "fee", "fee_asset"}),
    Kind.TRANSFER: frozenset({"to_portfolio", "fee", "fee_asset"}),
    Kind.DEPOSIT: frozenset({"cost"}),
    Kind.WITHDRAWAL: frozenset({"fee", "fee_asset"}),
    Kind.INCOME: frozenset({"unit_price", "total"}),
    Kind.SPEND: frozenset({"unit_price", "total"}),
    Kind.GIFT: frozenset(),
    Kind.LOST: frozenset(),
    Kind.FEE: frozenset(),
}
REQUIRED = {
    "to_asset": "Choose the coin that was received.",
    "to_quantity": "Enter the quantity that was received.",
    "to_portfolio": "Choose the portfolio that the coins went to.",
}
IN_COINS: set[str] = {Kind.TRANSFER, Kind.WITHDRAWAL}  # their fees can only be coins
LABELS = {
    "unit_price": "price",
    "total": "total",
    "fee": "fee",
    "fee_asset": "coin for the fee",
    "cost": "cost",
    "to_asset": "second coin",
    "to_quantity": "second quantity",
    "to_portfolio": "second portfolio",
}
AMOUNTS = ("unit_price", "total", "fee", "cost", "to_quantity")


@dataclass(frozen=True, slots=True)
class Draft:
    """What the user states; amounts in `currency`, None where they left it to the market.

    `fee` is in the currency, or in units of `fee_asset`. The `total` of a swap is what it was worth, without
    its fee; that of anything else what was really paid or received, the fee included.
    """

    kind: str
    asset: Asset
    quantity: Decimal
    occurred_at: datetime
    currency: str
    unit_price: Decimal | None = None
    total: Decimal | None = None
    fee: Decimal = ZERO
    fee_asset: Asset | None = None
    to_asset: Asset | None = None
    to_quantity: Decimal | None = None
    to_portfolio: Portfolio | None = None
    cost: Decimal | None = None
    note: str = ""
    external_id: str = ""


STATED = tuple(field.name for field in fields(Draft))


def draft_of(found: Mapping[str, Any], portfolio: Portfolio) -> Draft:
    """What was said about a transaction, by field, whoever read it; what was left empty may be missing."""
    said = {name: found.get(name) for name in STATED}
    said["currency"] = said["currency"] or portfolio.currency
    said["fee"] = said["fee"] or ZERO
    return Draft(**said | {name: said[name] or "" for name in ("note", "external_id")})


def restated(row: Transaction) -> Draft:
    """What the user stated about a stored transaction: a price that the market filled in was left to it."""
    stated = {name: getattr(row, name) for name in STATED}
    return Draft(**stated | ({"unit_price": None} if row.price_source else {}))


def check_shape(draft: Draft, portfolio: Portfolio, now: datetime) -> None:
    """Raises ValidationError by field for whatever can be seen without asking the market."""
    errors: dict[str, str] = {}
    if draft.kind not in STATEMENTS:
        raise ValidationError({"kind": "Choose one of the listed types."})
    if draft.quantity <= 0:
        errors["quantity"] = "Enter a quantity above 0."
    if draft.currency not in settings.CURRENCIES:
        errors["currency"] = "Choose one of the listed currencies."
    if not GENESIS <= draft.occurred_at <= now + timedelta(days=1):
        errors["occurred_at"] = f"Enter a time between {day(GENESIS, 'long')} and tomorrow."
    errors |= _refused_coins(draft) | _refused_statements(draft) | _refused_fee(draft)
    errors |= _refused_other_side(draft, portfolio)
    if errors:
        raise ValidationError(errors)


def _refused_coins(draft: Draft) -> dict[str, str]:
    coins = {"asset": draft.asset, "to_asset": draft.to_asset, "fee_asset": draft.fee_asset}
    refused = "Choose a coin; money is the currency of a transaction."
    return {name: refused for name, coin in coins.items() if coin and coin.kind != Asset.Kind.CRYPTO}


def _refused_statements(draft: Draft) -> dict[str, str]:
    """Name what is negative, stated twice, or stated where the kind has no such thing."""
    stated = {name: getattr(draft, name) for name in LABELS}
    errors = {
        name: f"Enter a {LABELS[name]} of 0 or more." for name in AMOUNTS if stated[name] and stated[name] < 0
    }
    for name, value in stated.items():
        is_stated = value if name == "fee" else value is not None  # no fee is a fee of 0
        if is_stated and name not in STATEMENTS[draft.kind]:
            errors[name] = f"A {Kind(draft.kind).label.lower()} takes no {LABELS[name]}; leave it empty."
    for name in STATEMENTS[draft.kind] & REQUIRED.keys():
        if not stated[name] and name not in errors:
            errors[name] = REQUIRED[name]
    if draft.unit_price is not None and draft.total is not None:
        errors["total"] = "Enter the price or the total, not both."
    return errors


def _refused_fee(draft: Draft) -> dict[str, str]:
    if draft.fee_asset and not draft.fee:
        return {"fee": f"Enter how much {draft.fee_asset.symbol} the fee was, or choose no coin for it."}
    if draft.kind in IN_COINS and draft.fee and not draft.fee_asset:
        return {
            "fee_asset": f"Choose the coin that the fee of a {Kind(draft.kind).label.lower()} was paid in."
        }
    is_part_of_total = draft.kind == Kind.BUY and draft.total is not None and not draft.fee_asset
    if is_part_of_total and draft.fee > (draft.total or ZERO):
        return {"fee": "The fee is part of the total and can't be more than it."}
    return {}


def _refused_other_side(draft: Draft, portfolio: Portfolio) -> dict[str, str]:
    if draft.to_asset and draft.to_asset == draft.asset:
        return {"to_asset": "Choose another coin than the one given."}
    if draft.to_portfolio and draft.to_portfolio == portfolio:
        return {"to_portfolio": "Choose another portfolio than the one the coins are in."}
    if draft.to_portfolio and draft.to_portfolio.owner_id != portfolio.owner_id:
        return {"to_portfolio": "Choose one of your own portfolios."}
    return {}
