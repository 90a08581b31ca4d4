"""qcluster: django-q's worker, which leaves word of itself for the watchdog and waits for its database."""

import logging
import time
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from django_q.management.commands.qcluster import Command as Cluster

from prices.management import processes
from prices.services import sync_schedules

logger = logging.getLogger(__name__)

PAUSE = 2  # seconds between two tries


class Command(Cluster):
    help = "Start the worker. Send SIGTERM to its main process alone; it ends the tasks under way first."

    def handle(self, *args: Any, **options: Any) -> None:
        before = processes.read(settings.WORKER_FILE)
        if before and not before.is_led():
            before.kill()  # what outlived its main process would go on beside this cluster, unseen
        if not processes.write(settings.WORKER_FILE):
            logger.info("the worker leads no process group of its own here, so watch_worker leaves it alone")
        write_schedules()
        super().handle(*args, **options)


def write_schedules() -> None:
    """Bring the schedules into order, as soon as there is a database with tables to write them to."""
    is_told = False
    while True:
        try:
            sync_schedules(now=timezone.now())
            return
        except DatabaseError as error:
            if not is_told:
                reason = str(error).strip().partition("\n")[0]
                logger.warning("the worker waits for its database (%s)", reason)
            is_told = True
            time.sleep(PAUSE)
        finally:
            connection.close()  # a broken one is of no use, and the processes that follow inherit none
