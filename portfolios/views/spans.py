"""The stretch of time a chart shows: a range from the address, anchored at the newest price there is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from portfolios.selectors.ends import newest_known as newest_known
from portfolios.selectors.ends import returns_end as returns_end
from prices.selectors import DAY, floor

LENGTHS = {
    "1D": timedelta(days=1),
    "1W": timedelta(days=7),
    "1M": timedelta(days=30),
    "YTD": None,
    "1Y": timedelta(days=365),
    "ALL": None,
}
EVERYTHING = "ALL"
PERIODS = ("1M", "YTD", "1Y", EVERYTHING)  # that returns are told of
CUSTOM = "custom"
LONG = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Span:
    """`since` None is the beginning."""

    name: str
    since: datetime | None
    until: datetime


def span(name: str, *, until: datetime, zone: ZoneInfo) -> Span:
    """Return the range called `name`; an unknown name is everything. The year begins in the reader's zone."""
    length = LENGTHS.get(name)
    if length:
        # Long spans are drawn by the day, and begin with one.
        return Span(name, until - length if length < LONG else floor(until - length, DAY), until)
    if name == "YTD":
        newyear = until.astimezone(zone).replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
        return Span(name, newyear, until)
    return Span(EVERYTHING, None, until)


def period(name: str, first: date | None, last: date | None, *, until: datetime, zone: ZoneInfo) -> Span:
    """Return the whole UTC days of a range, or, where days are given, from `first` to the end of `last`."""
    if first or last:
        end = min(until, _midnight(last) + DAY) if last else until
        return Span(CUSTOM, min(_midnight(first), end) if first else None, end)
    if name == "YTD":
        return Span(name, datetime(until.astimezone(zone).year, 1, 1, tzinfo=UTC), until)
    return span(name if name in PERIODS else EVERYTHING, until=until, zone=zone)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def by_month(moments: Iterable[datetime], *, until: datetime) -> list[int]:
    """Which moments stand in the table beside a chart, newest first: the last, and the first of each month.

    Of a stretch of two months or less each day's first, of two days or less every moment.
    """
    moments = list(moments)
    if not moments:
        return []
    length = until - moments[0]
    form = "%Y-%m" if length > timedelta(days=62) else "%Y-%m-%d" if length > timedelta(days=2) else "%c"
    first: dict[str, int] = {}
    for place, moment in enumerate(moments):
        first.setdefault(moment.strftime(form), place)
    return sorted({*first.values(), len(moments) - 1}, reverse=True)
