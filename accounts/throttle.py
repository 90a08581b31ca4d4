"""How often something is tried in an hour, counted in the database: all web processes count as one.

What is counted is kept as a hash: neither names nor addresses of people stand in the table.
"""

from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction

from accounts.models import Tally

HOUR = timedelta(hours=1)


def count(act: str, whose: str, *, now: datetime) -> int:
    """Count one more try of an act, and return how many there were since the hour's first."""
    with transaction.atomic():
        tally, is_new = Tally.objects.select_for_update().get_or_create(
            key=_key(act, whose), defaults={"since": now}
        )
        if now - tally.since >= HOUR:
            tally.tries, tally.since = 0, now
        tally.tries += 1
        tally.save()
    if is_new:
        Tally.objects.filter(since__lt=now - HOUR).delete()
    return tally.tries


def tries(act: str, whose: str, *, now: datetime) -> int:
    """How many tries of an act there were in the hour that runs, without counting one."""
    tally = Tally.objects.filter(key=_key(act, whose), since__gt=now - HOUR).first()
    return tally.tries if tally else 0


def _key(act: str, whose: str) -> str:
    return sha256(f"{act}\n{whose}".encode()).hexdigest()
