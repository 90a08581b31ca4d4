"""What a transaction would do, as far as its form is filled in: the card beside the form."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from portfolios.drafts import Draft
from portfolios.forms import TransactionForm, fee_unless_chosen, why
from portfolios.ledger import HoldingWouldBeNegative
from portfolios.models import AT_COST, Kind, Portfolio, Transaction
from portfolios.selectors import Preview, possible_duplicates, preview
from portfolios.selectors.repricing import MarketPrice
from prices.models import Asset
from prices.selectors import GENESIS, exchange_rate, price_at

TITLES = {
    Kind.BUY: "After this purchase",
    Kind.SELL: "After this sale",
    Kind.DEPOSIT: "After this deposit",
    Kind.WITHDRAWAL: "After this withdrawal",
    Kind.INCOME: "After this income",
    Kind.SWAP: "After this swap",
    Kind.TRANSFER: "After this transfer",
    Kind.SPEND: "After spending this",
    Kind.GIFT: "After this gift",
    Kind.LOST: "After this loss",
    Kind.FEE: "After this fee",
}
AMOUNTS = {
    Kind.BUY: "You pay",
    Kind.SELL: "You receive",
    Kind.DEPOSIT: "Cost",
    Kind.INCOME: "Income",
    Kind.SWAP: "Worth",
    Kind.SPEND: "Worth",
}


@dataclass(frozen=True, slots=True)
class FoundPrice(MarketPrice):
    """`used` where the transaction is booked at it."""

    used: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """`preview` is None while the form can't be booked; `refusals` say why, for what is filled in."""

    title: str
    amount_label: str
    asset: Asset | None
    portfolio: Portfolio | None
    currency: str
    quantity: Decimal | None
    preview: Preview | None = None
    market: FoundPrice | None = None
    refusals: tuple[str, ...] = ()
    fee_in: str = ""  # what its fee is in unless a coin is chosen
    doubles: Sequence[Transaction] = ()

    @property
    def stated(self) -> Draft | None:
        """What is booked: its other coin, its other portfolio, its fee."""
        return self.preview.completed.draft if self.preview else None

    @property
    def fee_worth(self) -> Decimal | None:
        """A fee in coins, in the transaction's currency; None where it leaves at its cost."""
        price = self.preview.completed.fee_price.price if self.preview else None
        return None if price is None or self.stated is None else self.stated.fee * price

    @property
    def leaves_at_cost(self) -> bool:
        """Coins that are moved or withdrawn: nothing is realised."""
        return self.stated is not None and self.stated.kind in AT_COST


def outcome(form: TransactionForm, *, now: datetime, seen: Collection[int] = ()) -> Outcome:
    """Book a bound form without saving it. Never raises for what a user typed. `seen`: see `doubles`."""
    valid = form.is_valid()
    found = form.cleaned_data
    kind = Kind(found.get("kind") or Kind.BUY)
    portfolio = form.amending.portfolio if form.amending else found.get("portfolio")
    currency = found.get("currency") or (portfolio.currency if portfolio else "USD")
    booked, refusals = _booked(form, now) if valid else (None, _typed_wrongly(form))
    return Outcome(
        title=TITLES[kind],
        amount_label=AMOUNTS.get(kind, ""),
        asset=found.get("asset"),
        portfolio=portfolio,
        currency=currency,
        quantity=found.get("quantity"),
        preview=booked,
        market=_price_used(booked) or _market_price(found, currency, now),
        refusals=refusals,
        fee_in=fee_unless_chosen(kind),
        doubles=doubles(form, seen=seen) if valid else (),
    )


def doubles(form: TransactionForm, *, seen: Collection[int]) -> list[Transaction]:
    """What a valid form for a new transaction perhaps repeats, beside those that its sender has seen."""
    if form.amending:
        return []
    key = form.cleaned_data["idempotency_key"]
    found = possible_duplicates(form.draft, portfolio=form.into, own_key=key)
    return [row for row in found if row.pk not in seen]


def frozen_price(form: TransactionForm) -> FoundPrice | None:
    """What a stored transaction was priced at by the market, which stays if nothing is stated."""
    row = form.amending
    if row is None or row.unit_price is None or row.price_at is None:
        return None
    return FoundPrice(row.unit_price, row.price_at, row.price_source, row.price_grade, used=True)


def blank(form: TransactionForm) -> Outcome:
    """The card of a form that nobody has touched yet."""
    kind = Kind(form.initial.get("kind") or Kind.BUY)
    return Outcome(TITLES[kind], AMOUNTS.get(kind, ""), None, None, "USD", None)


def _booked(form: TransactionForm, now: datetime) -> tuple[Preview | None, tuple[str, ...]]:
    try:
        return preview(form.draft, portfolio=form.into, now=now, amending=form.amending), ()
    except HoldingWouldBeNegative as error:
        return None, (why(error, form.cleaned_data),)
    except ValidationError as error:
        return None, tuple(error.messages)


def _typed_wrongly(form: TransactionForm) -> tuple[str, ...]:
    """What is wrong with fields that are filled in; what is still empty is not wrong yet."""
    return tuple(
        f"{form[name].label}: {message}"
        for name, messages in form.errors.items()
        if name in form.fields and form[name].data
        for message in messages
    )


def _price_used(booked: Preview | None) -> FoundPrice | None:
    if booked is None or not booked.completed.price_source:
        return None
    completed, price = booked.completed, booked.completed.draft.unit_price
    if price is None or completed.price_at is None:
        return None
    return FoundPrice(price, completed.price_at, completed.price_source, completed.price_grade, used=True)


def _market_price(found: dict[str, Any], currency: str, now: datetime) -> FoundPrice | None:
    asset, moment = found.get("asset"), found.get("occurred_at")
    if asset is None or moment is None or not GENESIS <= moment <= now + timedelta(days=1):
        return None
    market, dollar = price_at(asset, moment), exchange_rate("USD", currency, moment)
    if market is None or dollar is None:
        return None
    return FoundPrice(market.price * dollar, market.at, market.source, market.grade, used=False)
