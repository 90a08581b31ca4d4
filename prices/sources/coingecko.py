"""CoinGecko: one request for the latest prices of all coins; history as points at odd instants; a search.

Its history gives a point about every hour (…:00:12, …:04:51), not candles. Each is kept at its own
instant: moved to the full hour before it would stand there before it was true.
"""

# ruff: noqa: ARG002 (a source takes what any source may need)

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from prices.sources.base import Source
from prices.sources.errors import OutOfReachError, SourceError
from prices.sources.reading import (
    DAY,
    HOUR,
    Listing,
    Point,
    from_milliseconds,
    from_seconds,
    in_path,
    number,
    rows_of,
)

HOURLY_SPAN = 2 * DAY  # shorter spans come in five-minute steps or empty, up to 90 days hourly
FREE_HISTORY = (
    365 * DAY - HOURLY_SPAN - HOUR
)  # the free plans reach 365 days back: so far, nothing older is asked
TOO_FAR_BACK = "10012"  # the code in the 401 for what lies before that


class CoinGecko(Source):
    name = "coingecko"
    default_url = "https://api.coingecko.com/api/v3"
    page = 24 * 89
    per_second = 0.5  # with a demo key: 30 a minute

    @property
    def rate(self) -> float:
        """Without a key the public address bears less."""
        return self.per_second if self.api_key else self.per_second / 2

    def headers(self) -> dict[str, str]:
        kind = "pro" if "pro-api" in self.base_url else "demo"
        return {f"x-cg-{kind}-api-key": self.api_key} if self.api_key else {}

    def reaches(self, moment: datetime, now: datetime, step: timedelta = HOUR) -> bool:
        return not self.is_public or moment > now - FREE_HISTORY

    def meaning_of(self, status: int, words: str) -> SourceError | None:
        if status == 401 and TOO_FAR_BACK in words:
            return OutOfReachError("coingecko: does not reach that far back on this plan")
        return None

    def _history(self, coin: str, begin: datetime, end: datetime) -> Any:
        return self.get(
            f"/coins/{in_path(coin)}/market_chart/range",
            **{"vs_currency": "usd", "from": int(begin.timestamp()), "to": int(end.timestamp())},
            precision="full",
        )

    def search(self, words: str) -> list[Listing]:
        return parse_search(self.get("/search", query=words))

    def listing(self, coin: str) -> Listing:
        parts = ("localization", "tickers", "market_data", "community_data", "developer_data")
        return parse_listing(self.get(f"/coins/{in_path(coin)}", **dict.fromkeys(parts, "false")))

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
        try:
            body = self._history(coin, begin, until)
        except OutOfReachError:  # through an address whose plan we do not know
            begin = (self.present() or until) - FREE_HISTORY
            if begin > until - HOURLY_SPAN:
                return []
            body = self._history(coin, begin, until)
        found = self.standing_in(parse_history(body), since - step, until, step)
        return last_of_each(found, since, step)


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


def parse_search(body: Any) -> list[Listing]:
    """From {"coins": [{"id": "bitcoin", "symbol": "BTC", "name": "Bitcoin", …}, …], …}."""
    return [parse_listing(row) for row in rows_of(body, "coins")]


def parse_listing(body: Any) -> Listing:
    """From {"id": "bitcoin", "symbol": "btc", "name": "Bitcoin", …}."""
    fields = [body.get(key) for key in ("id", "symbol", "name")] if isinstance(body, dict) else []
    texts = [field for field in fields if isinstance(field, str) and field]
    if len(texts) < 3:
        raise SourceError("coingecko: answered in an unknown shape")
    coin, symbol, name = texts
    return Listing(coin, symbol.upper(), name)


def last_of_each(points: list[Point], since: datetime, step: timedelta) -> list[Point]:
    """Of each step (later than its start, not later than its close) the last point; `since` is a close.

    Five-minute points thus become one an hour, and hourly ones all stay.
    """
    last: dict[int, Point] = {}
    for point in points:
        if point.at and point.at > since - step:
            last[-((since - point.at) // step)] = point
    return list(last.values())
