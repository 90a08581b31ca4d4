"""The price gate: the one place where a price is written, whoever offers it.

What is not certainly a price at a plausible time is refused, said in the log and never stored. A stored
price is never changed by a fetch; a person may correct one, by the same rules.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django.db import transaction
from django.db.models import DateTimeField, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from prices.fields import CEILING, ONE_UNIT
from prices.models import Asset, PriceSnapshot

logger = logging.getLogger(__name__)

GENESIS = datetime(2009, 1, 3, tzinfo=UTC)  # Bitcoin's first block: before it nothing had a price here
AHEAD = timedelta(minutes=5)  # how far a provider's clock may run before ours
NEIGHBOURHOOD = timedelta(days=7)  # snapshots further away than this say nothing about a price
JUMP, NEAR = 5, 2  # factors
CONFIRMING = 2  # so many further points of the same batch must stay near a new level
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
        for points in _by_asset(sound):
            _weigh(points, stored, known, refused)
        rows = [PriceSnapshot(asset=o.asset, at=o.at, price=o.price, source=source) for o in stored]
        PriceSnapshot.objects.bulk_create(rows, ignore_conflicts=True)
    _tell(refused, source)
    return Recorded(tuple(stored), tuple(known), tuple(refused))


def check_price(*, asset: Asset, at: datetime, price: Any, now: datetime, checked: bool = False) -> Decimal:
    """The price as it may be stored, or PriceRefusedError. `checked`: a person vouches for a jump."""
    fault = fault_of(price, at, now)
    if fault is None and not checked:
        neighbours = PriceSnapshot.objects.of(asset)
        before = _price(neighbours.filter(at__lt=at, at__gte=at - NEIGHBOURHOOD).order_by("-at"))
        after = _price(neighbours.filter(at__gt=at, at__lte=at + NEIGHBOURHOOD).order_by("at"))
        fault = None if _is_believable(price, before, after, []) else JUMPED
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


def _weigh(points: list[Offer], stored: list[Offer], known: list[Offer], refused: list[Refusal]) -> None:
    """Sort one asset's sound offers, oldest first, into the three lists."""
    neighbours = _stored_around(points)
    taken = {at for at, _ in neighbours}
    passed, last = 0, None
    for number, offer in enumerate(points):
        while passed < len(neighbours) and neighbours[passed][0] <= offer.at:
            last = neighbours[passed]
            passed += 1
        if offer.at in taken:
            known.append(offer)
            continue
        after = _within(offer.at, neighbours[passed : passed + 1])
        following = _within(offer.at, [(o.at, o.price) for o in points[number + 1 : number + 1 + CONFIRMING]])
        before = _within(offer.at, [last] if last else [])
        if _is_believable(offer.price, _first(before), _first(after), following):
            stored.append(offer)
            last = (offer.at, offer.price)
        else:
            refused.append(Refusal(offer, JUMPED))


def _is_believable(
    price: Decimal, before: Decimal | None, after: Decimal | None, following: Sequence[Decimal]
) -> bool:
    """Whether a price fits its neighbours (all within 7 days; None where there is none).

    It fits when it lies within a factor of 5 of the believed price before it or of the stored one after
    it. A new level with nothing stored after it is believed when the next two points of the same batch
    stay within a factor of 2 of it. The very first price is believed unless the batch's next one jumps.
    """
    if before is not None and not _differ(price, before, JUMP):
        return True
    if after is not None:
        return not _differ(price, after, JUMP)
    if before is None:
        return not following or not _differ(price, following[0], JUMP)
    return len(following) == CONFIRMING and not any(_differ(price, other, NEAR) for other in following)


def _differ(one: Decimal, other: Decimal, factor: int) -> bool:
    return one > other * factor or other > one * factor


def _within(at: datetime, neighbours: Sequence[tuple[datetime, Decimal]]) -> list[Decimal]:
    return [price for other, price in neighbours if abs(other - at) <= NEIGHBOURHOOD]


def _first(prices: list[Decimal]) -> Decimal | None:
    return prices[0] if prices else None


def _stored_around(points: list[Offer]) -> list[tuple[datetime, Decimal]]:
    """What is stored from the last snapshot before the points to the first one after them, in one query."""
    first, last = points[0].at, points[-1].at
    own = PriceSnapshot.objects.of(points[0].asset)
    before = own.filter(at__lt=first, at__gte=first - NEIGHBOURHOOD).order_by("-at").values("at")[:1]
    after = own.filter(at__gt=last, at__lte=last + NEIGHBOURHOOD).order_by("at").values("at")[:1]
    span = own.between(_either(before, first), _either(after, last))
    return list(span.order_by("at").values_list("at", "price"))


def _either(at: QuerySet[PriceSnapshot, Any], otherwise: datetime) -> Any:
    return Coalesce(Subquery(at), Value(otherwise, output_field=DateTimeField()))


def _price(snapshots: QuerySet[PriceSnapshot]) -> Decimal | None:
    return snapshots.values_list("price", flat=True).first()


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
