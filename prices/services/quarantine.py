"""What the gate refused, kept in rows of its own until another price, or a person, decides about it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from prices.models import RefusedPrice
from prices.services.belief import TOGETHER
from prices.services.offers import Offer, Refusal

MOST_OF_A_BATCH = 1000  # rows of one asset and reason; the log counts the rest
MOST = 10_000  # rows that wait; past it the oldest ones go


def keep(refused: Sequence[Refusal], *, now: datetime) -> None:
    """Write down what was refused. The same thing said again is there once."""
    rows: list[RefusedPrice] = []
    counts: Counter[tuple[int, str]] = Counter()
    for refusal in refused:
        kind = (refusal.offer.asset.pk, refusal.reason)
        counts[kind] += 1
        if counts[kind] <= MOST_OF_A_BATCH:
            rows.append(_row(refusal, now))
    if rows:
        RefusedPrice.objects.bulk_create(rows, ignore_conflicts=True)
        _make_room()


def witnesses(batches: Mapping[int, Sequence[Offer]]) -> dict[int, list[RefusedPrice]]:
    """By asset pk the waiting jumps within a day of the batch (offers oldest first). One query."""
    if not batches:
        return {}
    since = min(points[0].at for points in batches.values()) - TOGETHER
    until = max(points[-1].at for points in batches.values()) + TOGETHER
    found: dict[int, list[RefusedPrice]] = {}
    for row in RefusedPrice.objects.witnesses(batches, since, until).select_related("asset").order_by("at"):
        found.setdefault(row.asset_id, []).append(row)
    return found


def release(rows: Sequence[RefusedPrice], *, now: datetime) -> list[Offer]:
    """Let jumps go that another price confirms: the offers they were."""
    if not rows:
        return []
    decide(rows, RefusedPrice.State.CONFIRMED, by="", now=now)
    return [offer_of(row) for row in rows]


def decide(rows: Iterable[RefusedPrice], state: str, *, by: str, now: datetime) -> None:
    pks = [row.pk for row in rows]
    RefusedPrice.objects.filter(pk__in=pks).update(state=state, decided_by=by, decided_at=now)


def offer_of(row: RefusedPrice) -> Offer:
    """What was offered then. Of what is no price the value stays text, which the gate refuses again."""
    return Offer(row.asset, row.at, _price(row.value), row.source, row.place)  # type: ignore[arg-type]


def _row(refusal: Refusal, now: datetime) -> RefusedPrice:
    offer = refusal.offer
    return RefusedPrice(
        asset=offer.asset,
        at=_instant(offer.at),
        said_at=_text(offer.at, 40),
        value=_text(offer.price, 80),
        source=offer.source,
        place=offer.place,
        reason=refusal.reason,
        is_jump=refusal.is_jump,
        offered_at=now,
    )


def _make_room() -> None:
    waiting = RefusedPrice.objects.waiting().order_by("-pk")
    past = waiting.values_list("pk", flat=True)[MOST : MOST + 1].first()
    if past is not None:
        waiting.filter(pk__lte=past).delete()


def _instant(at: Any) -> datetime | None:
    """The time, if a database can keep it."""
    try:
        return at.astimezone(UTC) if isinstance(at, datetime) and at.utcoffset() is not None else None
    except OverflowError:
        return None


def _text(said: Any, most: int) -> str:
    """What was said, on one line of plain characters that every database takes."""
    if isinstance(said, datetime):
        return said.isoformat()[:most]
    return (str(said) if isinstance(said, Decimal) else ascii(said))[:most]


def _price(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except ArithmeticError:
        return text
