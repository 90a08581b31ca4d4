"""What crosses the line between the assets that are looked at and those that are left out.

To a portfolio that holds only the others, a coin that is left out is as money: what was swapped from it was
paid in, what was swapped into it was taken out, and so is a fee that was paid in it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from portfolios.models import Booking, Portfolio, left_out_of
from portfolios.selectors.anew import Key, booked_anew
from portfolios.selectors.fresh import leg_of

ZERO = Decimal(0)
COLUMNS = ("transaction_id", "leg", "portfolio_id", "asset_id", "quantity", "moved")


class Leg(NamedTuple):
    """What a leg of a transaction moved between assets; of what is told, in one currency."""

    transaction: int
    number: int
    key: Key
    comes: bool
    moved: Decimal  # value from other assets, less what went to them


class Crossing(NamedTuple):
    """Money that a leg brought in or took out, because what it was swapped with, or paid by, is left out."""

    leg: Leg
    money_in: Decimal
    money_out: Decimal


def crossings(
    own: Sequence[Portfolio],
    other: Sequence[Portfolio],
    currency: str,
    *,
    since: datetime | None = None,
    until: datetime,
) -> dict[tuple[int, int], Crossing]:
    """Return, by transaction and leg, what was booked in (since, until] across the line; as a rule nothing.

    `own` are the portfolios whose books are kept in the currency, `other` those that are booked anew.
    """
    if not left_out_of([*own, *other]):
        return {}
    by_transaction: dict[int, list[Leg]] = defaultdict(list)
    for leg in (*_stored(own, since, until), *_anew(other, currency, since, until)):
        by_transaction[leg.transaction].append(leg)
    found = (crossing for legs in by_transaction.values() for crossing in _across(legs))
    return {(each.leg.transaction, each.leg.number): each for each in found}


def _across(legs: Sequence[Leg]) -> Iterator[Crossing]:
    """What moved among legs that are all told adds up to nothing. The rest belongs to what came, or else it
    changed what each brought that left.
    """
    rest = sum((leg.moved for leg in legs), ZERO)
    if not rest:
        return
    came = next((leg for leg in legs if leg.comes), None)
    if came:
        yield Crossing(came, rest, ZERO)
        return
    yield from (Crossing(leg, ZERO, -leg.moved) for leg in legs if leg.moved)


def _stored(portfolios: Sequence[Portfolio], since: datetime | None, until: datetime) -> Iterator[Leg]:
    left_out = Booking.objects.filter(portfolio__in=portfolios, asset__in=left_out_of(portfolios))
    rows = Booking.objects.of(portfolios).filter(
        occurred_at__lte=until, transaction__in=left_out.values("transaction")
    )
    if since:
        rows = rows.filter(occurred_at__gt=since)
    for transaction, leg, portfolio, asset, quantity, moved in rows.values_list(*COLUMNS):
        yield Leg(transaction, leg, (portfolio, asset), quantity > 0, moved)


def _anew(
    portfolios: Sequence[Portfolio], currency: str, since: datetime | None, until: datetime
) -> Iterable[Leg]:
    return (
        Leg(one.entry.sequence, leg_of(one), key, one.change.quantity > 0, one.change.moved)
        for key, (booked, _) in booked_anew(portfolios, currency, until).items()
        for one in booked
        if since is None or one.entry.at > since
    )
