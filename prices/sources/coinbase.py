"""Coinbase Exchange: prices in US dollars; hourly and daily candles, 300 a page, newest first."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from prices.sources.base import Source
from prices.sources.errors import SourceError, UnknownCoinError
from prices.sources.reading import Point, from_iso, from_seconds, in_path, number, rows_of


class Coinbase(Source):
    name = "coinbase"
    default_url = "https://api.exchange.coinbase.com"
    page = 300
    per_second = 5

    def latest(self, ids: list[str]) -> Iterator[tuple[str, Point]]:
        for product in ids:
            try:
                yield product, parse_ticker(self.get(f"/products/{in_path(product)}/ticker"))
            except UnknownCoinError:
                continue

    def closes(self, coin: str, since: datetime, until: datetime, step: timedelta) -> list[Point]:
        body = self.get(
            f"/products/{in_path(coin)}/candles",
            granularity=int(step.total_seconds()),
            start=(since - step).strftime("%Y-%m-%dT%H:%M:%SZ"),
            end=(until - step).strftime("%Y-%m-%dT%H:%M:%SZ"),
        )
        return self.standing_in(parse_candles(body, step), since, until, step)


def parse_ticker(body: Any) -> Point:
    """From {"price": "1.5", "time": "2024-01-01T00:00:00.5Z"}."""
    if not isinstance(body, dict) or "price" not in body:
        raise SourceError("coinbase: answered in an unknown shape")
    return Point(from_iso(body.get("time")), number(body["price"]))


def parse_candles(body: Any, step: timedelta) -> list[Point]:
    """From [[seconds, low, high, open, close, volume], …]; the time is the start of the candle.

    A close is the price at the end of its interval, so that is where it stands.
    """
    points = []
    for row in rows_of(body):
        if not isinstance(row, list) or len(row) < 5:
            raise SourceError("coinbase: answered in an unknown shape")
        points.append(Point(from_seconds(row[0]) + step, number(row[4])))
    return points
