"""CryptoCompare: /data/pricemultifull, /data/v2/histohour and histoday; errors come with status 200."""

import re
from typing import Any

from tests.prices.provider.market import COINS, DAY, HOUR


def latest(server: Any, path: str, query: dict[str, str]) -> tuple[int, Any]:
    now = int(server.now())
    known = [symbol for symbol in query["fsyms"].split(",") if symbol in COINS]
    raw = {
        symbol: {"USD": {"PRICE": server.price(COINS[symbol], now), "LASTUPDATE": now}} for symbol in known
    }
    return 200, {"RAW": raw, "DISPLAY": {}}


def history(server: Any, path: str, query: dict[str, str]) -> tuple[int, Any]:
    coin, step = COINS.get(query["fsym"]), DAY if path.endswith("histoday") else HOUR
    if coin is None:
        return 200, {"Response": "Error", "Message": "market does not exist", "Type": 1, "Data": {}}
    last = int(query["toTs"]) // step * step
    rows = []
    for at in range(last - int(query["limit"]) * step, last + 1, step):
        if at + step in server.gaps:
            continue
        listed = at >= server.unlisted_before
        opened, closed = (server.price(coin, at), server.price(coin, at + step)) if listed else (0, 0)
        rows.append({"time": at, "open": opened, "close": closed, "high": 9, "low": 1})
    return 200, {"Response": "Success", "Type": 100, "Data": {"Aggregated": False, "Data": rows}}


ROUTES = ((re.compile(r"/data/pricemultifull$"), latest), (re.compile(r"/data/v2/histo(hour|day)$"), history))
