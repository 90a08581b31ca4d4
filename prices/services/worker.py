"""The worker's sign of life: a task that does nothing, and what its saved result proves.

The row is written by the process that saves results, so it is fresh only while the whole way works: the
pusher that takes tasks from the queue, a worker that runs them, the monitor that saves what came of them.
"""

from datetime import datetime

from django_q.tasks import async_task

from prices.models import Heartbeat

HEARTBEAT = "prices.tasks.heartbeat"
# What django-q calls with the saved result of a task, by the name of the task's function.
HOOKS = {HEARTBEAT: "prices.tasks.note_heartbeat"}


def beat(*, now: datetime) -> None:
    """Note that the worker works."""
    Heartbeat.objects.update_or_create(pk=1, defaults={"at": now})


def ask_for_heartbeat() -> None:
    """Queue one beat beside those of the schedule. Raises what the queue's database raises."""
    async_task(HEARTBEAT, hook=HOOKS[HEARTBEAT], group="worker-heartbeat")
