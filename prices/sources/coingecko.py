"""CoinGecko: one request for the latest prices of all coins; history as points at odd instants.

Its history gives a point about every hour (…:00:12, …:04:51), not candles. Each is kept at its own
instant: moved to the full hour before it would stand there before it was true.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from prices.sources.base import (
    DAY,
    Point,
    Source,
    SourceError,
    from_milliseconds,
    from_seconds,
    in_path,
    number,
    rows_of,
    standing_in,
)

FREE_HISTORY = 364 * DAY  # what the free plan reaches back, a day short of its 365
HOURLY_SPAN = 2 * DAY  # shorter spans come in five-minute steps or empty, up to 90 days hourly


class CoinGecko(Source):
    name = "coingecko"
    default_url = "https://api.coingecko.com/api/v3"
    page = 24 * 89
    per_second = 0.5

    def headers(self) -> dict[str, str]:
        kind = "pro" if "pro-api" in self.base_url else "demo"
        return {f"x-cg-{kind}-api-key": self.api_key} if self.api_key else {}

    def reaches(self, moment: datetime, now: datetime) -> bool:
        return not self.is_public or moment > now - FREE_HISTORY

    def latest(self, ids: list[str]) -> Iterator[tuple[str, Point]]:
        body = self.get(
            "/simple/price",
            ids=",".join(ids),
            vs_currencies="usd",
            include_last_updated_at="true",
            precision="full",
        )
        yield from parse_latest(body, ids)

    def closes(self, coin: str, since: datetime, until: datetime, step: timedelta) -> list[Point]:
        begin = min(since - step, until - HOURLY_SPAN)
        body = self.get(
            f"/coins/{in_path(coin)}/market_chart/range",
            **{"vs_currency": "usd", "from": int(begin.timestamp()), "to": int(until.timestamp())},
            precision="full",
        )
        return last_of_each(standing_in(parse_history(body), since - step, until), since, step)


def parse_latest(body: Any, ids: list[str]) -> Iterator[tuple[str, Point]]:
    """From {"bitcoin": {"usd": 1.5, "last_updated_at": seconds}}; a coin without a price is left out."""
    if not isinstance(body, dict):
        raise SourceError("coingecko: answered in an unknown shape")
    for coin in ids:
        entry = body.get(coin)
        if isinstance(entry, dict) and "usd" in entry:
            at = entry.get("last_updated_at")
            yield coin, Point(None if at is None else from_seconds(at), number(entry["usd"]))


def parse_history(body: Any) -> list[Point]:
    """From {"prices": [[milliseconds, price], …]}."""
    points = []
    for row in rows_of(body, "prices"):
        if not isinstance(row, list) or len(row) != 2:
            raise SourceError("coingecko: answered in an unknown shape")
        points.append(Point(from_milliseconds(row[0]), number(row[1])))
    return points


def last_of_each(points: list[Point], since: datetime, step: timedelta) -> list[Point]:
    """Of each step (later than its start, not later than its close) the last point; `since` is a close.

    Five-minute points thus become one an hour, and hourly ones all stay.
    """
    last: dict[int, Point] = {}
    for point in points:
        if point.at and point.at > since - step:
            last[-((since - point.at) // step)] = point
    return list(last.values())
