"""CryptoCompare: the latest prices of all coins in one request; hourly and daily closes, 2,000 a page.

Its public address wants a key; a server of one's own (`CRYPTOCOMPARE_BASE_URL`) is asked without one.
Errors come with status 200 and {"Response": "Error"}, Type 99 among them being "too many requests".
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from prices.sources.base import Source
from prices.sources.errors import NotAuthorisedError, RateLimitedError, SourceError, UnknownCoinError
from prices.sources.reading import DAY, Point, from_seconds, number, rows_of

RATE_LIMIT = 99
NO_SUCH_PAIR = 1
SYMBOLS_A_REQUEST = 50


class CryptoCompare(Source):
    name = "cryptocompare"
    default_url = "https://min-api.cryptocompare.com"
    page = 2000
    per_second = 5

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Apikey {self.api_key}"} if self.api_key else {}

    def is_usable(self) -> bool:
        return bool(self.api_key) or not self.is_public

    def latest(self, ids: list[str]) -> Iterator[tuple[str, Point]]:
        for start in range(0, len(ids), SYMBOLS_A_REQUEST):
            symbols = ids[start : start + SYMBOLS_A_REQUEST]
            body = self.get("/data/pricemultifull", fsyms=",".join(symbols), tsyms="USD")
            yield from parse_latest(body, symbols)

    def closes(self, coin: str, since: datetime, until: datetime, step: timedelta) -> list[Point]:
        body = self.get(
            "/data/v2/histoday" if step == DAY else "/data/v2/histohour",
            fsym=coin,
            tsym="USD",
            limit=(until - since) // step + 1,
            toTs=int((until - step).timestamp()),
        )
        return self.standing_in(parse_candles(body, step), since, until, step)


def parse_latest(body: Any, ids: list[str]) -> Iterator[tuple[str, Point]]:
    """From {"RAW": {"BTC": {"USD": {"PRICE": 1.5, "LASTUPDATE": seconds}}}}."""
    refuse_error(body)
    raw = body.get("RAW")
    if not isinstance(raw, dict):
        raise SourceError("cryptocompare: answered in an unknown shape")
    for coin in ids:
        entry = raw[coin].get("USD") if isinstance(raw.get(coin), dict) else None
        if isinstance(entry, dict) and "PRICE" in entry:
            at = entry.get("LASTUPDATE")
            yield coin, Point(None if at is None else from_seconds(at), number(entry["PRICE"]))


def parse_candles(body: Any, step: timedelta) -> list[Point]:
    """From {"Data": {"Data": [{"time": seconds, "open": …, "close": …}, …]}} (or the older {"Data": […]}).

    The time is the start of the candle; its close stands at the end. A candle of zeros is the provider's
    way to say that the coin was not listed yet, so it is no point at all.
    """
    refuse_error(body)
    path = ("Data", "Data") if isinstance(body.get("Data"), dict) else ("Data",)
    points = []
    for row in rows_of(body, *path):
        if not isinstance(row, dict) or "time" not in row:
            raise SourceError("cryptocompare: answered in an unknown shape")
        if row.get("open") != 0 or row.get("close") != 0:
            points.append(Point(from_seconds(row["time"]) + step, number(row.get("close"))))
    return points


def refuse_error(body: Any) -> None:
    """Raise what an answer of status 200 may hide."""
    if not isinstance(body, dict):
        raise SourceError("cryptocompare: answered in an unknown shape")
    if body.get("Response") != "Error":
        return
    message = str(body.get("Message", ""))  # never repeated: it may quote the key
    if body.get("Type") == RATE_LIMIT:
        raise RateLimitedError("cryptocompare: too many requests")
    if "key" in message.lower():
        raise NotAuthorisedError("cryptocompare: refused access; check its API key")
    if body.get("Type") == NO_SUCH_PAIR or "does not exist" in message:
        raise UnknownCoinError("cryptocompare: does not have this coin")
    raise SourceError("cryptocompare: answered with an error of its own")
