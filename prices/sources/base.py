"""What every price source shares: asking over HTTP without trusting the answer, and reading numbers exactly.

Nothing is written here and nothing is believed: a source returns points, the gate judges them. Keys travel
in headers only, and messages name the host and the kind of failure, never headers or query strings.
"""

import json
import re
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

import requests
import stamina
import urllib3
from django.conf import settings
from requests.adapters import HTTPAdapter
from requests_ratelimiter import LimiterAdapter

CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS = 5, 10, 20
MAX_BYTES = 5 * 1024 * 1024
TRIES = 3
RETRY_AFTER_FLOOR, RETRY_AFTER_CAP = 1.0, 3600.0  # seconds
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

# Unix times of 2001 and 2100: seconds taken for milliseconds fall before, milliseconds for seconds behind.
EARLIEST, LATEST = 10**9, 4_102_444_800

# A retry is said in one line by whoever gives up, not by stamina for each try.
stamina.instrumentation.set_on_retry_hooks(())

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?", re.ASCII)


class SourceError(Exception):
    """The source did not give an answer that can be used; another source may, or this one later."""


class UnreachableError(SourceError):
    """No connection, too slow, a server error or a broken body: worth another try."""


class OutOfTimeError(SourceError):
    """The caller's time was used up before the source could be asked: nothing is said about the source."""


class RateLimitedError(SourceError):
    """Too many requests. `retry_after` in seconds, None when the source does not say."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotAuthorisedError(SourceError):
    """The source wants a key, or another key: nothing to hammer at, somebody has to look."""


class UnknownCoinError(SourceError):
    """The source answered that it does not have this coin."""


@dataclass(frozen=True, slots=True)
class Point:
    """A price as a source states it, in US dollars. Not judged yet: `price` may be anything.

    `at` is None when the source gives no time; the price is then of the moment it was asked.
    """

    at: datetime | None
    price: Any


class Source(ABC):
    """One provider of prices, asked over HTTP. `seconds_left` says how much of the caller's time is left.

    A subclass says what it is called, where its public address is, how many closes one request brings at
    most (`page`), and how often that address may be asked.
    """

    name: ClassVar[str]
    default_url: ClassVar[str]
    page: ClassVar[int]
    per_second: ClassVar[float]

    def __init__(self, seconds_left: Callable[[], float] = lambda: TOTAL_SECONDS) -> None:
        configured = settings.PROVIDERS[self.name]
        self.base_url = configured["base_url"].rstrip("/")
        self.api_key = configured["api_key"]
        self.seconds_left = seconds_left
        self.session = requests.Session()
        self.session.mount(self.base_url, _adapter(self.base_url, self.per_second if self.is_public else 0))
        self.session.headers.update({"Accept": "application/json", "User-Agent": "Bitfolio"} | self.headers())

    @abstractmethod
    def latest(self, ids: list[str]) -> Iterator[tuple[str, Point]]:
        """The current price of each coin it knows, by its own id. SourceError; what came before stands."""

    @abstractmethod
    def closes(self, coin: str, since: datetime, until: datetime, step: timedelta) -> list[Point]:
        """Closes standing in [since, until], a page of full steps at most, oldest first. SourceError."""

    @property
    def is_public(self) -> bool:
        """Whether this is the provider's public address, with its limits, and not a server of one's own."""
        return bool(self.base_url == self.default_url)

    def headers(self) -> dict[str, str]:
        """What goes with every request, its key among them."""
        return {}

    def is_usable(self) -> bool:
        """Whether it can be asked at all as it is set up (a key where one is needed)."""
        return True

    def reaches(self, moment: datetime, now: datetime) -> bool:  # noqa: ARG002 (most reach back for ever)
        """Whether its history goes back that far."""
        return True

    def get(self, path: str, /, **query: Any) -> Any:
        """The JSON body, its numbers as Decimal. Tries again what may pass, within 20 s. SourceError."""
        deadline = time.monotonic() + min(TOTAL_SECONDS, self.seconds_left())
        body = None
        for attempt in stamina.retry_context(
            on=UnreachableError, attempts=TRIES, timeout=TOTAL_SECONDS, wait_initial=0.3, wait_max=2
        ):
            with attempt:
                body = self._get_once(path, query, deadline)
        return body

    def _get_once(self, path: str, query: dict[str, Any], deadline: float) -> Any:
        left = deadline - time.monotonic()
        if left <= 0:
            raise OutOfTimeError(f"{self.name}: no time left to ask")
        try:
            return _within(left, lambda: self._ask(path, query, deadline))
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            if time.monotonic() >= deadline:
                raise SourceError(f"{self.name}: took longer than its time") from None
            raise UnreachableError(f"{self.name}: {self._host()}: {type(error).__name__}") from None

    def _ask(self, path: str, query: dict[str, Any], deadline: float) -> Any:
        left = max(deadline - time.monotonic(), 0.001)
        with self.session.get(
            self.base_url + path,
            params=query,
            timeout=(min(CONNECT_SECONDS, left), min(READ_SECONDS, left)),
            allow_redirects=False,
            stream=True,
        ) as response:
            return self._read(response, deadline)

    def _read(self, response: requests.Response, deadline: float) -> Any:
        self._refuse_status(response)
        kind = response.headers.get("Content-Type", "json").partition(";")[0].strip().lower()
        if "json" not in kind:
            raise UnreachableError(f"{self.name}: answered with {kind[:40]!r} instead of JSON")
        body = self._read_body(response, deadline)
        try:
            return json.loads(body, parse_float=Decimal, parse_int=Decimal, parse_constant=_refuse_constant)
        except (ValueError, ArithmeticError, RecursionError):
            raise UnreachableError(f"{self.name}: answered with broken JSON") from None

    def _read_body(self, response: requests.Response, deadline: float) -> bytes:
        """The whole body; `read1` returns what has come, so that a trickle cannot outlast the clock."""
        body = bytearray()
        while chunk := response.raw.read1(65536, decode_content=True):
            body += chunk
            if len(body) > MAX_BYTES:
                raise SourceError(f"{self.name}: answered with more than 5 MB")
            if time.monotonic() > deadline:
                raise SourceError(f"{self.name}: took longer than its time")
        return bytes(body)

    def _refuse_status(self, response: requests.Response) -> None:
        status = response.status_code
        if status == 429 or status == 418:  # 418: Binance's word for an address that went on after 429
            after = retry_after(response.headers.get("Retry-After"), response.headers.get("Date"))
            raise RateLimitedError(f"{self.name}: too many requests", after)
        if status in (401, 403):
            raise NotAuthorisedError(f"{self.name}: refused access ({status}); check its API key")
        if status in (400, 404):
            raise UnknownCoinError(f"{self.name}: does not have this coin ({status})")
        if status >= 500:
            raise UnreachableError(f"{self.name}: server error {status}")
        if status != 200:
            raise SourceError(f"{self.name}: unexpected status {status}")

    def _host(self) -> str:
        return urlsplit(self.base_url).hostname or "no host"


_adapters: dict[tuple[str, float], HTTPAdapter] = {}


def _adapter(base_url: str, per_second: float) -> HTTPAdapter:
    """One per address and process, so that its rate holds across calls. 0 means no limit of ours."""
    key = (base_url, per_second)
    if key not in _adapters:
        limited = (
            LimiterAdapter(per_second=per_second, max_delay=5, limit_statuses=()) if per_second else None
        )
        _adapters[key] = limited or HTTPAdapter()
    return _adapters[key]


def _within(seconds: float, work: Callable[[], Any]) -> Any:
    """What the work returns or raises; TimeoutError when it takes longer, whatever it waits for by then.

    Time-outs of sockets start anew with each byte, and looking up a name has none. Nothing can end a
    thread: one that is late is left alone, keeps nobody from leaving, and its answer is not looked at.
    """
    answer: Future[Any] = Future()

    def run() -> None:
        try:
            answer.set_result(work())
        except Exception as error:  # noqa: BLE001 (raised again where it is waited for)
            answer.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return answer.result(seconds)


def retry_after(header: str | None, date: str | None) -> float | None:
    """Seconds to wait, 1 s to 1 h, from a Retry-After header: seconds, or a date, which is held against the
    answer's own Date so that no clock has to be right. None when it cannot be read.
    """
    if not header:
        return None
    try:
        seconds = float(header) if header.strip().isdecimal() else _seconds_between(date or "", header)
    except (TypeError, ValueError):
        return None
    return min(max(seconds, RETRY_AFTER_FLOOR), RETRY_AFTER_CAP)


def _seconds_between(earlier: str, later: str) -> float:
    return (parsedate_to_datetime(later) - parsedate_to_datetime(earlier)).total_seconds()


def number(value: Any) -> Any:
    """A JSON number, or a text that spells one, as Decimal; anything else as it is, for the gate."""
    return Decimal(value) if isinstance(value, str) and NUMBER.fullmatch(value) else value


def from_seconds(value: Any) -> datetime:
    """A Unix time in seconds. SourceError for milliseconds, text and whatever is no plausible time."""
    return _instant(value, 1)


def from_milliseconds(value: Any) -> datetime:
    """A Unix time in milliseconds. SourceError for seconds, text and whatever is no plausible time."""
    return _instant(value, 1000)


def _instant(value: Any, per_second: int) -> datetime:
    is_number = isinstance(value, Decimal) and value.is_finite()
    if not is_number or not EARLIEST * per_second <= value < LATEST * per_second:
        raise SourceError(f"not a time: {str(value)[:40]!r}")
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(value * 1_000_000 / per_second))


def standing_in(points: Iterable[Point], since: datetime, until: datetime) -> list[Point]:
    """Those in [since, until], oldest first."""
    kept = [point for point in points if point.at is not None and since <= point.at <= until]
    return sorted(kept, key=lambda point: point.at)  # type: ignore[arg-type,return-value]


def rows_of(body: Any, *path: str) -> list[Any]:
    """The list found by following the keys; SourceError when the body has another shape."""
    for key in path:
        body = body.get(key) if isinstance(body, dict) else None
    if not isinstance(body, list):
        raise SourceError("answered in an unknown shape")
    return body


def in_path(coin: str) -> str:
    """A coin's id as one segment of a path."""
    return quote(coin, safe="")


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
