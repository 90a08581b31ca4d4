"""Every change to transactions: it is saved, the assets it touches are booked anew, and what would make a
holding negative is refused with nothing done.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction as database

from portfolios.drafts import LABELS, Completed, Draft, complete, thawed
from portfolios.ledger import HoldingWouldBeNegative
from portfolios.models import Act, Portfolio, Transaction
from portfolios.selectors.entries import coins_of
from portfolios.services.books import book_anew
from portfolios.services.portfolios import lock
from prices.models import Asset
from prices.services import track

# What must be said again, beside the price, for a form to be the one that was saved.
REPEATED = ("kind", "asset", "quantity", "occurred_at", "currency", "note", *(LABELS.keys() - {"unit_price"}))
KEPT_FOR = timedelta(days=30)  # how long a deleted transaction can be restored
Said = tuple[Decimal, datetime]  # a price and its instant
DECLINED = ("declined_price", "declined_price_at", "declined_fee_price", "declined_fee_price_at")
LEGS = ("asset", "to_asset", "fee_asset")  # what a transaction may be about


@dataclass(frozen=True, slots=True)
class _Touched:
    """What a transaction is about, where, and when."""

    coins: set[Asset]
    portfolios: set[Portfolio]
    at: datetime


class ChangedMeanwhile(Exception):
    """Somebody saved another version of the transaction since it was read."""


@database.atomic
def record_transaction(
    *, portfolio: Portfolio, draft: Draft, now: datetime, idempotency_key: UUID | None = None
) -> Transaction:
    """Save a new transaction and book it; the same idempotency key and draft again return the first one.

    Raises ValidationError by field (or of the whole, for a key that was used for something else),
    HoldingWouldBeNegative.
    """
    lock(portfolio)
    if idempotency_key and (first := _first_with(idempotency_key, portfolio)):
        return _the_same(first, portfolio, draft)
    row = Transaction(portfolio=portfolio, idempotency_key=idempotency_key)
    state(row, complete(draft, portfolio=portfolio, now=now))
    row.full_clean()
    row.audited_as(Act.RECORDED, now)
    row.save()
    _book(row, now=now)
    return row


@database.atomic
def amend_transaction(
    *,
    transaction: Transaction,
    draft: Draft,
    now: datetime,
    version: int | None = None,
    anew: Collection[str] = (),
) -> Transaction:
    """Save what is now stated about a transaction; `version` is the one the user saw, if the door knows it.

    `anew`: which of the prices that the market filled in are asked of it again (see `drafts.thawed`).

    Raises ValidationError by field, HoldingWouldBeNegative, ChangedMeanwhile.
    """
    portfolio = lock(transaction.portfolio)
    row = portfolio.transactions.kept().select_related(*LEGS, "to_portfolio").get(pk=transaction.pk)
    if version is not None and version != row.version:
        raise ChangedMeanwhile
    before, priced = _touched(row), _priced(row)
    state(row, complete(draft, portfolio=portfolio, now=now, before=thawed(row, anew)))
    if _priced(row) != priced:
        for name in DECLINED:
            setattr(row, name, None)
    row.version += 1
    row.full_clean()
    row.audited_as(Act.CHANGED, now)
    row.save()
    _book(row, before, now=now)
    return row


@database.atomic
def delete_transaction(*, transaction: Transaction, now: datetime, version: int | None = None) -> Transaction:
    """Take a transaction out of the books; it can be restored. `version`: see `amend_transaction`.

    Deleting what is already deleted changes nothing. Raises HoldingWouldBeNegative, ChangedMeanwhile.
    """
    portfolio = lock(transaction.portfolio)
    row = portfolio.transactions.select_related(*LEGS, "to_portfolio").get(pk=transaction.pk)
    if version is not None and version != row.version:
        raise ChangedMeanwhile
    if row.deleted_at is None:
        row.deleted_at = now
        _save_again(row, Act.DELETED, now)
    return row


@database.atomic
def restore_transaction(*, transaction: Transaction, now: datetime) -> Transaction:
    """Bring a deleted transaction back, under the same rules, for KEPT_FOR after it was deleted.

    Raises HoldingWouldBeNegative; ValidationError when it was deleted longer ago. Restoring what is not
    deleted changes nothing.
    """
    portfolio = lock(transaction.portfolio)
    row = portfolio.transactions.select_related(*LEGS, "to_portfolio").get(pk=transaction.pk)
    if row.deleted_at is not None:
        if now - row.deleted_at > KEPT_FOR:
            days = KEPT_FOR.days
            raise ValidationError(f"It was deleted more than {days} days ago and can’t be restored any more.")
        row.deleted_at = None
        _save_again(row, Act.RESTORED, now)
    return row


@database.atomic
def erase_transaction(*, transaction: Transaction, now: datetime) -> None:
    """Delete for good what was deleted: no figure counts it, so none changes. Its audit trail stays.

    Raises ValidationError for a transaction that still counts; erasing what is gone changes nothing.
    """
    portfolio = lock(transaction.portfolio)
    row = portfolio.transactions.filter(pk=transaction.pk).first()
    if row is None:
        return
    if row.deleted_at is None:
        raise ValidationError("It counts in your figures: delete it first.")
    row.audited_as(Act.ERASED, now)
    row.delete()


def state(row: Transaction, completed: Completed) -> None:
    draft = completed.draft
    if (draft.occurred_at, draft.currency) != (row.occurred_at, row.currency):
        row.other_rates = {}
    row.kind, row.asset, row.quantity = draft.kind, draft.asset, draft.quantity
    row.occurred_at, row.currency, row.fx_rate = draft.occurred_at, draft.currency, completed.fx_rate
    row.unit_price, row.total, row.cost, row.fee = draft.unit_price, draft.total, draft.cost, draft.fee
    row.price_source, row.price_at = completed.price_source, completed.price_at
    row.price_grade = completed.price_grade
    row.fee_asset, row.to_asset, row.to_quantity = draft.fee_asset, draft.to_asset, draft.to_quantity
    row.to_portfolio, worth = draft.to_portfolio, completed.fee_price
    row.fee_price, row.fee_price_source, row.fee_price_at = worth.price, worth.source, worth.at
    row.note, row.external_id = draft.note, draft.external_id


def decline(row: Transaction, price: Said | None, fee_price: Said | None) -> None:
    """Remember which better prices, each with its instant, were not taken; None leaves what is remembered."""
    if price:
        row.declined_price, row.declined_price_at = price
    if fee_price:
        row.declined_fee_price, row.declined_fee_price_at = fee_price


def _priced(row: Transaction) -> tuple[object, ...]:
    """What the prices of a transaction are about, and what they are."""
    about = row.asset_id, row.to_asset_id, row.fee_asset_id, row.occurred_at, row.currency
    return *about, row.unit_price, row.price_at, row.fee_price, row.fee_price_at


def _first_with(key: UUID, portfolio: Portfolio) -> Transaction | None:
    mine = Transaction.objects.owned_by(portfolio.owner).select_related("asset", "portfolio")
    return mine.filter(idempotency_key=key).first()


def _the_same(first: Transaction, portfolio: Portfolio, draft: Draft) -> Transaction:
    """A form that is sent twice is saved once; one that was changed in between is not what was saved."""
    price = None if first.price_source else first.unit_price
    is_repeated = (draft.unit_price, portfolio.pk) == (price, first.portfolio_id) and all(
        getattr(draft, name) == getattr(first, name) for name in REPEATED
    )
    if not is_repeated or first.deleted_at is not None:
        saved = f"This form was already saved as “{first}” in {first.portfolio}."
        raise ValidationError(f"{saved} Edit that one, or start a new form.")
    return first


def _save_again(row: Transaction, act: Act, now: datetime) -> None:
    row.version += 1
    row.audited_as(act, now)
    row.save(update_fields=["deleted_at", "version", "updated_at"])
    _book(row, now=now)


def _touched(row: Transaction) -> _Touched:
    return _Touched(coins_of(row), portfolios_of(row), row.occurred_at)


def _book(row: Transaction, *before: _Touched, now: datetime) -> None:
    """Book what a transaction is about now, and what it was about before, from the earliest of its times."""
    touched = [_touched(row), *before]
    for asset in touched[0].coins:
        track(asset, since=row.occurred_at, now=now)
    others = set().union(*(each.portfolios for each in touched)) - {row.portfolio}
    coins = set().union(*(each.coins for each in touched))
    try:
        book_anew([row.portfolio, *others], coins, min(each.at for each in touched))
    except HoldingWouldBeNegative as refusal:
        refusal.is_later = refusal.at != row.occurred_at
        raise


def portfolios_of(row: Transaction) -> set[Portfolio]:
    return {each for each in (row.portfolio, row.to_portfolio) if each}
