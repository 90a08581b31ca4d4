"""Frankfurter: the European Central Bank's exchange rates, one a working day, since 1999.

They are euro rates (1 EUR = x). A price here is US dollars per unit, so the bank's own dollar rate of the day
is divided by the currency's. Each stands at 15:00 UTC of its day, by when it is out in summer and in winter.
"""

# ruff: noqa: ARG002 (a source takes what any source may need)

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from prices.sources.base import Source
from prices.sources.errors import SourceError, UnknownCoinError
from prices.sources.reading import HOUR, Point, at_path

PUBLISHED = time(15, tzinfo=UTC)
SMALLEST, LARGEST = Decimal("1e-9"), Decimal("1e9")  # units for a euro; what lies beyond is no rate


class Frankfurter(Source):
    name = "frankfurter"
    default_url = "https://api.frankfurter.dev/v1"
    page = 90  # days: longer spans come thinned out on some servers
    per_second = 2

    def reaches(self, moment: datetime, now: datetime, step: timedelta = HOUR) -> bool:
        """A rate a day, not one an hour."""
        return step > HOUR

    def latest(self, ids: list[str]) -> Iterator[tuple[str, Point]]:
        body = self.get("/latest", base="EUR", symbols=symbols(ids))
        yield from parse_day(body, ids).items()

    def closes(self, coin: str, since: datetime, until: datetime, step: timedelta) -> list[Point]:
        found = self.rates([coin], (since - step).date(), until.date())
        first = since - step + timedelta.resolution
        return self.standing_in(found.get(coin, []), first, until, step)

    def rates(self, codes: list[str], first: date, last: date) -> dict[str, list[Point]]:
        """By code the rates of the days in [first, last], oldest first; a page of days at most."""
        try:
            body = self.get(f"/{first}..{last}", base="EUR", symbols=symbols(codes))
        except UnknownCoinError:
            return {}  # no working day in it
        return parse_days(body, codes, first, last)


def symbols(codes: list[str]) -> str:
    """The euro needs no rate of its own, the dollar's is always needed."""
    return ",".join(sorted({*codes, "USD"} - {"EUR"}))


def parse_day(body: Any, codes: list[str]) -> dict[str, Point]:
    """From {"base": "EUR", "date": "2024-01-02", "rates": {"USD": 1.0956, …}}."""
    rates = at_path(body, "rates")
    _check(body, rates)
    return _dollars(_day(body.get("date")), rates, codes)


def parse_days(body: Any, codes: list[str], first: date, last: date) -> dict[str, list[Point]]:
    """From {"base": "EUR", …, "rates": {"2024-01-02": {"USD": 1.0956, …}, …}}; other days are left out."""
    days = at_path(body, "rates")
    _check(body, days)
    found: dict[str, list[Point]] = {}
    for text in sorted(days):
        day = _day(text)
        if first <= day <= last:
            for code, point in _dollars(day, days[text], codes).items():
                found.setdefault(code, []).append(point)
    return found


def _dollars(day: date, rates: Any, codes: list[str]) -> dict[str, Point]:
    """US dollars per unit of each currency quoted that day; None for what is no rate: the gate refuses it."""
    if not isinstance(rates, dict):
        raise SourceError("frankfurter: answered in an unknown shape")
    at, dollar = datetime.combine(day, PUBLISHED), rates.get("USD")
    if not _is_rate(dollar):
        raise SourceError("frankfurter: a day without the dollar's rate")
    euros = {**rates, "EUR": Decimal(1)}
    return {
        code: Point(at, dollar / euros[code] if _is_rate(euros[code]) else None)
        for code in codes
        if code in euros
    }


def _is_rate(value: Any) -> bool:
    return isinstance(value, Decimal) and value.is_finite() and SMALLEST <= value <= LARGEST


def _check(body: Any, rates: Any) -> None:
    """Rates of another base, or of another amount than 1, would be other prices."""
    if not isinstance(rates, dict) or body.get("base") != "EUR" or body.get("amount", Decimal(1)) != 1:
        raise SourceError("frankfurter: answered in an unknown shape")


def _day(text: Any) -> date:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise SourceError("frankfurter: answered with a day that is none") from None
