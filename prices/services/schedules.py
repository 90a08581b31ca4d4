"""The worker's schedules: rows of django-q2 written from `settings.SCHEDULES`, never typed by hand.

One malformed row stops every other schedule, so each is brought back to what the settings say.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django_q.models import Schedule

from prices.services.worker import HOOKS

LOCK = 0x7363686564756C65  # "schedule" in ASCII: the table takes a name twice, so one writes at a time


@dataclass(frozen=True, slots=True)
class Synced:
    """Names of the schedules that were made, brought back into order, or removed."""

    made: tuple[str, ...]
    repaired: tuple[str, ...]
    removed: tuple[str, ...]


@transaction.atomic
def sync_schedules(*, now: datetime) -> Synced:
    """Make the rows equal to the settings; a schedule that is in order keeps the time of its next run."""
    _wait_for_others()
    made, repaired = [], []
    for name, (function, minutes) in settings.SCHEDULES.items():
        rows = list(Schedule.objects.filter(name=name).order_by("pk"))
        if not rows:
            Schedule.objects.create(name=name, next_run=now, **_expected(function, minutes))
            made.append(name)
        elif _repair(rows, _expected(function, minutes), now):
            repaired.append(name)
    strange = Schedule.objects.exclude(name__in=settings.SCHEDULES) | Schedule.objects.filter(name=None)
    removed = tuple(str(row.name or row.pk) for row in strange)
    strange.delete()
    return Synced(tuple(made), tuple(repaired), removed)


def _wait_for_others() -> None:
    """Two workers that start together would both find nothing. A transaction on SQLite is alone as it is."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _expected(function: str, minutes: int) -> dict[str, Any]:
    return {
        "func": function,
        "schedule_type": Schedule.MINUTES,
        "minutes": minutes,
        "repeats": -1,
        "hook": HOOKS.get(function),
        "args": None,
        "kwargs": None,
        "cron": None,
        "cluster": None,
        "intended_date_kwarg": None,
    }


def _repair(rows: list[Any], expected: dict[str, Any], now: datetime) -> bool:
    """Bring the first row into order and remove its doubles; whether anything was wrong."""
    row, doubles = rows[0], rows[1:]
    latest = now + timedelta(minutes=expected["minutes"])
    wrong = {
        name: value for name, value in expected.items() if (getattr(row, name) or None) != (value or None)
    }
    if row.next_run is None or row.next_run > latest:
        wrong["next_run"] = now
    if wrong:
        Schedule.objects.filter(pk=row.pk).update(**wrong)
    Schedule.objects.filter(pk__in=[double.pk for double in doubles]).delete()
    return bool(wrong or doubles)
