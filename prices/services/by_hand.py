"""What an administrator does to prices: add, correct, remove, decide about what was refused.

The gate's rules hold for a person too, who may vouch for a jump but not for nonsense. Everything done here
leaves a `PriceChange` with the person's name.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from prices.models import Asset, PriceSnapshot, RefusedPrice
from prices.services import quarantine, shelf
from prices.services.gate import Voucher, record_snapshots
from prices.services.offers import Offer
from prices.services.soundness import cut, fault_of
from prices.services.weighing import JUMPED, MANUAL, Case, weigh


class PriceRefusedError(ValueError):
    """A price entered by hand that the gate does not let in; the message is fit for a user."""


def check_price(*, asset: Asset, at: datetime, price: Any, now: datetime, checked: bool = False) -> Decimal:
    """The price as it may be stored, or PriceRefusedError. `checked`: a person vouches for a jump."""
    fault = fault_of(price, at, now)
    if fault is None and not checked:
        offer = Offer(asset, at, price, MANUAL)
        fault = JUMPED if weigh(Case([offer], shelf.around([offer]), []), now).refused else None
    if fault:
        raise PriceRefusedError(f"This price is refused: {fault}.")
    return cut(price)


@transaction.atomic
def set_price(
    *,
    asset: Asset,
    at: datetime,
    price: Any,
    now: datetime,
    checked: bool = False,
    by: str = "",
    why: str = "",
) -> PriceSnapshot:
    """Store or change the price of an instant by hand; its source is then "manual". PriceRefusedError."""
    price = check_price(asset=asset, at=at, price=price, now=now, checked=checked)
    voucher = Voucher(by or "somebody", why or "by hand", checked)
    done = record_snapshots([Offer(asset, at, price)], now=now, source=MANUAL, voucher=voucher)
    if done.refused:  # what was sound a moment ago may not be any more
        raise PriceRefusedError(f"This price is refused: {done.refused[0].reason}.")
    return PriceSnapshot.objects.get(asset=asset, at=at)


@transaction.atomic
def add_snapshot(*, asset: Asset, at: datetime, price: Any, now: datetime, **said: Any) -> PriceSnapshot:
    """`set_price` for an instant without a price; PriceRefusedError also when it has one."""
    check_price(asset=asset, at=at, price=price, now=now, checked=said.get("checked", False))
    if PriceSnapshot.objects.filter(asset=asset, at=at).exists():
        raise PriceRefusedError("This instant has a price already. Correct that one.")
    return set_price(asset=asset, at=at, price=price, now=now, **said)


def correct_snapshot(*, snapshot: PriceSnapshot, price: Any, now: datetime, **said: Any) -> PriceSnapshot:
    """`set_price` for the instant of a stored price."""
    return set_price(asset=snapshot.asset, at=snapshot.at, price=price, now=now, **said)


@transaction.atomic
def delete_snapshots(
    *, snapshots: QuerySet[PriceSnapshot], now: datetime, by: str = "", why: str = ""
) -> int:
    """Remove stored prices by hand; the backfill may ask for those hours again. Returns how many went."""
    shelf.newest(snapshots.order_by().values_list("asset_id", flat=True).distinct())  # locks the assets
    rows = list(snapshots)
    shelf.note_removal(rows, by=by or "somebody", why=why or "by hand", now=now)
    snapshots.delete()
    shelf.raise_version_of({row.asset_id for row in rows})
    return len(rows)


@transaction.atomic
def accept_refused(*, row: RefusedPrice, now: datetime, by: str) -> None:
    """Store what was refused, as a price that this person has checked. PriceRefusedError when it is none."""
    row = _waiting([row])[0]
    offer = quarantine.offer_of(row)
    why = f"accepted; {row.source} said it, refused because {row.reason}"
    set_price(asset=row.asset, at=offer.at, price=offer.price, now=now, checked=True, by=by, why=why[:300])
    quarantine.decide([row], RefusedPrice.State.ACCEPTED, by=by, now=now)


@transaction.atomic
def reject_refused(*, rows: Iterable[RefusedPrice], now: datetime, by: str) -> int:
    """Say that what was refused is wrong: it confirms nothing any more. Returns how many."""
    waiting = _waiting(rows)
    quarantine.decide(waiting, RefusedPrice.State.REJECTED, by=by, now=now)
    return len(waiting)


def _waiting(rows: Iterable[RefusedPrice]) -> list[RefusedPrice]:
    """Those that still wait, locked. PriceRefusedError when none does."""
    pks = [row.pk for row in rows]
    waiting = RefusedPrice.objects.waiting().filter(pk__in=pks).select_for_update(of=("self",))
    found = list(waiting.select_related("asset"))
    if not found:
        raise PriceRefusedError("It has been decided about already.")
    return found
