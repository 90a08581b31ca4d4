"""How the fetching of prices is doing: worker, queue, sources, the history under way. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django_q.models import OrmQ

from prices.models import Backfill, Heartbeat, SourceState
from prices.pages import newest_at

SILENT = timedelta(minutes=3)  # beats come each minute or so; by then the watchdog has acted
LISTED = 50


@dataclass(frozen=True, slots=True)
class Queue:
    """Tasks that wait, since when the oldest does, and how many are in a worker's hands."""

    waiting: int
    waiting_since: datetime | None
    in_hand: int


@dataclass(frozen=True, slots=True)
class Health:
    """What is known at `now`; times are None where nothing was ever seen, the queue where it is a Redis."""

    now: datetime
    worker_seen_at: datetime | None
    last_price_at: datetime | None
    queue: Queue | None
    sources: Sequence[SourceState]

    @property
    def pauses(self) -> list[SourceState]:
        """The sources that every worker leaves alone."""
        return [each for each in self.sources if each.until and each.until > self.now]

    @property
    def is_worker_silent(self) -> bool:
        return is_silent(self.worker_seen_at, self.now)

    def seconds_since(self, at: datetime | None) -> int | None:
        return None if at is None else max(int((self.now - at).total_seconds()), 0)

    @property
    def worker_age(self) -> int | None:
        """Seconds since the last heartbeat."""
        return self.seconds_since(self.worker_seen_at)

    @property
    def price_age(self) -> int | None:
        """Seconds since the newest price of a tracked coin was said."""
        return self.seconds_since(self.last_price_at)

    @property
    def queue_age(self) -> int | None:
        """Seconds that the oldest waiting task has waited."""
        return self.seconds_since(self.queue.waiting_since) if self.queue else None


def health(*, now: datetime) -> Health:
    """Four small queries. Raises DatabaseError."""
    sources = list(SourceState.objects.all())
    return Health(now, worker_seen_at(), newest_at(now=now), _queue(now), sources)


def worker_seen_at() -> datetime | None:
    return Heartbeat.objects.values_list("at", flat=True).first()


def is_silent(seen_at: datetime | None, now: datetime) -> bool:
    """Whether a worker that was last seen then stands still."""
    return seen_at is None or now - seen_at > SILENT


def as_json(health: Health) -> dict[str, Any]:
    """For programs. What exactly a source said is told to staff alone."""
    return {
        "worker": "silent" if health.is_worker_silent else "ok",
        "worker_seen_at": iso(health.worker_seen_at),
        "worker_age_seconds": health.worker_age,
        "last_price_at": iso(health.last_price_at),
        "last_price_age_seconds": health.price_age,
        "queue": health.queue
        and {
            "waiting": health.queue.waiting,
            "oldest_age_seconds": health.queue_age,
            "in_hand": health.queue.in_hand,
        },
        "sources": [_source(each, is_paused=each in health.pauses) for each in health.sources],
    }


def _source(state: SourceState, *, is_paused: bool) -> dict[str, Any]:
    """How it stood when it was last asked: ok, limit, refused or failing; and until when nobody asks it."""
    return {
        "source": state.source,
        "state": state.cause or "ok",
        "paused_until": iso(state.until) if is_paused else None,
        "failures": state.failures,
        "answered_at": iso(state.answered_at),
        "failed_at": iso(state.failed_at),
    }


def iso(at: datetime | None) -> str | None:
    """To the second, in UTC."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else None


def backfills() -> list[Backfill]:
    """The spans of history that are asked for, those under way first, then those done last; 50 at most."""
    rows = Backfill.objects.select_related("asset")
    open_first = [*rows.filter(state=Backfill.State.OPEN).order_by("-until", "pk")[:LISTED]]
    others = rows.exclude(state=Backfill.State.OPEN).order_by("-updated_at", "pk")
    return [*open_first, *others[:LISTED]][:LISTED]


def _queue(now: datetime) -> Queue | None:
    """A waiting task carries the time it was queued at; one in a worker's hands, when to try it again."""
    if settings.Q_BROKER_URL:
        return None
    locks = list(OrmQ.objects.order_by("lock").values_list("lock", flat=True))
    waiting = [lock for lock in locks if lock and lock <= now]
    return Queue(len(waiting), waiting[0] if waiting else None, len(locks) - len(waiting))
