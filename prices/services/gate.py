"""The price gate: the one place where a price is written, whoever offers it.

What is not certainly a price at a plausible time is refused, said in the log and never stored. A stored
price is never changed by a fetch; a person may correct one, by the same rules.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django.db import transaction
from django.db.models import DateTimeField, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from prices.fields import CEILING, ONE_UNIT
from prices.models import Asset, PriceSnapshot
from prices.services.belief import (
    CONFIRMING,
    JUMP,
    NEIGHBOURHOOD,
    Pair,
    is_believable,
    is_mix_up,
    levels_before,
    within,
)

logger = logging.getLogger(__name__)

GENESIS = datetime(2009, 1, 3, tzinfo=UTC)  # Bitcoin's first block: before it nothing had a price here
AHEAD = timedelta(minutes=5)  # how far a provider's clock may run before ours
MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Offer:
    """What somebody says the price was: US dollars per unit. Not believed yet, so `price` may be anything."""

    asset: Asset
    at: datetime
    price: Any


@dataclass(frozen=True, slots=True)
class Refusal:
    """An offer that was not stored, and why."""

    offer: Offer
    reason: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a batch. `stored` and `known` (there already, unchanged) hold the offers themselves."""

    stored: tuple[Offer, ...]
    known: tuple[Offer, ...]
    refused: tuple[Refusal, ...]


class PriceRefusedError(ValueError):
    """A price entered by hand that the gate does not let in; the message is fit for a user."""


def record_snapshots(offers: Iterable[Offer], *, now: datetime, source: str) -> Recorded:
    """Store what is believable and new, in any order, as often as you like. Never raises for a bad price."""
    sound, refused = _sift(offers, now)
    stored: list[Offer] = []
    known: list[Offer] = []
    with transaction.atomic():
        surrounded = [(points, _stored_around(points)) for points in _by_asset(sound)]
        if is_mix_up(_first_prices(surrounded)):
            refused += [Refusal(offer, MIXED_UP) for offer in sound.values()]
            surrounded = []
        for points, neighbours in surrounded:
            _weigh(points, neighbours, stored, known, refused)
        rows = [PriceSnapshot(asset=o.asset, at=o.at, price=o.price, source=source) for o in stored]
        PriceSnapshot.objects.bulk_create(rows, ignore_conflicts=True)
    _tell(refused, source)
    return Recorded(tuple(stored), tuple(known), tuple(refused))


def check_price(*, asset: Asset, at: datetime, price: Any, now: datetime, checked: bool = False) -> Decimal:
    """The price as it may be stored, or PriceRefusedError. `checked`: a person vouches for a jump."""
    fault = fault_of(price, at, now)
    if fault is None and not checked:
        neighbours = _stored_around([Offer(asset, at, price)])
        before = levels_before(at, [pair for pair in neighbours if pair[0] < at])
        after = within(at, [pair for pair in neighbours if pair[0] > at])
        fault = None if is_believable(price, before, _first(after), []) else JUMPED
    if fault:
        raise PriceRefusedError(f"This price is refused: {fault}.")
    return cut(price)


@transaction.atomic
def add_snapshot(
    *, asset: Asset, at: datetime, price: Any, now: datetime, checked: bool = False
) -> PriceSnapshot:
    """Store a price entered by hand. PriceRefusedError as in `check_price`, or when that instant has one."""
    price = check_price(asset=asset, at=at, price=price, now=now, checked=checked)
    if PriceSnapshot.objects.filter(asset=asset, at=at).exists():
        raise PriceRefusedError("This instant has a price already. Correct that one.")
    return PriceSnapshot.objects.create(asset=asset, at=at, price=price, source=MANUAL)


@transaction.atomic
def correct_snapshot(
    *, snapshot: PriceSnapshot, price: Any, now: datetime, checked: bool = False
) -> PriceSnapshot:
    """Change a stored price by hand; its source becomes "manual". The caller keeps the audit line."""
    kept = PriceSnapshot.objects.select_for_update().get(pk=snapshot.pk)
    price = check_price(asset=kept.asset, at=kept.at, price=price, now=now, checked=checked)
    logger.info("corrected: %s from %s (%s) to %s", kept, kept.price, kept.source, price)
    kept.price, kept.source = price, MANUAL
    kept.save(update_fields=["price", "source"])
    return kept


@transaction.atomic
def delete_snapshots(*, snapshots: QuerySet[PriceSnapshot]) -> int:
    """Remove stored prices by hand; the backfill may ask for those hours again. Returns how many went."""
    count, _ = PriceSnapshot.objects.filter(pk__in=snapshots.values("pk")).delete()
    logger.info("deleted by hand: %d price snapshots", count)
    return count


def fault_of(price: Any, at: Any, now: datetime) -> str | None:
    """Why this cannot be a price at that time, whatever its neighbours; None when it can."""
    return _fault_of_price(price) or _fault_of_time(at, now)


def cut(price: Decimal) -> Decimal:
    """The price without what lies beyond the 18th decimal: never rounded up."""
    return price.quantize(ONE_UNIT, ROUND_DOWN)


JUMPED = f"it lies more than {JUMP} times off its neighbours, and nothing confirms that"
MIXED_UP = "most assets of its batch are off by the same factor: another unit or currency"


def _fault_of_price(price: Any) -> str | None:
    if not isinstance(price, Decimal):
        return "it is not a number"
    if not price.is_finite():
        return "it is not finite"
    if price <= 0:
        return "it is not above zero"
    if price >= CEILING:
        return "it is too large"
    return "it is smaller than 18 decimals can hold" if cut(price) == 0 else None


def _fault_of_time(at: Any, now: datetime) -> str | None:
    if not isinstance(at, datetime) or at.utcoffset() is None:
        return "its time has no zone"
    if at < GENESIS:
        return "its time is before 2009-01-03"
    return "its time is in the future" if at > now + AHEAD else None


def _sift(offers: Iterable[Offer], now: datetime) -> tuple[dict[tuple[int, datetime], Offer], list[Refusal]]:
    """Sound offers by (asset, instant), duplicates collapsed, and those refused on their own account."""
    sound: dict[tuple[int, datetime], Offer] = {}
    refused = []
    for offer in offers:
        if fault := fault_of(offer.price, offer.at, now):
            refused.append(Refusal(offer, fault))
            continue
        exact = Offer(offer.asset, offer.at.astimezone(UTC), cut(offer.price))
        first = sound.setdefault((exact.asset.pk, exact.at), exact)
        if first.price != exact.price:
            refused.append(Refusal(offer, "the same batch gives another price for that instant"))
    return sound, refused


def _by_asset(sound: dict[tuple[int, datetime], Offer]) -> Iterator[list[Offer]]:
    """One asset's offers at a time, oldest first."""
    by_asset: dict[int, list[Offer]] = {}
    for key in sorted(sound):
        by_asset.setdefault(key[0], []).append(sound[key])
    return iter(by_asset.values())


def _weigh(
    points: list[Offer],
    neighbours: list[Pair],
    stored: list[Offer],
    known: list[Offer],
    refused: list[Refusal],
) -> None:
    """Sort one asset's sound offers, oldest first, into the three lists; neighbours are what is stored."""
    taken = {at for at, _ in neighbours}
    passed = 0
    trail: list[Pair] = []
    for number, offer in enumerate(points):
        while passed < len(neighbours) and neighbours[passed][0] <= offer.at:
            trail.append(neighbours[passed])
            passed += 1
        if offer.at in taken:
            known.append(offer)
            continue
        after = within(offer.at, neighbours[passed : passed + 1])
        following = within(offer.at, [(o.at, o.price) for o in points[number + 1 : number + 1 + CONFIRMING]])
        if is_believable(offer.price, levels_before(offer.at, trail), _first(after), following):
            stored.append(offer)
            trail.append((offer.at, offer.price))
        else:
            refused.append(Refusal(offer, JUMPED))


def _first_prices(surrounded: list[tuple[list[Offer], list[Pair]]]) -> Iterator[tuple[Decimal, Decimal]]:
    """Each asset's last stored price, whatever its age, and the first one offered after it."""
    for points, neighbours in surrounded:
        before = [price for at, price in neighbours if at <= points[0].at]
        if before:
            yield before[-1], points[0].price


def _first(prices: list[Decimal]) -> Decimal | None:
    return prices[0] if prices else None


def _stored_around(points: list[Offer]) -> list[Pair]:
    """What is stored from shortly before the points to the first one after them, in one query.

    Before them stand as many as tell whether the last one is confirmed, whatever their age.
    """
    first, last = points[0].at, points[-1].at
    own = PriceSnapshot.objects.of(points[0].asset)
    earlier = own.filter(at__lt=first).order_by("-at").values("at")
    after = own.filter(at__gt=last, at__lte=last + NEIGHBOURHOOD).order_by("at").values("at")[:1]
    furthest = [earlier[number : number + 1] for number in range(CONFIRMING, -1, -1)]
    span = own.between(_first_of(furthest, first), _first_of([after], last))
    return list(span.order_by("at").values_list("at", "price"))


def _first_of(moments: list[QuerySet[PriceSnapshot, Any]], otherwise: datetime) -> Any:
    return Coalesce(*[Subquery(each) for each in moments], Value(otherwise, output_field=DateTimeField()))


def _tell(refused: list[Refusal], source: str) -> None:
    """One warning per asset and reason, however many prices it concerns."""
    examples = {(refusal.offer.asset.symbol, refusal.reason): refusal.offer for refusal in reversed(refused)}
    counts = Counter((refusal.offer.asset.symbol, refusal.reason) for refusal in refused)
    for (symbol, reason), count in counts.items():
        offer = examples[symbol, reason]
        logger.warning(
            "refused %d of %s from %s: %s (first: %.60r at %.40s)",
            *(count, symbol, source, reason, offer.price, offer.at),
        )
