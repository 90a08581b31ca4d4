"""How dates and times become text, by the reader's locale and in their zone; built into every template.

A moment is taken to the zone that holds while the page is drawn; `|utc` before the filter keeps UTC.
"""

from datetime import date, datetime

from babel.dates import format_date, format_skeleton, format_time
from django import template
from django.utils import timezone

from prices import locales

register = template.Library()
NARROW, NBSP = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"
# The site's own way of writing; every other locale brings its own.
OWN_DAY, OWN_LONG, OWN_MONTH, OWN_CLOCK, OWN_SECONDS = "d MMM y", "d MMMM y", "MMM y", "HH:mm", "HH:mm:ss"


@register.filter(expects_localtime=True)
def day(value: date | None, length: str = "medium") -> str:
    """`{{ lot.acquired_at|day }}` → 5 Nov 2025; `|day:"long"` → 5 November 2025"""
    if not isinstance(value, date):
        return ""
    own = OWN_LONG if length == "long" else OWN_DAY
    return format_date(value, own if locales.is_own() else length, locale=locales.locale())


@register.filter(expects_localtime=True)
def month(value: date | None) -> str:
    """`{{ row.start|month }}` → Nov 2025"""
    if not isinstance(value, date):
        return ""
    if locales.is_own():
        return format_date(value, OWN_MONTH, locale=locales.locale())
    return format_skeleton("yMMM", value, locale=locales.locale())


@register.filter
def month_name(value: date | None) -> str:
    """`{{ cell.first|month_name }}` → Nov"""
    return format_date(value, "LLL", locale=locales.locale()) if isinstance(value, date) else ""


@register.filter(expects_localtime=True)
def clock(value: datetime | None, shown: str = "") -> str:
    """`{{ at|clock }}` → 14:30; `"zone"` names the zone; `"seconds"` and `"seconds zone"` go too."""
    if not isinstance(value, datetime):
        return ""
    text = _time(value, "seconds" in shown)
    return f"{text} {_zone(value)}" if "zone" in shown else text


@register.filter(expects_localtime=True)
def moment(value: datetime | None, shown: str = "") -> str:
    """`{{ at|moment }}` → 5 Nov 2025 14:30; with "zone" and "seconds" as `clock`."""
    return f"{day(value)} {clock(value, shown)}" if isinstance(value, datetime) else ""


def local_day(value: datetime) -> str:
    """A moment's day in the zone that holds, for sentences that Python writes."""
    return str(day(timezone.localtime(value)))


def _time(value: datetime, seconds: bool) -> str:
    own = OWN_SECONDS if seconds else OWN_CLOCK
    form = own if locales.is_own() else "medium" if seconds else "short"
    # The narrow space that some locales put before AM and PM is none in many fonts.
    return format_time(value.time(), form, locale=locales.locale()).replace(NARROW, NBSP)


def _zone(value: datetime) -> str:
    return value.tzname() or "UTC"
