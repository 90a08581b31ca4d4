"""Drafts are checked and completed here, once for every door: what the market knows is filled in.

Every refusal is a ValidationError that names the field.
"""

from collections.abc import Collection
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError

from portfolios.drafts.amounts import amount_of, unit_price_of
from portfolios.drafts.statements import IN_COINS, LABELS, ZERO, Draft, check_shape
from portfolios.models import Kind, Portfolio, Transaction
from prices.fields import CEILING, ONE_UNIT
from prices.models import Asset
from prices.selectors import OLDEST_PRICE, PriceAt, exchange_rate, price_at

PRICE, FEE_PRICE = "price", "fee_price"  # what the market may be asked for
PRICED = {Kind.BUY, Kind.SELL, Kind.SWAP, Kind.DEPOSIT, Kind.INCOME, Kind.SPEND}


@dataclass(frozen=True, slots=True)
class FeePrice:
    """What a coin of a fee was worth, in the transaction's currency, and who says so (empty: the trade)."""

    price: Decimal | None = None
    source: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Completed:
    """A draft that passed, with the price and the exchange rate that it is booked at."""

    draft: Draft
    fx_rate: Decimal
    price_source: str = ""
    price_at: datetime | None = None
    price_grade: str = ""
    fee_price: FeePrice = FeePrice()


def complete(
    draft: Draft, *, portfolio: Portfolio, now: datetime, before: Transaction | None = None
) -> Completed:
    """Check a draft and fill in what the market knows.

    `before` is the transaction that is being amended: what it was priced at stays frozen as long as asset,
    time and currency stay. Raises ValidationError by field.
    """
    check_shape(draft, portfolio, now)
    fx_rate = _frozen_rate(draft, before) or _rate(draft, portfolio)
    if not _asks_the_market(draft):
        completed = Completed(draft, fx_rate)
    else:
        completed = _frozen_price(draft, fx_rate, before) or _priced(draft, fx_rate)
    completed = replace(completed, fee_price=_fee_price(completed.draft, before))
    _check_size(completed)
    return completed


def thawed(row: Transaction, prices: Collection[str]) -> Transaction:
    """A copy of a stored row for `before`, of which these are asked of the market anew: PRICE, FEE_PRICE."""
    row = copy(row)
    for name in prices:
        setattr(row, f"{name}_source", "")
    return row


def _asks_the_market(draft: Draft) -> bool:
    """Whether neither price nor total nor cost is stated, and one is needed."""
    return draft.kind in PRICED and draft.unit_price is None and draft.total is None and draft.cost is None


def _frozen_rate(draft: Draft, before: Transaction | None) -> Decimal | None:
    if before is None:
        return None
    same = (draft.occurred_at, draft.currency) == (before.occurred_at, before.currency)
    return before.fx_rate if same else None


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
    now_stated = (draft.asset.pk, draft.occurred_at, draft.currency, draft.kind == Kind.SWAP)
    if now_stated != (before.asset_id, before.occurred_at, before.currency, before.kind == Kind.SWAP):
        return None
    if draft.kind == Kind.SWAP and _legs(draft) != _legs(before):
        return None
    priced = replace(draft, unit_price=before.unit_price)
    return Completed(priced, fx_rate, before.price_source, before.price_at, before.price_grade)


def _legs(row: Draft | Transaction) -> tuple[Decimal, Asset | None, Decimal | None]:
    return row.quantity, row.to_asset, row.to_quantity


def _priced(draft: Draft, fx_rate: Decimal) -> Completed:
    """Price a draft by the stored price of its hour, converted at that day's exchange rate.

    A swap whose given coin has no price is worth what was received.
    """
    dollar = exchange_rate("USD", draft.currency, draft.occurred_at)
    market, units = price_at(draft.asset, draft.occurred_at), Decimal(1)
    if market is None and draft.to_asset and draft.to_quantity:
        market, units = price_at(draft.to_asset, draft.occurred_at), draft.to_quantity / draft.quantity
    if market is None or dollar is None:
        raise _unknown(draft, "cost" if draft.kind == Kind.DEPOSIT else "unit_price", market)
    priced = replace(draft, unit_price=(market.price * dollar * units).quantize(ONE_UNIT))
    return Completed(priced, fx_rate, market.source, market.at, market.grade)


def _unknown(draft: Draft, field: str, market: PriceAt | None) -> ValidationError:
    missing = f"{draft.asset.symbol} price" if market is None else f"{draft.currency} exchange rate"
    known = f"No {missing} is known within {OLDEST_PRICE.days} days before this time."
    return ValidationError({field: f"{known} Enter the {LABELS[field]}."})


def _fee_price(draft: Draft, before: Transaction | None) -> FeePrice:
    """Value a fee in coins: by the trade itself where it is about that coin, else by the stored price."""
    coin = draft.fee_asset
    if coin is None or draft.kind in IN_COINS:  # what leaves with a transfer leaves at its cost
        return FeePrice()
    if coin == draft.asset:
        return FeePrice((unit_price_of(draft) or ZERO).quantize(ONE_UNIT))
    if coin == draft.to_asset and draft.to_quantity:
        return FeePrice((amount_of(draft) / draft.to_quantity).quantize(ONE_UNIT))
    if before and before.fee_price is not None and before.fee_price_source and _same_fee(draft, before):
        return FeePrice(before.fee_price, before.fee_price_source, before.fee_price_at)
    dollar = exchange_rate("USD", draft.currency, draft.occurred_at)
    market = price_at(coin, draft.occurred_at)
    if market is None or dollar is None:
        missing = f"{coin.symbol} price" if market is None else f"{draft.currency} exchange rate"
        known = f"No {missing} is known within {OLDEST_PRICE.days} days before this time."
        raise ValidationError({"fee_asset": f"{known} Enter what the fee was worth, in {draft.currency}."})
    return FeePrice((market.price * dollar).quantize(ONE_UNIT), market.source, market.at)


def _same_fee(draft: Draft, before: Transaction) -> bool:
    stated = (draft.fee_asset, draft.occurred_at, draft.currency)
    return stated == (before.fee_asset, before.occurred_at, before.currency)


def _check_size(completed: Completed) -> None:
    """Refuse amounts that the books can't keep, and sales that cost more than they bring."""
    draft = completed.draft
    amount = amount_of(draft)
    fee = draft.fee * (completed.fee_price.price or ZERO)
    if draft.kind == Kind.SELL and amount < fee:
        raise ValidationError({"fee": "The fee is more than this sale brings."})
    if max(abs(amount), fee) * max(completed.fx_rate, Decimal(1)) >= CEILING:
        raise ValidationError({"quantity": "Quantity times price is more than can be kept (20 digits)."})
