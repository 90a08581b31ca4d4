"""What the worker runs by the schedule. The queue only wakes: what is to be done stands in our own rows."""

from typing import Any

from django.utils import timezone

from prices import services
from prices.selectors import GENESIS


def fetch_latest() -> str:
    """The latest prices of all tracked coins; the report is kept as the task's result."""
    return str(services.fetch_latest(now=timezone.now()))


def backfill_missing() -> str:
    """A slice of the history that is missing."""
    now = timezone.now()
    services.request_missing(now=now)
    return str(services.advance_backfills(now=now))


def advance_backfills() -> str:
    """The next slice of what is asked for already."""
    return str(services.advance_backfills(now=timezone.now()))


def fetch_rates() -> str:
    """The exchange rates of the last weeks that are not stored yet."""
    return str(services.fetch_rates(now=timezone.now()))


def fill_rates() -> str:
    """A slice of the exchange rates that are missing of the years before."""
    now = timezone.now()
    return str(services.fill_rates(GENESIS, now, now=now))


def heartbeat() -> None:
    """Nothing: that it was taken, run and saved is the sign of life."""


def note_heartbeat(_result: Any) -> None:
    """Called by the process that saves results, once a heartbeat has gone the whole way."""
    services.beat(now=timezone.now())
