"""The two questions about price series that the ORM cannot put well, in each database's own words.

Both walk the (asset, at) index from point to point, so that they cost the same among hourly and among
five-minute snapshots. SQLite keeps instants as text; it compares as the instants do.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

LAST_PRICES = {
    "sqlite": """
        SELECT asset.value, moment.key, (
            SELECT price FROM prices_pricesnapshot
            WHERE asset_id = asset.value
              AND at <= json_extract(moment.value, '$[0]') AND at > json_extract(moment.value, '$[1]')
            ORDER BY at DESC LIMIT 1)
        FROM json_each(%s) AS asset CROSS JOIN json_each(%s) AS moment""",
    "postgresql": """
        SELECT asset.id, moment.number - 1, last.price
        FROM unnest(%s::bigint[]) AS asset(id)
        CROSS JOIN unnest(%s::timestamptz[], %s::timestamptz[])
            WITH ORDINALITY AS moment(until, after, number)
        CROSS JOIN LATERAL (
            SELECT price FROM prices_pricesnapshot
            WHERE asset_id = asset.id AND at <= moment.until AND at > moment.after
            ORDER BY at DESC LIMIT 1) AS last""",
}

# Each hop goes to the last snapshot within reach, or, where there is none, over the gap to the next one.
HOPS = {
    "sqlite": """
        WITH RECURSIVE hops(at) AS (
            SELECT min(at) FROM prices_pricesnapshot WHERE asset_id = %(asset)s
            UNION ALL
            SELECT coalesce(
                (SELECT at FROM prices_pricesnapshot WHERE asset_id = %(asset)s AND at > hops.at
                    AND at <= datetime(hops.at, %(reach)s || ' seconds') ORDER BY at DESC LIMIT 1),
                (SELECT at FROM prices_pricesnapshot WHERE asset_id = %(asset)s AND at > hops.at
                    ORDER BY at LIMIT 1))
            FROM hops WHERE hops.at IS NOT NULL)
        SELECT at FROM hops WHERE at IS NOT NULL""",
    "postgresql": """
        WITH RECURSIVE hops(at) AS (
            SELECT min(at) FROM prices_pricesnapshot WHERE asset_id = %(asset)s
            UNION ALL
            SELECT coalesce(
                (SELECT at FROM prices_pricesnapshot WHERE asset_id = %(asset)s AND at > hops.at
                    AND at <= hops.at + make_interval(secs => %(reach)s) ORDER BY at DESC LIMIT 1),
                (SELECT at FROM prices_pricesnapshot WHERE asset_id = %(asset)s AND at > hops.at
                    ORDER BY at LIMIT 1))
            FROM hops WHERE hops.at IS NOT NULL)
        SELECT at FROM hops WHERE at IS NOT NULL""",
}


def last_prices(
    asset_pks: Sequence[int], moments: Sequence[datetime], within: timedelta
) -> Iterator[tuple[int, int, Decimal]]:
    """(asset pk, number of the moment, price) of the last snapshot in (moment − within, moment]."""
    if not asset_pks or not moments:
        return
    with connection.cursor() as cursor:
        cursor.execute(LAST_PRICES[connection.vendor], _parameters(asset_pks, moments, within))
        for asset_pk, number, price in cursor:
            if price is not None:
                yield asset_pk, number, Decimal(price).normalize() + 0


def hops(asset_pk: int, reach: timedelta) -> list[datetime]:
    """Instants of snapshots, oldest first, among them both ends of every gap longer than `reach`."""
    with connection.cursor() as cursor:
        cursor.execute(HOPS[connection.vendor], {"asset": asset_pk, "reach": int(reach.total_seconds())})
        return [_instant(at) for (at,) in cursor]


def _parameters(asset_pks: Sequence[int], moments: Sequence[datetime], within: timedelta) -> list[Any]:
    if connection.vendor == "postgresql":
        return [list(asset_pks), list(moments), [moment - within for moment in moments]]
    spans = [(_text(moment), _text(moment - within)) for moment in moments]
    return [json.dumps(list(asset_pks)), json.dumps(spans)]


def _text(at: datetime) -> str:
    """An instant as SQLite stores it."""
    return str(at.astimezone(UTC).replace(tzinfo=None))


def _instant(at: datetime | str) -> datetime:
    parsed = datetime.fromisoformat(at) if isinstance(at, str) else at
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
