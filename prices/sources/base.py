"""What every price source shares: asking over HTTP without trusting the answer.

Nothing is written here and nothing is believed: a source returns points, the gate judges them. Keys travel
in headers only, and messages name the host and the kind of failure, never headers or query strings.
"""

import json
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import urlsplit

import requests
import stamina
import urllib3
from django.conf import settings
from django.utils.crypto import salted_hmac
from requests.adapters import HTTPAdapter
from requests_ratelimiter import LimiterAdapter

from prices.sources.errors import (
    NotAuthorisedError,
    OutOfTimeError,
    RateLimitedError,
    SourceError,
    UnknownCoinError,
    UnreachableError,
)
from prices.sources.reading import HOUR, Listing, Point, retry_after, standing_in

CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS = 5, 10, 20
MAX_BYTES = 5 * 1024 * 1024
MAX_WORDS = 4096  # bytes read of what an error says of itself
TRIES = 3
AHEAD = timedelta(minutes=5)  # how far a provider's clock may run before ours
LONGEST_QUEUE = 5  # seconds a request waits for its turn under the rate we keep to

# A retry is said in one line by whoever gives up, not by stamina for each try.
stamina.instrumentation.set_on_retry_hooks(())


class Source(ABC):
    """One provider of prices, asked over HTTP.

    `seconds_left` says how much of the caller's time is left; `permit` is called before every request and
    raises HeldBackError while the source is to be left alone; `present` says what time it is, if that is
    known. A subclass says what it is called, where its public address is, how many closes one request brings
    at most (`page`), and how often that address may be asked.
    """

    name: ClassVar[str]
    default_url: ClassVar[str]
    page: ClassVar[int]
    per_second: ClassVar[float]

    def __init__(
        self,
        seconds_left: Callable[[], float] = lambda: TOTAL_SECONDS,
        permit: Callable[[], None] = lambda: None,
        present: Callable[[], datetime | None] = lambda: None,
    ) -> None:
        configured = settings.PROVIDERS[self.name]
        self.base_url = configured["base_url"].rstrip("/")
        self.api_key = configured["api_key"]
        self.seconds_left, self.permit, self.present = seconds_left, permit, present
        self.session = requests.Session()
        self.session.mount(self.base_url, _adapter(self.base_url, self.rate if self.is_public else 0))
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

    @property
    def asked_as(self) -> str:
        """A mark of its address and key, from which neither can be read: another one is another matter."""
        return salted_hmac("prices.sources", f"{self.base_url} {self.api_key}").hexdigest()[:16]

    def headers(self) -> dict[str, str]:
        """What goes with every request, its key among them.

        A provider that knows no keys of its own gets one as a bearer's: a gateway before it may want it.
        """
        return {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}

    @property
    def rate(self) -> float:
        """Requests a second that its public address gets from this process."""
        return self.per_second

    def is_usable(self) -> bool:
        """Whether it can be asked at all as it is set up (a key where one is needed)."""
        return True

    def reaches(self, moment: datetime, now: datetime, step: timedelta = HOUR) -> bool:  # noqa: ARG002
        """Whether its history in such steps goes back that far; most reach back for ever."""
        return True

    def search(self, words: str) -> list[Listing]:  # noqa: ARG002 (few can)
        """Coins it finds by name or symbol, best first; empty where it has no search. SourceError."""
        return []

    def listing(self, coin: str) -> Listing | None:  # noqa: ARG002
        """The coin it calls so; None where it cannot say. UnknownCoinError, SourceError."""
        return None

    def meaning_of(self, status: int, words: str) -> SourceError | None:  # noqa: ARG002
        """What its refusal of a request says beyond the status; None when it is what the status says."""
        return None

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
        self.permit()
        try:
            return _within(left, lambda: self._ask(path, query, deadline))
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            if type(error) is requests.Timeout:  # from the rate we keep to; the network's are subclasses
                raise OutOfTimeError(f"{self.name}: its turn is not yet") from None
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
        if status == 200:
            return
        if status in (400, 401, 403, 404, 422):
            words = response.raw.read(MAX_WORDS, decode_content=True).decode("utf-8", "replace")
            if meant := self.meaning_of(status, words):
                raise meant
        if status in (429, 418):  # 418: Binance's word for an address that went on after 429
            after = retry_after(response.headers.get("Retry-After"), response.headers.get("Date"))
            raise RateLimitedError(f"{self.name}: too many requests", after)
        if status in (401, 403, 407, 451):
            raise NotAuthorisedError(f"{self.name}: refused access ({status}); check its API key")
        if status in (400, 404):
            raise UnknownCoinError(f"{self.name}: does not have this coin ({status})")
        if status >= 500:
            raise UnreachableError(f"{self.name}: server error {status}")
        raise SourceError(f"{self.name}: unexpected status {status}")

    def standing_in(
        self, points: list[Point], since: datetime, until: datetime, step: timedelta
    ) -> list[Point]:
        """Those in [since, until], oldest first. SourceError when one stands where no candle can be yet: such
        times are in another unit or zone, and those of the past would be as wrong.
        """
        present = self.present()
        if present and any(point.at and point.at > present + step + AHEAD for point in points):
            raise SourceError(f"{self.name}: answered with times still to come")
        return standing_in(points, since, until)

    def hide_key(self, text: str) -> str:
        """A message without its key, which a provider may quote in what it says of an error."""
        return text.replace(self.api_key, "(key)") if self.api_key else text

    def _host(self) -> str:
        return urlsplit(self.base_url).hostname or "no host"


_adapters: dict[tuple[str, float], HTTPAdapter] = {}


def _adapter(base_url: str, per_second: float) -> HTTPAdapter:
    """One per address and process, so that its rate holds across calls. 0 means no limit of ours."""
    key = (base_url, per_second)
    if key not in _adapters:
        _adapters[key] = (
            LimiterAdapter(per_second=per_second, max_delay=LONGEST_QUEUE, limit_statuses=())
            if per_second
            else HTTPAdapter()
        )
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


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
