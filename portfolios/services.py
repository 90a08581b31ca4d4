"""Every change to portfolios and transactions. Each verb is atomic, and the portfolio's row is its lock:
the change is saved, the assets it touches are booked anew, and what would make a holding negative is refused
with nothing done.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db import transaction as database

from accounts.models import User
from portfolios.drafts import Completed, Draft, complete
from portfolios.ledger import Booked, Position, book
from portfolios.models import FIGURES, Booking, Portfolio, Transaction
from portfolios.selectors import entries_of, position_of
from prices.fields import CEILING
from prices.models import Asset
from prices.services import track

# What must be said again, beside the price, for a form to be the one that was saved.
REPEATED = ("kind", "asset", "quantity", "occurred_at", "currency", "total", "fee", "cost", "note")


class ChangedMeanwhile(Exception):
    """Somebody saved another version of the transaction since it was read."""


def create_portfolio(*, owner: User, name: str, currency: str) -> Portfolio:
    """Raises ValidationError by field: a name that is empty, too long or taken, an unknown currency."""
    return _save_portfolio(Portfolio(owner=owner, name=name, currency=currency))


def rename_portfolio(*, portfolio: Portfolio, name: str) -> Portfolio:
    """Raises ValidationError: see `create_portfolio`. The currency stays: the books are kept in it."""
    portfolio.name = name
    return _save_portfolio(portfolio)


@database.atomic
def delete_portfolio(*, portfolio: Portfolio) -> None:
    """Delete a portfolio with all its transactions. There is no way back: the door asks twice."""
    _lock(portfolio).delete()


@database.atomic
def record_transaction(
    *, portfolio: Portfolio, draft: Draft, now: datetime, idempotency_key: UUID | None = None
) -> Transaction:
    """Save a new transaction and book it; the same idempotency key and draft again return the first one.

    Raises ValidationError by field (or of the whole, for a key that was used for something else),
    HoldingWouldBeNegative.
    """
    _lock(portfolio)
    if idempotency_key and (first := _first_with(idempotency_key, portfolio)):
        return _the_same(first, portfolio, draft)
    row = Transaction(portfolio=portfolio, idempotency_key=idempotency_key)
    _state(row, complete(draft, portfolio=portfolio, now=now))
    row.full_clean()
    row.save()
    track(draft.asset)
    _book_anew(portfolio, [draft.asset])
    return row


@database.atomic
def amend_transaction(
    *, transaction: Transaction, draft: Draft, now: datetime, version: int | None = None
) -> Transaction:
    """Save what is now stated about a transaction; `version` is the one the user saw, if the door knows it.

    Raises ValidationError by field, HoldingWouldBeNegative, ChangedMeanwhile.
    """
    portfolio = _lock(transaction.portfolio)
    row = portfolio.transactions.kept().select_related("asset").get(pk=transaction.pk)
    if version is not None and version != row.version:
        raise ChangedMeanwhile
    was = row.asset
    _state(row, complete(draft, portfolio=portfolio, now=now, before=row))
    row.version += 1
    row.full_clean()
    row.save()
    track(draft.asset)
    _book_anew(portfolio, {was, draft.asset})
    return row


@database.atomic
def delete_transaction(*, transaction: Transaction, now: datetime) -> Transaction:
    """Take a transaction out of the books; it can be restored. Raises HoldingWouldBeNegative.

    Deleting what is already deleted changes nothing.
    """
    portfolio = _lock(transaction.portfolio)
    row = portfolio.transactions.select_related("asset").get(pk=transaction.pk)
    if row.deleted_at is None:
        row.deleted_at = now
        _save_again(row)
    return row


@database.atomic
def restore_transaction(*, transaction: Transaction) -> Transaction:
    """Bring a deleted transaction back, under the same rules. Raises HoldingWouldBeNegative."""
    portfolio = _lock(transaction.portfolio)
    row = portfolio.transactions.select_related("asset").get(pk=transaction.pk)
    if row.deleted_at is not None:
        row.deleted_at = None
        _save_again(row)
    return row


@database.atomic
def rebuild_books(*, portfolio: Portfolio) -> None:
    """Write every read model of a portfolio anew from its transactions."""
    _lock(portfolio)
    held = set(portfolio.transactions.values_list("asset", flat=True))
    held |= set(portfolio.holdings.values_list("asset", flat=True))
    _book_anew(portfolio, Asset.objects.filter(pk__in=held))


@database.atomic
def _save_portfolio(portfolio: Portfolio) -> Portfolio:
    if portfolio.pk:
        _lock(portfolio)
    portfolio.full_clean()
    try:
        with database.atomic():
            portfolio.save()
    except IntegrityError:  # somebody else took the name between the check and the write
        portfolio.full_clean()
        raise
    return portfolio


def _lock(portfolio: Portfolio) -> Portfolio:
    """Take the portfolio's row until the end of the transaction; SQLite locks the whole file at BEGIN."""
    return Portfolio.objects.select_for_update().get(pk=portfolio.pk)


def _state(row: Transaction, completed: Completed) -> None:
    draft = completed.draft
    row.kind, row.asset, row.quantity = draft.kind, draft.asset, draft.quantity
    row.occurred_at, row.currency, row.fx_rate = draft.occurred_at, draft.currency, completed.fx_rate
    row.unit_price, row.total, row.cost, row.fee = draft.unit_price, draft.total, draft.cost, draft.fee
    row.price_source, row.price_at = completed.price_source, completed.price_at
    row.price_grade = completed.price_grade
    row.note, row.external_id = draft.note, draft.external_id


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


def _save_again(row: Transaction) -> None:
    row.version += 1
    row.save(update_fields=["deleted_at", "version", "updated_at"])
    _book_anew(row.portfolio, [row.asset])


def _book_anew(portfolio: Portfolio, assets: Iterable[Asset]) -> None:
    for asset in assets:
        booked = book(entries_of(portfolio, asset.pk), portfolio.cost_method)
        _refuse_what_does_not_fit(booked)
        _write_holding(portfolio, asset, booked)
        _write_bookings(portfolio, asset, booked)


def _refuse_what_does_not_fit(booked: Iterable[Booked]) -> None:
    for one in booked:
        if any(abs(getattr(one.after, name)) >= CEILING for name in FIGURES):
            passed = f"With this, the books of {one.entry.asset} would pass what can be kept (20 digits)."
            raise ValidationError({"quantity": passed})


def _write_holding(portfolio: Portfolio, asset: Asset, booked: tuple[Booked, ...]) -> None:
    if not booked:
        portfolio.holdings.filter(asset=asset).delete()
        return
    portfolio.holdings.update_or_create(asset=asset, defaults=_figures(booked[-1].after))


def _write_bookings(portfolio: Portfolio, asset: Asset, booked: tuple[Booked, ...]) -> None:
    """Write the bookings that changed, and drop those whose transaction no longer counts."""
    stored = {row.pk: row for row in portfolio.bookings.filter(asset=asset)}
    fresh = {one.entry.sequence: _booking(portfolio, asset, one) for one in booked}
    changed = [row for pk, row in fresh.items() if pk not in stored or not same_booking(row, stored[pk])]
    portfolio.bookings.filter(pk__in=stored.keys() - fresh.keys()).delete()
    columns = [field.name for field in Booking._meta.fields if not field.primary_key]
    Booking.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["transaction"], update_fields=columns, batch_size=500
    )


def same_booking(one: Booking, other: Booking) -> bool:
    """Whether two bookings of a transaction say the same, to the last digit."""
    told_apart = ("occurred_at", "asset_id", "cost", "proceeds", "gain")
    same_position = position_of(one) == position_of(other)
    return same_position and all(getattr(one, name) == getattr(other, name) for name in told_apart)


def _booking(portfolio: Portfolio, asset: Asset, one: Booked) -> Booking:
    return Booking(
        transaction_id=one.entry.sequence,
        portfolio=portfolio,
        asset=asset,
        occurred_at=one.entry.at,
        cost=one.cost,
        proceeds=one.proceeds,
        gain=one.gain,
        **_figures(one.after),
    )


def _figures(position: Position) -> dict[str, Decimal]:
    return {name: getattr(position, name) for name in FIGURES}
