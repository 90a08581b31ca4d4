"""What a user states about a transaction, checked and completed; the one place of those rules.

Forms, API, admin and commands hand a Draft to the services; the services complete it here. Every refusal
is a ValidationError that names the field.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError

from portfolios.models import Kind, Portfolio, Transaction
from prices.fields import CEILING, ONE_UNIT
from prices.models import Asset
from prices.selectors import OLDEST_PRICE, exchange_rate, price_at

GENESIS = datetime(2009, 1, 3, tzinfo=UTC)  # the first block: nothing was owned before

# Which statements a kind takes beside asset, quantity and time. A kind that is not here is not offered.
STATEMENTS: dict[str, frozenset[str]] = {
    Kind.BUY: frozenset({"unit_price", "total", "fee"}),
    Kind.SELL: frozenset({"unit_price", "total", "fee"}),
    Kind.DEPOSIT: frozenset({"cost"}),
    Kind.WITHDRAWAL: frozenset(),
    Kind.INCOME: frozenset({"unit_price", "total"}),
}
LABELS = {"unit_price": "price", "total": "total", "fee": "fee", "cost": "cost"}


@dataclass(frozen=True, slots=True)
class Draft:
    """What the user states; amounts in `currency`, None where they left it to the market."""

    kind: str
    asset: Asset
    quantity: Decimal
    occurred_at: datetime
    currency: str
    unit_price: Decimal | None = None
    total: Decimal | None = None
    fee: Decimal = Decimal(0)
    cost: Decimal | None = None
    note: str = ""
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class Completed:
    """A draft that passed, with the price and the exchange rate that it is booked at."""

    draft: Draft
    fx_rate: Decimal
    price_source: str = ""
    price_at: datetime | None = None
    price_grade: str = ""


def complete(
    draft: Draft, *, portfolio: Portfolio, now: datetime, before: Transaction | None = None
) -> Completed:
    """Check a draft and fill in what the market knows.

    `before` is the transaction that is being amended: what it was priced at stays frozen as long as asset,
    time and currency stay. Raises ValidationError by field.
    """
    _check_shape(draft, now)
    fx_rate = _frozen_rate(draft, before) or _rate(draft, portfolio)
    if not _asks_the_market(draft):
        completed = Completed(draft, fx_rate)
    else:
        completed = _frozen_price(draft, fx_rate, before) or _priced(draft, fx_rate)
    _check_size(completed)
    return completed


def amount_of(draft: Draft | Transaction) -> Decimal:
    """Return what the transaction cost or brought, fee included, in its own currency, cut to 18 places.

    Units: the transaction's currency. A withdrawal has no amount of its own: the books say what it cost.
    """
    if draft.kind == Kind.WITHDRAWAL:
        return Decimal(0)
    stated = draft.cost if draft.kind == Kind.DEPOSIT else draft.total
    if stated is not None:
        return stated
    assert draft.unit_price is not None, "a completed draft has an amount"
    fee = -draft.fee if draft.kind == Kind.SELL else draft.fee
    return (draft.quantity * draft.unit_price + fee).quantize(ONE_UNIT)


def unit_price_of(draft: Draft | Transaction) -> Decimal | None:
    """Return the price per unit, fee left out: as stated, or worked back from the amount; None if free."""
    if draft.unit_price is not None or draft.kind == Kind.WITHDRAWAL:
        return draft.unit_price
    fee = -draft.fee if draft.kind == Kind.SELL else draft.fee
    return (amount_of(draft) - fee) / draft.quantity


def _check_shape(draft: Draft, now: datetime) -> None:
    errors: dict[str, str] = {}
    if draft.kind not in STATEMENTS:
        raise ValidationError({"kind": "This kind of transaction can't be entered yet."})
    if draft.asset.kind != Asset.Kind.CRYPTO:
        errors["asset"] = "Choose a coin; money is the currency of a transaction."
    if draft.quantity <= 0:
        errors["quantity"] = "Enter a quantity above 0."
    if draft.currency not in settings.CURRENCIES:
        errors["currency"] = "Choose one of the listed currencies."
    if not GENESIS <= draft.occurred_at <= now + timedelta(days=1):
        errors["occurred_at"] = "Enter a time between 3 January 2009 and tomorrow."
    errors |= _refused_statements(draft)
    if errors:
        raise ValidationError(errors)


def _refused_statements(draft: Draft) -> dict[str, str]:
    """Name what is negative, stated twice, or stated where the kind has no such thing."""
    stated = {name: getattr(draft, name) for name in LABELS}
    errors = {
        name: f"Enter a {LABELS[name]} of 0 or more." for name, value in stated.items() if value and value < 0
    }
    for name, value in stated.items():
        is_stated = value if name == "fee" else value is not None  # no fee is a fee of 0
        if is_stated and name not in STATEMENTS[draft.kind]:
            errors[name] = f"A {Kind(draft.kind).label.lower()} takes no {LABELS[name]}; leave it empty."
    if draft.unit_price is not None and draft.total is not None:
        errors["total"] = "Enter the price or the total, not both."
    if draft.total is not None and draft.kind == Kind.BUY and draft.fee > draft.total:
        errors["fee"] = "The fee is part of the total and can't be more than it."
    return errors


def _asks_the_market(draft: Draft) -> bool:
    """Whether neither price nor total nor cost is stated, and one is needed."""
    if draft.kind == Kind.WITHDRAWAL:
        return False
    return draft.unit_price is None and draft.total is None and draft.cost is None


def _frozen_rate(draft: Draft, before: Transaction | None) -> Decimal | None:
    if before is None or (draft.currency, draft.occurred_at) != (before.currency, before.occurred_at):
        return None
    return before.fx_rate


def _rate(draft: Draft, portfolio: Portfolio) -> Decimal:
    rate = exchange_rate(draft.currency, portfolio.currency, draft.occurred_at)
    if rate is None:
        raise ValidationError(
            {
                "currency": f"No exchange rate from {draft.currency} to {portfolio.currency} is known within "
                f"{OLDEST_PRICE.days} days before this date. Enter the amounts in {portfolio.currency}."
            }
        )
    return rate


def _frozen_price(draft: Draft, fx_rate: Decimal, before: Transaction | None) -> Completed | None:
    if before is None or not before.price_source:
        return None
    now_stated = (draft.asset.pk, draft.occurred_at, draft.currency)
    if now_stated != (before.asset_id, before.occurred_at, before.currency):
        return None
    priced = replace(draft, unit_price=before.unit_price)
    return Completed(priced, fx_rate, before.price_source, before.price_at, before.price_grade)


def _priced(draft: Draft, fx_rate: Decimal) -> Completed:
    """Price a draft by the stored price of its hour, converted at that day's exchange rate."""
    field = "cost" if draft.kind == Kind.DEPOSIT else "unit_price"
    market = price_at(draft.asset, draft.occurred_at)
    dollar = exchange_rate("USD", draft.currency, draft.occurred_at)
    if market is None or dollar is None:
        missing = f"{draft.asset.symbol} price" if market is None else f"{draft.currency} exchange rate"
        known = f"No {missing} is known within {OLDEST_PRICE.days} days before this time."
        raise ValidationError({field: f"{known} Enter the {LABELS[field]}."})
    priced = replace(draft, unit_price=(market.price * dollar).quantize(ONE_UNIT))
    return Completed(priced, fx_rate, market.source, market.at, market.grade)


def _check_size(completed: Completed) -> None:
    """Refuse amounts that the books can't keep, and sales that cost more than they bring."""
    draft = completed.draft
    amount = amount_of(draft)
    if draft.kind == Kind.SELL and amount < 0:
        raise ValidationError({"fee": "The fee is more than this sale brings."})
    if abs(amount) >= CEILING or abs(amount * completed.fx_rate) >= CEILING:
        raise ValidationError({"quantity": "Quantity times price is more than can be kept (20 digits)."})
