"""What the owner says to a better price for a transaction: take it, or keep theirs."""

from datetime import datetime

from django.db import transaction as database

from portfolios.drafts import restated
from portfolios.models import Act, Transaction
from portfolios.selectors.repricing import Better, Offer, offer_of
from portfolios.services.portfolios import lock
from portfolios.services.transactions import DECLINED, Said, amend_transaction, decline


class OfferChanged(Exception):
    """The transaction, or what is known better about it, is no longer what the owner was shown."""


@database.atomic
def accept_price(*, transaction: Transaction, mark: str, now: datetime) -> Transaction:
    """Book a transaction at the better price that was offered under this mark; all else stays as stated.

    Raises OfferChanged; what `amend_transaction` raises, too.
    """
    offer = _offered(transaction, mark)
    row = offer.transaction
    draft = restated(row)
    amended = amend_transaction(transaction=row, draft=draft, now=now, version=row.version, anew=offer.anew)
    if not _is_booked(offer, amended):  # a price that came in between is not what was shown
        raise OfferChanged
    return amended


@database.atomic
def keep_price(*, transaction: Transaction, mark: str, now: datetime) -> Transaction:
    """Leave a transaction at its price, and remember the offer of this mark, which is made no more.

    Raises OfferChanged.
    """
    offer = _offered(transaction, mark)
    row = offer.transaction
    decline(row, _said(offer.price), _said(offer.fee_price))
    row.version += 1
    row.audited_as(Act.KEPT, now)
    row.save(update_fields=[*DECLINED, "version", "updated_at"])
    return row


def _offered(transaction: Transaction, mark: str) -> Offer:
    """The offer that stands now, in the owner's lock, if it is the one they saw."""
    lock(transaction.portfolio)
    offer = offer_of(transaction)
    if offer is None or offer.mark != mark:
        raise OfferChanged
    return offer


def _is_booked(offer: Offer, row: Transaction) -> bool:
    price, fee_price = _said(offer.price), _said(offer.fee_price)
    return price in {None, (row.unit_price, row.price_at)} and fee_price in {
        None,
        (row.fee_price, row.fee_price_at),
    }


def _said(better: Better | None) -> Said | None:
    return (better.after.price, better.after.at) if better else None
