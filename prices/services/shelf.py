"""The rows of stored prices: what stands around an instant, writing many at once, and the trace of changes.

Only the gate and what an administrator does by hand call this; nothing here asks whether a price is right.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from prices.fields import SourceField
from prices.models import Asset, PriceChange, PriceSnapshot
from prices.services.belief import CONFIRMING, NEIGHBOURHOOD, Said
from prices.services.offers import Offer

MANY = 500  # from so many rows on PostgreSQL is fed by COPY
UNFINISHED = "the hour was still open"
BETTER = "a better source"

STAGING = """CREATE TEMPORARY TABLE IF NOT EXISTS arriving_prices
    (asset_id bigint, at timestamptz, price numeric, source text) ON COMMIT DROP"""
COPY = "COPY arriving_prices (asset_id, at, price, source) FROM STDIN (FORMAT BINARY)"
TAKE_IN = """INSERT INTO prices_pricesnapshot (asset_id, at, price, source)
    SELECT asset_id, at, price, source FROM arriving_prices
    ON CONFLICT (asset_id, at) DO NOTHING"""


def newest(asset_pks: Iterable[int]) -> dict[int, datetime | None]:
    """By asset pk the instant of its newest price, or None. Keeps other writers of these assets waiting, so
    that what was newest is still so when this transaction has written.
    """
    locked = Asset.objects.select_for_update(no_key=True).filter(pk__in=list(asset_pks)).order_by("pk")
    pks = list(locked.values_list("pk", flat=True))
    last = PriceSnapshot.objects.filter(asset=OuterRef("pk")).order_by("-at").values("at")[:1]
    return dict(Asset.objects.filter(pk__in=pks).order_by().values_list("pk", Subquery(last)))


def around(points: Sequence[Offer]) -> list[Said]:
    """What is stored from shortly before the points (one asset's, oldest first) to the first one after them.

    Before them stand as many as tell whether the last one is confirmed, whatever their age. One query.
    """
    first, last = points[0].at, points[-1].at
    own = PriceSnapshot.objects.of(points[0].asset)
    earlier = own.filter(at__lt=first).order_by("-at").values("at")
    after = own.filter(at__gt=last, at__lte=last + NEIGHBOURHOOD).order_by("at").values("at")[:1]
    furthest = [earlier[number : number + 1] for number in range(CONFIRMING, -1, -1)]
    span = own.between(_first_of(furthest, first), _first_of([after], last))
    return [Said(*row) for row in span.order_by("at").values_list("at", "price", "source")]


def put(offers: Sequence[Offer]) -> None:
    """Store new prices; an instant that has one keeps it."""
    if connection.vendor == "postgresql" and len(offers) >= MANY:
        _copy(offers)
        return
    rows = [PriceSnapshot(asset=o.asset, at=o.at, price=o.price, source=o.source) for o in offers]
    PriceSnapshot.objects.bulk_create(rows, ignore_conflicts=True)


def change(changed: Iterable[tuple[Offer, Said]]) -> None:
    """Put each offer in the place of what is stored at its instant."""
    for offer, _ in changed:
        own = PriceSnapshot.objects.filter(asset=offer.asset, at=offer.at)
        own.update(price=offer.price, source=offer.source)


def note(offers: Iterable[Offer], before: Mapping[int, Said], *, by: str, why: str, now: datetime) -> None:
    """Keep the trace of offers that were stored; `before` by identity of the offer."""
    PriceChange.objects.bulk_create(_trace(offer, before.get(id(offer)), by, why, now) for offer in offers)


def note_removal(rows: Iterable[PriceSnapshot], *, by: str, why: str, now: datetime) -> None:
    """Keep the trace of prices that are about to be removed."""
    PriceChange.objects.bulk_create(
        PriceChange(
            asset_id=row.asset_id,
            at=row.at,
            before=row.price,
            source_before=row.source,
            by=by,
            why=why,
            changed_at=now,
        )
        for row in rows
    )


def raise_versions(offers: Iterable[Offer], newest: Mapping[int, datetime | None]) -> None:
    """Say of each asset that its past changed; what only follows its newest price changes nothing."""
    changed = {o.asset.id for o in offers if (last := newest.get(o.asset.id)) is not None and o.at <= last}
    raise_version_of(changed)


def raise_version_of(asset_pks: Iterable[int]) -> None:
    asset_pks = list(asset_pks)
    if asset_pks:
        Asset.objects.filter(pk__in=asset_pks).update(history_version=F("history_version") + 1)


def _trace(offer: Offer, before: Said | None, by: str, why: str, now: datetime) -> PriceChange:
    return PriceChange(
        asset=offer.asset,
        at=offer.at,
        before=before.price if before else None,
        source_before=before.source if before else "",
        after=offer.price,
        source=offer.source,
        by=by,
        why=why or (UNFINISHED if before and before.source == offer.source else BETTER),
        changed_at=now,
    )


def _copy(offers: Iterable[Offer]) -> None:
    """Through a table of this transaction alone: COPY itself knows no ON CONFLICT."""
    with connection.cursor() as cursor:
        cursor.execute(STAGING)
        cursor.execute("TRUNCATE arriving_prices")
        with cursor.copy(COPY) as copy:
            copy.set_types(["int8", "timestamptz", "numeric", "text"])
            for offer in offers:
                copy.write_row(
                    (offer.asset.id, offer.at, offer.price, SourceField.CODES.get(offer.source, offer.source))
                )
        cursor.execute(TAKE_IN)


def _first_of(moments: list[QuerySet[PriceSnapshot, Any]], otherwise: datetime) -> Any:
    return Coalesce(*[Subquery(each) for each in moments], Value(otherwise, output_field=DateTimeField()))
