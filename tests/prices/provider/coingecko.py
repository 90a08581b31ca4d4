"""CoinGecko: /simple/price, /coins/{id}/market_chart/range, /search, /coins/{id}."""

import re
from typing import Any

from tests.prices.provider.market import BASE_PRICES, COINS, DAY, FIVE_MINUTES, HOUR

TOO_FAR_BACK = {
    "error": {
        "status": {"error_code": 10012, "error_message": "Your request exceeds the allowed time range."}
    }
}
# Coins that the catalogue has not, two of them under tickers that are taken.
OTHERS = (("wrapped-kiwi", "wkiwi", "Wrapped Kiwi"), ("bitcoin-kiwi", "btc", "Bitcoin Kiwi"))


def latest(server: Any, path: str, query: dict[str, str]) -> tuple[int, Any]:
    now = int(server.now())
    known = [coin for coin in query["ids"].split(",") if coin in BASE_PRICES]
    return 200, {coin: {"usd": server.price(coin, now), "last_updated_at": now} for coin in known}


def history(server: Any, path: str, query: dict[str, str]) -> tuple[int, Any]:
    coin = path.split("/")[-3]
    if coin not in BASE_PRICES:
        return 404, {"error": "coin not found"}
    first, last = int(query["from"]), min(int(query["to"]), int(server.now()))
    if server.is_free_plan and first < server.now() - 365 * DAY:
        return 401, TOO_FAR_BACK
    step = FIVE_MINUTES if last - first <= DAY else HOUR if last - first <= 90 * DAY else DAY
    starts = range(max(first, server.unlisted_before) // step * step, last + 1, step)
    times = [at + server.offset for at in starts if first <= at + server.offset <= last]
    times = [at for at in times if -(-at // HOUR) * HOUR not in server.gaps]
    return 200, {"prices": [[at * 1000, server.price(coin, at)] for at in times], "market_caps": []}


def search(server: Any, path: str, query: dict[str, str]) -> tuple[int, Any]:
    words = query["query"].lower()
    listed = [(coin, symbol.lower(), coin.title()) for symbol, coin in COINS.items()] + [*OTHERS]
    found = [row for row in listed if words in row[1] or words in row[2].lower()]
    coins = [
        {"id": coin, "name": name, "api_symbol": coin, "symbol": symbol.upper(), "market_cap_rank": None}
        for coin, symbol, name in found
    ]
    return 200, {"coins": coins, "exchanges": [], "icos": [], "categories": [], "nfts": []}


def coin(server: Any, path: str, query: dict[str, str]) -> tuple[int, Any]:
    wanted = path.split("/")[-1]
    for known, symbol, name in OTHERS:
        if known == wanted:
            return 200, {"id": known, "symbol": symbol, "name": name, "platforms": {}}
    return 404, {"error": "coin not found"}


ROUTES = (
    (re.compile(r"/simple/price$"), latest),
    (re.compile(r"/coins/[^/]+/market_chart/range$"), history),
    (re.compile(r"/search$"), search),
    (re.compile(r"/coins/[^/]+$"), coin),
)
