"""What the market says: assets, the prices stored for them, and the spans of history still to be fetched.

Nothing here writes a price: `services.record_snapshots` does, after its gate.
"""

from datetime import datetime, timedelta

from django.db import models

from prices.fields import AmountField, IsPrice


class AssetQuerySet(models.QuerySet["Asset"]):
    def crypto(self) -> "AssetQuerySet":
        return self.filter(kind=Asset.Kind.CRYPTO)

    def fiat(self) -> "AssetQuerySet":
        return self.filter(kind=Asset.Kind.FIAT)

    def tracked(self) -> "AssetQuerySet":
        """Coins whose price the worker keeps fetching."""
        return self.crypto().filter(is_tracked=True)


class Asset(models.Model):
    """A coin or a fiat currency. The symbol is a label, unique here; provider ids say which coin it is."""

    class Kind(models.TextChoices):
        CRYPTO = "crypto", "Crypto"
        FIAT = "fiat", "Fiat currency"

    symbol = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.CRYPTO)
    provider_ids = models.JSONField(
        default=dict, blank=True, help_text='What each provider calls it: {"coingecko": "bitcoin"}.'
    )
    is_tracked = models.BooleanField(
        "tracked", default=False, help_text="The worker keeps fetching its price."
    )

    objects = AssetQuerySet.as_manager()

    class Meta:
        ordering = ["symbol"]

    def __str__(self) -> str:
        return f"{self.name} ({self.symbol})"

    def id_at(self, source: str) -> str:
        """What that price source calls it; empty when the source is not to be asked."""
        return self.provider_ids.get(source) or ""


class PriceSnapshotQuerySet(models.QuerySet["PriceSnapshot"]):
    def of(self, asset: Asset) -> "PriceSnapshotQuerySet":
        return self.filter(asset=asset)

    def between(self, since: datetime, until: datetime) -> "PriceSnapshotQuerySet":
        """Snapshots in [since, until], both ends included."""
        return self.filter(at__gte=since, at__lte=until)


class PriceSnapshot(models.Model):
    """One asset's price in US dollars at one instant, and who said so."""

    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="snapshots")
    at = models.DateTimeField(help_text="UTC. A candle's close stands at the end of its interval.")
    price = AmountField(help_text="US dollars per unit.")
    source = models.CharField(max_length=20)

    objects = PriceSnapshotQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(fields=["asset", "at"], name="one_price_per_asset_and_instant"),
            models.CheckConstraint(condition=IsPrice("price"), name="price_is_positive_and_finite"),
        ]

    def __str__(self) -> str:
        return f"{self.asset.symbol} at {self.at:%Y-%m-%d %H:%M} UTC"


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


class SourcePause(models.Model):
    """Until when a price source is left alone by every worker: it said "too many requests" or "no"."""

    source = models.CharField(max_length=20, unique=True)
    until = models.DateTimeField()
    reason = models.CharField(max_length=500)

    class Meta:
        ordering = ["source"]

    def __str__(self) -> str:
        return f"{self.source} until {self.until:%Y-%m-%d %H:%M} UTC"


class Heartbeat(models.Model):
    """When the worker last showed that it works: a task went through its queue, a process of it and back.

    There is one row. Written where results are saved, so that it speaks for every process on the way.
    """

    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_heartbeat")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} UTC"
