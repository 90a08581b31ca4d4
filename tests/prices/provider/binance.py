"""Binance: /api/v3/ticker/price and /api/v3/klines."""

import re
from itertools import islice
from typing import Any

from tests.prices.provider.candles import candles, coin_of
from tests.prices.provider.market import COINS, DAY, HOUR


def latest(server: Any, path: str, query: dict[str, str]) -> tuple[int, Any]:
    now = int(server.now())
    prices = {f"{symbol}USDT": server.price(coin, now) for symbol, coin in COINS.items()}
    return 200, [{"symbol": symbol, "price": str(price)} for symbol, price in prices.items()]


def history(server: Any, path: str, query: dict[str, str]) -> tuple[int, Any]:
    coin, step = coin_of(query["symbol"], "USDT"), {"1h": HOUR, "1d": DAY}[query["interval"]]
    if coin is None:
        return 400, {"code": -1121, "msg": "Invalid symbol."}
    found = candles(server, coin, int(query["startTime"]) // 1000, int(query["endTime"]) // 1000, step)
    return 200, [
        [at * 1000, str(opened), "9", "1", str(closed), "2.5", (at + step) * 1000 - 1]
        for at, opened, closed in islice(found, min(int(query.get("limit", 500)), 1000))
    ]


ROUTES = ((re.compile(r"/ticker/price$"), latest), (re.compile(r"/klines$"), history))
