"""Coinbase Exchange: /products/{id}/ticker and /products/{id}/candles."""

import calendar
import re
import time
from typing import Any

from tests.prices.provider.candles import candles, coin_of


def latest(server: Any, path: str, query: dict[str, str]) -> tuple[int, Any]:
    coin = coin_of(path.split("/")[-2], "-USD")
    if coin is None:
        return 404, {"message": "NotFound"}
    now = int(server.now())
    at = time.strftime("%Y-%m-%dT%H:%M:%S.123456Z", time.gmtime(now))
    return 200, {"trade_id": 1, "price": str(server.price(coin, now)), "time": at}


def history(server: Any, path: str, query: dict[str, str]) -> tuple[int, Any]:
    coin, step = coin_of(path.split("/")[-2], "-USD"), int(query["granularity"])
    if coin is None:
        return 404, {"message": "NotFound"}
    rows = list(candles(server, coin, unix(query["start"]), unix(query["end"]), step))
    if len(rows) > 300:
        return 400, {"message": "granularity too small for the requested time range"}
    return 200, [[at, 1, 9, opened, closed, 2.5] for at, opened, closed in rows][::-1]


def unix(iso: str) -> int:
    return calendar.timegm(time.strptime(iso, "%Y-%m-%dT%H:%M:%SZ"))


ROUTES = (
    (re.compile(r"/products/[^/]+/ticker$"), latest),
    (re.compile(r"/products/[^/]+/candles$"), history),
)
