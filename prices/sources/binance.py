"""Binance: hourly and daily candles, 1,000 a page. It quotes Tether, which is read as the US dollar here.

How far that is true, and why this source ranks below those that quote dollars:
docs/decisions/0011-binance-quotes-tether.md.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from prices.sources.base import Source
from prices.sources.errors import SourceError
from prices.sources.reading import DAY, Point, from_milliseconds, number, rows_of


class Binance(Source):
    name = "binance"
    default_url = "https://api.binance.com"
    page = 1000
    per_second = 5

    def headers(self) -> dict[str, str]:
        return {"X-MBX-APIKEY": self.api_key} if self.api_key else {}

    def meaning_of(self, status: int, words: str) -> SourceError | None:
        """400 stands for every mistake in a request; -1121 alone says that there is no such symbol."""
        if status == 400 and "-1121" not in words:
            return SourceError("binance: did not understand the request (400)")
        return None

    def latest(self, ids: list[str]) -> Iterator[tuple[str, Point]]:
        # All symbols in one answer: asked by name, a single delisted one would fail the whole request.
        yield from parse_tickers(self.get("/api/v3/ticker/price"), ids)

    def closes(self, coin: str, since: datetime, until: datetime, step: timedelta) -> list[Point]:
        body = self.get(
            "/api/v3/klines",
            symbol=coin,
            interval="1d" if step == DAY else "1h",
            startTime=int((since - step).timestamp() * 1000),
            endTime=int((until - step).timestamp() * 1000),
            limit=self.page,
        )
        return self.standing_in(parse_klines(body, step), since, until, step)


def parse_tickers(body: Any, ids: list[str]) -> Iterator[tuple[str, Point]]:
    """From [{"symbol": "BTCUSDT", "price": "1.5"}, …]; there is no time: the price is of the moment asked."""
    wanted = set(ids)
    for row in rows_of(body):
        if not isinstance(row, dict):
            raise SourceError("binance: answered in an unknown shape")
        symbol = row.get("symbol")
        if isinstance(symbol, str) and symbol in wanted:
            yield symbol, Point(None, number(row.get("price")))


def parse_klines(body: Any, step: timedelta) -> list[Point]:
    """From [[open milliseconds, open, high, low, close, …], …]; the close stands at the candle's end."""
    points = []
    for row in rows_of(body):
        if not isinstance(row, list) or len(row) < 5:
            raise SourceError("binance: answered in an unknown shape")
        points.append(Point(from_milliseconds(row[0]) + step, number(row[4])))
    return points
