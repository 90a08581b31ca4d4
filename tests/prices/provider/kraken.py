"""Kraken: /0/public/Ticker and /0/public/OHLC; the last 720 candles, and errors with status 200."""

import re
from typing import Any

from tests.prices.provider.candles import candles
from tests.prices.provider.market import COINS

PAIRS = {"BTC": "XXBTZUSD", "ETH": "XETHZUSD", "XRP": "XXRPZUSD", "SOL": "SOLUSD", "BNB": "BNBUSD"}
COIN_OF = {pair: COINS[symbol] for symbol, pair in PAIRS.items()}


def latest(server: Any, path: str, query: dict[str, str]) -> tuple[int, Any]:
    now = int(server.now())
    last = {pair: str(server.price(coin, now)) for pair, coin in COIN_OF.items()}
    pairs = {
        pair: {"a": [price, "1", "1.000"], "b": [price, "1", "1.000"], "c": [price, "0.5"], "o": price}
        for pair, price in last.items()
    }
    return 200, {"error": [], "result": pairs}


def history(server: Any, path: str, query: dict[str, str]) -> tuple[int, Any]:
    coin, step = COIN_OF.get(query["pair"]), int(query["interval"]) * 60
    if coin is None:
        return 200, {"error": ["EQuery:Unknown asset pair"]}
    now = int(server.now())
    first = max(int(query.get("since", 0)) + 1, now // step * step - 719 * step)
    rows = [
        [at, str(opened), str(opened), str(closed), str(closed), "0.0", "2.5", 7]
        for at, opened, closed in candles(server, coin, first, now, step)
    ]
    return 200, {"error": [], "result": {query["pair"]: rows, "last": rows[-2][0] if rows[1:] else first}}


ROUTES = ((re.compile(r"/0/public/Ticker$"), latest), (re.compile(r"/0/public/OHLC$"), history))
