"""Kraken: prices in US dollars; hourly and daily candles, but only the last 720 of each.

Coins are called as Kraken names the pair in its answers: XXBTZUSD, SOLUSD. Errors come with status 200 and a
list of texts: {"error": ["EQuery:Unknown asset pair"]}.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from prices.sources.base import Source
from prices.sources.errors import (
    NotAuthorisedError,
    RateLimitedError,
    SourceError,
    UnknownCoinError,
    UnreachableError,
)
from prices.sources.reading import HOUR, Point, at_path, from_seconds, number, rows_of

CANDLES = 720
# What an error says, by a part of its text; the first that fits holds.
MEANINGS: tuple[tuple[str, type[SourceError], str], ...] = (
    ("Rate limit", RateLimitedError, "too many requests"),
    ("Too many requests", RateLimitedError, "too many requests"),
    ("Temporary lockout", RateLimitedError, "too many requests"),
    ("EAPI:", NotAuthorisedError, "refused access; check its API key"),
    ("Permission denied", NotAuthorisedError, "refused access; check its API key"),
    ("EQuery:Unknown", UnknownCoinError, "does not have this coin"),
    ("EService:", UnreachableError, "is not available"),
    ("EGeneral:Internal", UnreachableError, "is not available"),
)


class Kraken(Source):
    name = "kraken"
    default_url = "https://api.kraken.com"
    page = CANDLES - 1  # the last candle of an answer is the unfinished one
    per_second = 1

    def reaches(self, moment: datetime, now: datetime, step: timedelta = HOUR) -> bool:
        return moment > now - (self.page - 1) * step

    def latest(self, ids: list[str]) -> Iterator[tuple[str, Point]]:
        # All pairs in one answer: asked by name, a single delisted one would fail the whole request.
        yield from parse_tickers(self.get("/0/public/Ticker"), ids)

    def closes(self, coin: str, since: datetime, until: datetime, step: timedelta) -> list[Point]:
        body = self.get(
            "/0/public/OHLC",
            pair=coin,
            interval=int(step.total_seconds()) // 60,
            since=int((since - step).timestamp()) - 1,
        )
        return self.standing_in(parse_candles(body, coin, step), since, until, step)


def parse_tickers(body: Any, ids: list[str]) -> Iterator[tuple[str, Point]]:
    """From {"error": [], "result": {"XXBTZUSD": {"c": ["1.5", volume], …}, …}}; the price has no time."""
    refuse_error(body)
    pairs = body.get("result")
    if not isinstance(pairs, dict):
        raise SourceError("kraken: answered in an unknown shape")
    for coin in ids:
        if coin in pairs:
            last = rows_of(pairs[coin], "c")
            if not last:
                raise SourceError("kraken: answered in an unknown shape")
            yield coin, Point(None, number(last[0]))


def parse_candles(body: Any, coin: str, step: timedelta) -> list[Point]:
    """From {"error": [], "result": {"XXBTZUSD": [[seconds, open, high, low, close, …], …], "last": seconds}}.

    The time is the start of the candle; its close stands at the end. An answer about another pair is none.
    """
    refuse_error(body)
    points = []
    for row in rows_of(body, "result", coin):
        if not isinstance(row, list) or len(row) < 5:
            raise SourceError("kraken: answered in an unknown shape")
        points.append(Point(from_seconds(row[0]) + step, number(row[4])))
    return points


def refuse_error(body: Any) -> None:
    """Raise what an answer of status 200 may hide; a warning (W…) is no error."""
    said = at_path(body, "error")
    if not isinstance(said, list):
        raise SourceError("kraken: answered in an unknown shape")
    errors = [str(text) for text in said if not str(text).startswith("W")]
    if not errors:
        return
    for part, error, meaning in MEANINGS:
        if any(part in text for text in errors):
            raise error(f"kraken: {meaning}")
    raise SourceError("kraken: answered with an error of its own")
