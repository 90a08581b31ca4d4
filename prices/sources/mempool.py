"""mempool.space: the latest price of Bitcoin, an average of several exchanges in whole US dollars.

It is asked for nothing else. Its history is stored under the start of the candles it was taken from, hourly,
daily or (for the first years) weekly without saying which: such a price would stand before it was true.
"""

# ruff: noqa: ARG002 (a source takes what any source may need)

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from prices.sources.base import Source
from prices.sources.errors import SourceError
from prices.sources.reading import HOUR, Point, from_seconds, number

UNKNOWN = -1  # its word for a currency it has no price in just now


class Mempool(Source):
    name = "mempool"
    default_url = "https://mempool.space"
    page = 1
    per_second = 0.5

    def reaches(self, moment: datetime, now: datetime, step: timedelta = HOUR) -> bool:
        return False

    def latest(self, ids: list[str]) -> Iterator[tuple[str, Point]]:
        if "BTC" in ids and (point := parse_prices(self.get("/api/v1/prices"))):
            yield "BTC", point

    def closes(self, coin: str, since: datetime, until: datetime, step: timedelta) -> list[Point]:
        return []


def parse_prices(body: Any) -> Point | None:
    """From {"time": seconds, "USD": 43753, "EUR": 40545, …}; None while it has no dollar price."""
    if not isinstance(body, dict) or "USD" not in body:
        raise SourceError("mempool: answered in an unknown shape")
    if body["USD"] == UNKNOWN:
        return None
    return Point(from_seconds(body.get("time")), number(body["USD"]))
