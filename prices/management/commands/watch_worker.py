"""watch_worker: kills a frozen worker, whole, so that the supervisor starts it anew.

A cluster of django-q freezes for good when one of its processes is killed while it holds the lock of a queue:
its main process lives, and nothing runs. That can only be seen from outside.
"""

import logging
import time
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection

from prices.management import processes
from prices.management.base import PriceCommand
from prices.management.watch import Verdict, Watch
from prices.models import Heartbeat
from prices.services import ask_for_heartbeat

logger = logging.getLogger(__name__)


class Command(PriceCommand):
    help = "Watch the worker of this installation, and kill it whole when it is frozen. Runs until SIGTERM."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--silence", type=float, default=180, help="seconds without a heartbeat that are too many (180)"
        )
        parser.add_argument(
            "--answer",
            type=float,
            default=75,
            help="seconds that the heartbeat asked for when a process is gone may take (75)",
        )
        parser.add_argument("--every", type=float, default=5, help="seconds between two looks (5)")

    def handle(self, *args: Any, **options: Any) -> None:
        watch = Watch(options["silence"], options["answer"], time.monotonic())
        while True:
            look(watch)
            time.sleep(options["every"])


def look(watch: Watch) -> None:
    """One look at the cluster, and what follows. That the database is away is no fault of the cluster's."""
    cluster = processes.read(settings.WORKER_FILE)
    if cluster is None:
        watch.rest(time.monotonic())
        return
    try:
        verdict = watch.look(time.monotonic(), last_beat(), cluster.members())
        if verdict is Verdict.ASK:
            ask_for_heartbeat()
    except DatabaseError:
        connection.close()
        watch.rest(time.monotonic())
        return
    if verdict is Verdict.KILL or not cluster.is_led():
        end(cluster)


def end(cluster: processes.Cluster) -> None:
    """Kill all of it. The one that the supervisor starts next brings the schedules into order."""
    if not cluster.members():
        return
    logger.error("the worker (process %d and its children) shows no life: it is killed", cluster.pid)
    cluster.kill()


def last_beat() -> datetime | None:
    """When the last heartbeat was noted. DatabaseError."""
    return Heartbeat.objects.values_list("at", flat=True).first()
