"""The days on which the European Central Bank publishes exchange rates: pure arithmetic of the calendar."""

from collections.abc import Iterator
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
FIXED = ((1, 1), (5, 1), (12, 25), (12, 26))  # (month, day) without rates, since 2002


def bank_days(first: date, last: date) -> Iterator[date]:
    """Those in [first, last], oldest first: Monday to Friday without the bank's holidays."""
    day = first
    while day <= last:
        if is_bank_day(day):
            yield day
        day += ONE_DAY


def is_bank_day(day: date) -> bool:
    if day.weekday() >= 5 or (day.month, day.day) in FIXED:
        return False
    sunday = easter(day.year)
    return day not in (sunday - 2 * ONE_DAY, sunday + ONE_DAY)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar: the Sunday after the full moon as the church reckons it."""
    golden = year % 19
    century = year // 100
    skipped_leap_days = century - century // 4
    moon_correction = (8 * century + 13) // 25
    epact = (skipped_leap_days - moon_correction + 19 * golden + 15) % 30
    full_moon = epact - (epact // 28) * (1 - (29 // (epact + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + full_moon + 2 - skipped_leap_days) % 7
    from_march = full_moon - weekday
    month = 3 + (from_march + 40) // 44
    return date(year, month, from_march + 28 - 31 * (month // 4))
