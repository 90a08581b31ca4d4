"""How the fetching stands: history still to be fetched, the price sources, the worker's sign of life."""

from datetime import datetime, timedelta

from django.db import models

from prices.models.market import Asset


class BackfillQuerySet(models.QuerySet["Backfill"]):
    def unfinished(self) -> "BackfillQuerySet":
        """Those that hold hours still unknown: being asked for, or waiting for another try."""
        return self.exclude(state=Backfill.State.DONE)

    def due(self, now: datetime) -> "BackfillQuerySet":
        """Unfinished, its waiting time over, and in no other worker's hands."""
        open_now = models.Q(state=Backfill.State.OPEN, retry_at=None) | models.Q(retry_at__lte=now)
        free = models.Q(leased_until=None) | models.Q(leased_until__lte=now)
        return self.unfinished().filter(open_now & free)


class Backfill(models.Model):
    """A span of history that is asked for, hour by hour or day by day, and how far it is.

    `since` and `until` are closing instants, both included. `cursor` is the close up to which the sources
    have been asked; it moves in the transaction of the last prices before it, so that a killed worker goes
    on where it stopped. `leased_until` keeps other workers off the row while one asks the network, without
    holding a database transaction open.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        DONE = "done", "Done"
        INCOMPLETE = "incomplete", "Done, with gaps"

    class Resolution(models.TextChoices):
        HOUR = "hour", "Each hour"
        DAY = "day", "Each UTC midnight"

    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="backfills")
    since = models.DateTimeField()
    until = models.DateTimeField()
    resolution = models.CharField(max_length=4, choices=Resolution.choices, default=Resolution.HOUR)
    cursor = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = BackfillQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["asset", "resolution", "since"],
                condition=~models.Q(state="done"),
                name="one_unfinished_backfill_per_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asset.symbol} {self.since:%Y-%m-%d} to {self.until:%Y-%m-%d}"

    @property
    def step(self) -> timedelta:
        """From one close that is asked for to the next."""
        return timedelta(days=1) if self.resolution == self.Resolution.DAY else timedelta(hours=1)

    @property
    def closes(self) -> int:
        """How many closes the span holds."""
        return max((self.until - self.since) // self.step + 1, 0)

    @property
    def asked(self) -> int:
        """For how many of them the sources have been asked, or need not be: they are stored."""
        return min(max((self.cursor - self.since) // self.step + 1, 0), self.closes)


class SourceState(models.Model):
    """How one price source stands with every worker of this installation.

    Without `until` it is asked freely. Until then it is left alone by everybody, because of its `cause`: it
    said "too many requests" (LIMIT), it wants another key (REFUSED), or it failed `failures` times in a row
    (FAILING), after which one worker at a time may try whether it answers again.
    """

    class Cause(models.TextChoices):
        LIMIT = "limit", "Too many requests"
        REFUSED = "refused", "Refused access"
        FAILING = "failing", "Failing"

    source = models.CharField(max_length=20, unique=True)
    until = models.DateTimeField(null=True, blank=True)
    cause = models.CharField(max_length=7, choices=Cause.choices, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row, since its last answer.")
    asked_as = models.CharField(
        max_length=16,
        blank=True,
        help_text="Mark of the address and key that failed: others are tried at once.",
    )
    answered_at = models.DateTimeField("last answer", null=True, blank=True)
    failed_at = models.DateTimeField("last failure", null=True, blank=True)

    class Meta:
        ordering = ["source"]

    def __str__(self) -> str:
        return self.source


class Heartbeat(models.Model):
    """When the worker last showed that it works: a task went through its queue, a process of it and back.

    There is one row. Written where results are saved, so that it speaks for every process on the way.
    """

    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_heartbeat")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} UTC"
