"""The few questions about price series that the ORM cannot put well, in each database's own words.

All but `days` walk the (asset, at) index from point to point, so that they cost the same among hourly
and among five-minute snapshots. SQLite keeps instants as text; it compares as the instants do.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.utils import CursorWrapper
from psycopg.pq import Format

from prices.fields import SourceField

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

LAST_QUOTE = """
    SELECT price, at, source FROM prices_pricesnapshot
    WHERE asset_id = %s AND at <= %s AND at >= %s ORDER BY at DESC LIMIT 1"""

NEWEST = {
    "sqlite": """
        SELECT snapshot.asset_id, snapshot.price, snapshot.at, snapshot.source
        FROM json_each(%s) AS asset JOIN prices_pricesnapshot AS snapshot
        ON snapshot.asset_id = asset.value AND snapshot.at = (
            SELECT max(at) FROM prices_pricesnapshot WHERE asset_id = asset.value AND at <= %s)""",
    "postgresql": """
        SELECT asset.id, last.price, last.at, last.source
        FROM unnest(%s::bigint[]) AS asset(id)
        CROSS JOIN LATERAL (
            SELECT price, at, source FROM prices_pricesnapshot
            WHERE asset_id = asset.id AND at <= %s ORDER BY at DESC LIMIT 1) AS last""",
}

# By UTC day, the midnight that ends it included: in how many of its hours stands a price, and whose.
DAYS = {
    "sqlite": """
        SELECT date(at, '-0.001 seconds') AS day, count(DISTINCT strftime('%%H', at, '-0.001 seconds')),
            group_concat(DISTINCT source)
        FROM prices_pricesnapshot WHERE asset_id = %s AND at <= %s GROUP BY day ORDER BY day""",
    "postgresql": """
        SELECT day::date, count(DISTINCT extract(hour FROM shifted)), string_agg(DISTINCT source, ',')
        FROM (
            SELECT source, at AT TIME ZONE 'UTC' - interval '1 millisecond' AS shifted,
                date_trunc('day', at AT TIME ZONE 'UTC' - interval '1 millisecond') AS day
            FROM prices_pricesnapshot WHERE asset_id = %s AND at <= %s) AS prices
        GROUP BY day ORDER BY day""",
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
                yield asset_pk, number, _price(price)


def last_quote(asset_pk: int, until: datetime, after: datetime) -> tuple[Decimal, datetime, str] | None:
    """(price, instant, source) of the last snapshot in [after, until]; None when there is none."""
    postgresql = connection.vendor == "postgresql"
    span = (until, after) if postgresql else (_text(until), _text(after))
    with _prepared() if postgresql else connection.cursor() as cursor:
        cursor.execute(LAST_QUOTE, [asset_pk, *span])
        row = cursor.fetchone()
    return row and (_price(row[0]), _instant(row[1]), _source(row[2]))


def newest(asset_pks: Sequence[int], until: datetime) -> Iterator[tuple[int, Decimal, datetime, str]]:
    """(asset pk, price, instant, source) of each one's last snapshot at or before an instant. One query."""
    postgresql = connection.vendor == "postgresql"
    pks = list(asset_pks)
    parameters: list[Any] = [pks, until] if postgresql else [json.dumps(pks), _text(until)]
    with _prepared() if postgresql else connection.cursor() as cursor:
        cursor.execute(NEWEST[connection.vendor], parameters)
        for asset_pk, price, at, code in cursor:
            yield asset_pk, _price(price), _instant(at), _source(code)


def days(asset_pk: int, until: datetime) -> list[tuple[date, int, tuple[str, ...]]]:
    """(UTC day, how many of its 24 hours have a price, sources) of the days with a price, oldest first.

    A price at midnight belongs to the day that it ends.
    """
    postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute(DAYS[connection.vendor], [asset_pk, until if postgresql else _text(until)])
        return [
            (day if isinstance(day, date) else date.fromisoformat(day), hours, _sources(codes))
            for day, hours, codes in cursor
        ]


def hops(asset_pk: int, reach: timedelta) -> list[datetime]:
    """Instants of snapshots, oldest first, among them both ends of every gap longer than `reach`."""
    with connection.cursor() as cursor:
        cursor.execute(HOPS[connection.vendor], {"asset": asset_pk, "reach": int(reach.total_seconds())})
        return [_instant(at) for (at,) in cursor]


def _prepared() -> CursorWrapper:
    """A cursor whose statement the server keeps, parsed and planned, once it was put a few times: for
    questions that take less time than their plan. Django's own keeps none: the ORM says what cannot be kept.
    """
    database = connections[DEFAULT_DB_ALIAS]  # once: the proxy looks it up for every attribute
    database.close_if_health_check_failed()
    database.ensure_connection()
    cursor: Any = psycopg.Cursor(database.connection)
    cursor.format = Format.BINARY
    return database.make_debug_cursor(cursor) if database.queries_logged else database.make_cursor(cursor)


def _parameters(asset_pks: Sequence[int], moments: Sequence[datetime], within: timedelta) -> list[Any]:
    if connection.vendor == "postgresql":
        return [list(asset_pks), list(moments), [moment - within for moment in moments]]
    spans = [(_text(moment), _text(moment - within)) for moment in moments]
    return [json.dumps(list(asset_pks)), json.dumps(spans)]


def _price(value: Decimal | str) -> Decimal:
    return Decimal(value).normalize() + 0


def _source(code: str) -> str:
    return SourceField.NAMES.get(code, code)


def _sources(codes: str) -> tuple[str, ...]:
    return tuple(sorted(_source(code) for code in codes.split(",")))


def _text(at: datetime) -> str:
    """An instant as SQLite stores it."""
    return str(at.astimezone(UTC).replace(tzinfo=None))


def _instant(at: datetime | str) -> datetime:
    parsed = datetime.fromisoformat(at) if isinstance(at, str) else at
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
