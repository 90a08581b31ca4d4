"""Bitfolio's settings with the heartbeat alone on the schedule: what else is done, the feeder queues."""

from bitfolio.settings import *  # noqa: F403
from bitfolio.settings import SCHEDULES as ALL

SCHEDULES = {name: ALL[name] for name in ("worker-heartbeat",)}
