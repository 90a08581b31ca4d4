"""A price provider on this machine: a real HTTP server that answers as CoinGecko, Coinbase, Binance and
CryptoCompare do, from one deterministic price, and misbehaves on request.

`python -m tests.prices.fake_provider --port 9999` starts it for a demo by hand; point CRYPTO_API_BASE_URL,
COINBASE_BASE_URL, BINANCE_BASE_URL and CRYPTOCOMPARE_BASE_URL at it.
"""

import argparse
import calendar
import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

HOUR, DAY, FIVE_MINUTES = 3600, 86400, 300
BASE_PRICES = {
    "bitcoin": "60000.5",
    "ethereum": "3000.25",
    "binancecoin": "600.125",
    "solana": "150.75",
    "ripple": "0.5",
}
SYMBOLS = {"BTC": "bitcoin", "ETH": "ethereum", "BNB": "binancecoin", "SOL": "solana", "XRP": "ripple"}


def price_of(coin: str, at: int) -> Decimal:
    """The price of a coin (CoinGecko's id) at a Unix time: every five minutes another, by a few percent."""
    wave = (at // FIVE_MINUTES * 7) % 60
    return Decimal(BASE_PRICES[coin]) * (1000 + wave) / 1000


class FakeProvider(ThreadingHTTPServer):
    """`faults` maps a provider's name to one of FAULTS; `requests` keeps (path, query, headers)."""

    daemon_threads = True

    def __init__(self, port: int = 0, now: Callable[[], float] = time.time) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.now = now
        self.faults: dict[str, str] = {}
        self.requests: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self.offset = 12  # CoinGecko's points stand so many seconds behind the full hour
        self.price = price_of
        self.unlisted_before = 0  # before that Unix time nobody has a price

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def asked(self, part: str) -> list[dict[str, str]]:
        """The queries of the requests whose path holds that text."""
        return [query for path, query, _ in self.requests if part in path]


class Handler(BaseHTTPRequestHandler):
    """One request: which provider is meant by its path, whether it has a fault, and the answer."""

    server: FakeProvider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        self.server.requests.append((parts.path, query, dict(self.headers)))
        provider, answer = route(parts.path)
        fault = self.server.faults.get(provider)
        if fault in FAULTS:
            FAULTS[fault](self)
            return
        status, body = answer(self.server, parts.path, query)
        if fault in BENT:
            body = bend(body, BENT[fault])
        self.reply(status, as_json(body))

    def reply(self, status: int, body: bytes, kind: str = "application/json", **headers: str) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

    def trickle(self, beginning: bytes) -> None:
        """The beginning of an answer, then byte by byte what goes on from there, for half a minute."""
        with contextlib.suppress(OSError):
            self.wfile.write(b"HTTP/1.0 200 OK\r\n" + beginning)
            for _ in range(300):
                self.wfile.write(b" ")
                time.sleep(0.1)

    def hiccup(self) -> None:
        """One failure, and all is well again."""
        self.server.faults.clear()
        self.reply(503, b"")

    def hang_up(self) -> None:
        """A body that ends before the length it promised."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'{"bitcoin": {}}')

    def log_message(self, *args: Any) -> None:
        """Nothing: a test reads `requests`."""


FAULTS: dict[str, Callable[[Handler], None]] = {
    "rate limit": lambda handler: handler.reply(429, b"{}", Retry_After="7"),
    "silent rate limit": lambda handler: handler.reply(429, b"{}"),
    "server error": lambda handler: handler.reply(500, b'{"status":500,"error":"Internal Server Error"}'),
    "html": lambda handler: handler.reply(200, b"<html>Just a moment</html>", "text/html"),
    "truncated": lambda handler: handler.reply(200, b'{"bitcoin":{"usd":600'),
    "nonsense": lambda handler: handler.reply(200, b'[{"a": [null]}, 5, "x", [[]]]'),
    "nan": lambda handler: handler.reply(200, b'{"bitcoin":{"usd":NaN},"prices":[[1,NaN]]}'),
    "response error": lambda handler: handler.reply(200, b'{"Response":"Error","Message":"odd","Type":2}'),
    "response limit": lambda handler: handler.reply(
        200, b'{"Response":"Error","Message":"You are over your rate limit","Type":99,"Data":{}}'
    ),
    "unknown pair": lambda handler: handler.reply(
        200, b'{"Response":"Error","Message":"market does not exist for this coin pair","Type":1,"Data":{}}'
    ),
    "unauthorised": lambda handler: handler.reply(401, b"{}"),
    "not found": lambda handler: handler.reply(404, b'{"error":"coin not found"}'),
    "redirect": lambda handler: handler.reply(302, b"", Location="/elsewhere"),
    "oversize": lambda handler: handler.reply(200, b"[" + b"1," * 3_000_000 + b"1]"),
    "slow": lambda handler: handler.trickle(b"Content-Type: application/json\r\n\r\n"),
    "slow headers": lambda handler: handler.trickle(b"X-Slow: "),
    "hiccup": Handler.hiccup,
    "hang up": Handler.hang_up,
}
BENT = {"zero": 0, "null": None, "negative": -5, "text": "cheap", "cents": Decimal(100)}


def route(path: str) -> tuple[str, Callable[..., tuple[int, Any]]]:
    """Which provider a path belongs to, and the function that answers."""
    routes = (
        ("/simple/price", "coingecko", coingecko_latest),
        ("/market_chart/range", "coingecko", coingecko_history),
        ("/ticker/price", "binance", binance_latest),
        ("/klines", "binance", binance_history),
        ("/ticker", "coinbase", coinbase_latest),
        ("/candles", "coinbase", coinbase_history),
        ("/data/pricemultifull", "cryptocompare", cryptocompare_latest),
        ("/data/v2/histo", "cryptocompare", cryptocompare_history),
    )
    for ending, provider, answer in routes:
        if ending in path:
            return provider, answer
    return "", lambda *_: (404, {"error": "not found"})


def coingecko_latest(server: FakeProvider, path: str, query: dict[str, str]) -> tuple[int, Any]:
    now = int(server.now())
    known = [coin for coin in query["ids"].split(",") if coin in BASE_PRICES]
    return 200, {coin: {"usd": server.price(coin, now), "last_updated_at": now} for coin in known}


def coingecko_history(server: FakeProvider, path: str, query: dict[str, str]) -> tuple[int, Any]:
    coin = path.split("/")[-3]
    if coin not in BASE_PRICES:
        return 404, {"error": "coin not found"}
    first, last = int(query["from"]), min(int(query["to"]), int(server.now()))
    step = FIVE_MINUTES if last - first <= DAY else HOUR if last - first <= 90 * DAY else DAY
    starts = range(max(first, server.unlisted_before) // step * step, last + 1, step)
    times = [at + server.offset for at in starts if first <= at + server.offset <= last]
    return 200, {"prices": [[at * 1000, server.price(coin, at)] for at in times], "market_caps": []}


def coinbase_latest(server: FakeProvider, path: str, query: dict[str, str]) -> tuple[int, Any]:
    coin = coin_of(path.split("/")[-2], "-USD")
    if coin is None:
        return 404, {"message": "NotFound"}
    now = int(server.now())
    at = time.strftime("%Y-%m-%dT%H:%M:%S.123456Z", time.gmtime(now))
    return 200, {"trade_id": 1, "price": str(server.price(coin, now)), "time": at}


def coinbase_history(server: FakeProvider, path: str, query: dict[str, str]) -> tuple[int, Any]:
    coin, step = coin_of(path.split("/")[-2], "-USD"), int(query["granularity"])
    if coin is None:
        return 404, {"message": "NotFound"}
    first, last = unix(query["start"]), unix(query["end"])
    starts = list(candle_starts(server, first, last, step))
    if len(starts) > 300:
        return 400, {"message": "granularity too small for the requested time range"}
    rows = [[at, 1, 9, *open_close(server, coin, at, step), 2.5] for at in starts]
    return 200, rows[::-1]


def binance_latest(server: FakeProvider, path: str, query: dict[str, str]) -> tuple[int, Any]:
    now = int(server.now())
    prices = {f"{symbol}USDT": server.price(coin, now) for symbol, coin in SYMBOLS.items()}
    return 200, [{"symbol": symbol, "price": str(price)} for symbol, price in prices.items()]


def binance_history(server: FakeProvider, path: str, query: dict[str, str]) -> tuple[int, Any]:
    coin, step = coin_of(query["symbol"], "USDT"), {"1h": HOUR, "1d": DAY}[query["interval"]]
    if coin is None:
        return 400, {"code": -1121, "msg": "Invalid symbol."}
    starts = candle_starts(server, int(query["startTime"]) // 1000, int(query["endTime"]) // 1000, step)
    rows = []
    for at in list(starts)[: min(int(query.get("limit", 500)), 1000)]:
        opened, closed = open_close(server, coin, at, step)
        rows.append([at * 1000, str(opened), "9", "1", str(closed), "2.5", (at + step) * 1000 - 1])
    return 200, rows


def cryptocompare_latest(server: FakeProvider, path: str, query: dict[str, str]) -> tuple[int, Any]:
    now = int(server.now())
    known = [symbol for symbol in query["fsyms"].split(",") if symbol in SYMBOLS]
    raw = {
        symbol: {"USD": {"PRICE": server.price(SYMBOLS[symbol], now), "LASTUPDATE": now}} for symbol in known
    }
    return 200, {"RAW": raw, "DISPLAY": {}}


def cryptocompare_history(server: FakeProvider, path: str, query: dict[str, str]) -> tuple[int, Any]:
    coin, step = SYMBOLS.get(query["fsym"]), DAY if path.endswith("histoday") else HOUR
    if coin is None:
        return 200, {"Response": "Error", "Message": "market does not exist", "Type": 1, "Data": {}}
    last = int(query["toTs"]) // step * step
    rows = []
    for at in range(last - int(query["limit"]) * step, last + 1, step):
        listed = at >= server.unlisted_before
        opened, closed = open_close(server, coin, at, step) if listed else (0, 0)
        rows.append({"time": at, "open": opened, "close": closed, "high": 9, "low": 1})
    return 200, {"Response": "Success", "Type": 100, "Data": {"Aggregated": False, "Data": rows}}


def candle_starts(server: FakeProvider, first: int, last: int, step: int) -> Iterator[int]:
    """Starts of the candles in [first, last], the unfinished one included, as exchanges do."""
    begin = max(first, server.unlisted_before)
    return iter(range(-(-begin // step) * step, min(last, int(server.now())) + 1, step))


def open_close(server: FakeProvider, coin: str, at: int, step: int) -> tuple[Decimal, Decimal]:
    return server.price(coin, at), server.price(coin, at + step)


def coin_of(name: str, quote: str) -> str | None:
    return SYMBOLS.get(name.removesuffix(quote)) if name.endswith(quote) else None


def unix(iso: str) -> int:
    return calendar.timegm(time.strptime(iso, "%Y-%m-%dT%H:%M:%SZ"))


def bend(body: Any, to: Any) -> Any:
    """The answer with every price made into something else (a Decimal multiplies it)."""
    if isinstance(body, dict):
        return {key: bend(value, to) if key not in {"last_updated_at", "LASTUPDATE", "time"} else value
                for key, value in body.items()}  # fmt: skip
    if isinstance(body, list) and body and not isinstance(body[0], list | dict):
        return [body[0], *(bend(value, to) for value in body[1:])]
    if isinstance(body, list):
        return [bend(value, to) for value in body]
    if isinstance(body, Decimal):
        return body * to if isinstance(to, Decimal) else to
    return body


def as_json(body: Any) -> bytes:
    """JSON whose decimals keep all their digits."""
    marked = json.dumps(body, default=lambda number: f"\0{number}\0")
    return marked.replace('"\\u0000', "").replace('\\u0000"', "").encode()


@contextlib.contextmanager
def running(port: int = 0, now: Callable[[], float] = time.time) -> Iterator[FakeProvider]:
    """A provider that serves until the block ends."""
    server = FakeProvider(port, now)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A price provider on this machine.")
    parser.add_argument("--port", type=int, default=9999)
    with running(parser.parse_args().port) as provider, contextlib.suppress(KeyboardInterrupt):
        print(f"CoinGecko, Coinbase, Binance, CryptoCompare at {provider.url}", flush=True)  # noqa: T201
        threading.Event().wait()
