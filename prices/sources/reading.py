"""Reading an answer exactly: numbers as decimals, times by their unit, lists by their place. All pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

from prices.sources.errors import SourceError

RETRY_AFTER_FLOOR, RETRY_AFTER_CAP = 1.0, 3600.0  # seconds
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

# Unix times of 2001 and 2100: seconds taken for milliseconds fall before, milliseconds for seconds behind.
EARLIEST, LATEST = 10**9, 4_102_444_800

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Point:
    """A price as a source states it, in US dollars. Not judged yet: `price` may be anything.

    `at` is None when the source gives no time; the price is then of the moment it was asked.
    """

    at: datetime | None
    price: Any


@dataclass(frozen=True, slots=True)
class Listing:
    """A coin as a source lists it: what it calls it, and what people call it."""

    id: str
    symbol: str
    name: str


def number(value: Any) -> Any:
    """A JSON number, or a text that spells one, as Decimal; anything else as it is, for the gate."""
    return Decimal(value) if isinstance(value, str) and NUMBER.fullmatch(value) else value


def from_seconds(value: Any) -> datetime:
    """A Unix time in seconds. SourceError for milliseconds, text and whatever is no plausible time."""
    return _instant(value, 1)


def from_milliseconds(value: Any) -> datetime:
    """A Unix time in milliseconds. SourceError for seconds, text and whatever is no plausible time."""
    return _instant(value, 1000)


def from_iso(value: Any) -> datetime:
    """A time such as 2024-01-01T00:00:00.5Z. SourceError for anything else, a time without a zone too."""
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        at = None
    if at is None or at.utcoffset() is None:
        raise SourceError("answered with a time that is none")
    return at


def _instant(value: Any, per_second: int) -> datetime:
    is_number = isinstance(value, Decimal) and value.is_finite()
    if not is_number or not EARLIEST * per_second <= value < LATEST * per_second:
        raise SourceError("answered with a time that is none")
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(value * 1_000_000 / per_second))


def standing_in(points: Iterable[Point], since: datetime, until: datetime) -> list[Point]:
    """Those in [since, until], oldest first."""
    kept = [point for point in points if point.at is not None and since <= point.at <= until]
    return sorted(kept, key=lambda point: point.at)  # type: ignore[arg-type,return-value]


def rows_of(body: Any, *path: str) -> list[Any]:
    """The list found by following the keys; SourceError when the body has another shape."""
    found = at_path(body, *path)
    if not isinstance(found, list):
        raise SourceError("answered in an unknown shape")
    return found


def at_path(body: Any, *path: str) -> Any:
    """What is found by following the keys of nested objects; None when there is nothing."""
    for key in path:
        body = body.get(key) if isinstance(body, dict) else None
    return body


def in_path(coin: str) -> str:
    """A coin's id as one segment of a path."""
    return quote(coin, safe="")


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
