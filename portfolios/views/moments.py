"""The time machine: pages as of a moment that their address names, `?at=2024-12-31`.

A moment that can't be gone to changes nothing: the page shows what is now, and its control says why.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import wraps
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from portfolios.context import Desk
from prices.selectors import GENESIS

UNREADABLE = "Enter a date, for example 2024-12-31."
AHEAD = "That day has not come yet."
TOO_EARLY = "Nothing was owned or priced before 3 January 2009."
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Moment:
    """What figures are as of. `asked` is what the address says; `error` why that is not followed."""

    at: datetime
    now: datetime
    zone: ZoneInfo
    asked: str = ""
    error: str = ""

    @property
    def is_past(self) -> bool:
        return self.at < self.now

    @property
    def query(self) -> str:
        """For links to other pages of the same moment, as their whole query."""
        return f"?{self._said}" if self.is_past else ""

    @property
    def more(self) -> str:
        """The same behind a query that is there already."""
        return f"&{self._said}" if self.is_past else ""

    @property
    def _said(self) -> str:
        return urlencode({"at": self.asked})

    @property
    def day(self) -> date | None:
        """What the control offers: the day that is shown, of the reader."""
        return self.at.astimezone(self.zone).date() if self.is_past else None

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()


def at_of(text: str, *, now: datetime, zone: ZoneInfo) -> Moment:
    """Return the moment that `text` names: a date is the end of that day in the reader's zone.

    A time without a zone is the reader's. Today, which has not ended, is now.
    """
    text = text.strip()
    if not text:
        return Moment(now, now, zone)
    found = _read(text, zone)
    if found is None:
        return Moment(now, now, zone, text, UNREADABLE)
    if found < GENESIS:
        return Moment(now, now, zone, text, TOO_EARLY)
    if found >= now:
        is_today = text == now.astimezone(zone).date().isoformat()
        return Moment(now, now, zone, text, "" if is_today else AHEAD)
    return Moment(found, now, zone, text)


def _read(text: str, zone: ZoneInfo) -> datetime | None:
    """None for what is no moment, or none that the calendar has in UTC."""
    try:
        if DAY.fullmatch(text):
            last = datetime.combine(date.fromisoformat(text) + timedelta(days=1), time.min, zone)
            return last.astimezone(UTC) - timedelta.resolution
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def through_time(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a view show the moment that the address asks for: its desk, and with it the sidebar, is at it.

    Templates find it as `request.moment`.
    """

    @wraps(view)
    def door(request: HttpRequest, **named: object) -> HttpResponse:
        if request.user.is_authenticated:
            now, zone = timezone.now(), request.user.zone
            request.moment = at_of(request.GET.get("at", ""), now=now, zone=zone)
            request._desk = Desk(request.user, request.moment.at, is_past=request.moment.is_past)
        return view(request, **named)

    return door
