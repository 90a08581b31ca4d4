"""The server: which provider is meant by a path, whether it has a fault, and the answer."""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.prices.provider import (
    binance,
    coinbase,
    coingecko,
    cryptocompare,
    frankfurter,
    kraken,
    mempool,
)
from tests.prices.provider.faults import BENT, FAULTS
from tests.prices.provider.market import price_of, rate_of

# The order matters: Binance's path holds the end of Coinbase's.
PROVIDERS = {
    "coingecko": coingecko,
    "binance": binance,
    "kraken": kraken,
    "coinbase": coinbase,
    "cryptocompare": cryptocompare,
    "mempool": mempool,
    "frankfurter": frankfurter,
}
NAMES = tuple(PROVIDERS)


class FakeProvider(ThreadingHTTPServer):
    """`faults` maps a provider's name to one of FAULTS or BENT; `requests` keeps (path, query, headers)."""

    daemon_threads = True

    def __init__(self, port: int = 0, now: Callable[[], float] = time.time) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.now = now
        self.faults: dict[str, str] = {}
        self.requests: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self.offset = 12  # CoinGecko's points stand so many seconds behind the full hour
        self.price = price_of
        self.rate = rate_of
        self.unlisted_before = 0  # before that Unix time nobody has a price
        self.gaps: set[int] = set()  # closes, as Unix times, that nobody has
        self.days_off: set[str] = set()  # days, such as 2024-06-03, of which nobody has rates
        self.is_free_plan = False  # CoinGecko answers for the last 365 days alone
        self.pages: dict[str, Any] = {}  # what a provider that always gives the same page has given

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def asked(self, part: str) -> list[dict[str, str]]:
        """The queries of the requests whose path holds that text."""
        return [query for path, query, _ in self.requests if part in path]


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: FakeProvider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        self.server.requests.append((parts.path, query, dict(self.headers)))
        provider, answer = route(parts.path)
        fault = self.server.faults.get(provider, "")
        if fault in FAULTS:
            FAULTS[fault](self)
            return
        status, body = answer(self.server, parts.path, query)
        if fault == "same page":
            body = self.server.pages.setdefault(provider, body)
        elif fault:
            body = BENT[fault](body)
        self.reply(status, as_json(body))

    def reply(self, status: int, body: bytes, kind: str = "application/json", **headers: str) -> None:
        with contextlib.suppress(OSError):
            self.send_response_only(status)
            self.send_header("Date", headers.pop("Date", self.date_time_string()))
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Nothing: a test reads `requests`."""


def route(path: str) -> tuple[str, Callable[..., tuple[int, Any]]]:
    """Which provider a path belongs to, and the function that answers."""
    for name, provider in PROVIDERS.items():
        for pattern, answer in provider.ROUTES:
            if pattern.search(path):
                return name, answer
    return "", lambda *_: (404, {"error": "not found"})


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
