"""Beside a worker under test: keeps its queue from running dry and says how things stand, in lines of JSON.

`python -m tests.worker.feeder BTC` in the worker's environment; ends when it is ended.
"""

import json
import os
import sys
import time
from datetime import timedelta

import django
from django.utils import timezone


def slice_of_work() -> str:
    """What the schedule runs each minute, with a lease that is short enough for a test."""
    backfills.LEASE = timedelta(seconds=12)
    return str(backfills.advance_backfills(now=timezone.now()))


def feed(symbol: str) -> None:
    if not OrmQ.objects.filter(lock__lte=timezone.now()).exists():
        async_task("tests.worker.feeder.slice_of_work")
    rows = Backfill.objects.filter(asset__symbol=symbol)
    beat = Heartbeat.objects.first()
    status = {
        "asked": sum(row.asked for row in rows),
        "unfinished": rows.unfinished().count(),
        "beat": beat.at.timestamp() if beat else 0,
    }
    print(json.dumps(status), flush=True)  # noqa: T201


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bitfolio.settings")
    django.setup()

from django_q.models import OrmQ  # noqa: E402 (models need the set-up above)
from django_q.tasks import async_task  # noqa: E402

from prices.models import Backfill, Heartbeat  # noqa: E402
from prices.services import backfills  # noqa: E402

if __name__ == "__main__":
    while True:
        feed(sys.argv[1])
        time.sleep(0.3)
