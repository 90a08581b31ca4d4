"""What the market says: assets, the prices stored for them, and the spans of history still to be fetched.

Nothing here writes a price: `services.record_snapshots` does, after its gate.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import models

from prices.fields import AmountField, IsPrice, SourceField, canonical

SYMBOL = re.compile(r"[A-Za-z0-9$][A-Za-z0-9.$_-]*")  # it stands in addresses, so it keeps to these


class AssetQuerySet(models.QuerySet["Asset"]):
    def crypto(self) -> "AssetQuerySet":
        return self.filter(kind=Asset.Kind.CRYPTO)

    def fiat(self) -> "AssetQuerySet":
        return self.filter(kind=Asset.Kind.FIAT)

    def tracked(self) -> "AssetQuerySet":
        """Coins whose price the worker keeps fetching; a delisted one keeps its history and is let be."""
        return self.crypto().filter(is_tracked=True, delisted_on=None)

    def matching(self, words: str) -> "AssetQuerySet":
        """Those whose name, symbol or former symbol holds the words."""
        holds = models.Q(symbol__icontains=words) | models.Q(name__icontains=words)
        return self.filter(holds | models.Q(former_symbols__icontains=words))

    def once_called(self, symbol: str) -> "Asset | None":
        """The one that gave up this symbol last; None when nobody did."""
        found = self.filter(former_symbols__contains=symbol).order_by("-pk")
        return next((asset for asset in found if symbol in asset.former_symbols.split()), None)

    def named_at(self, source: str, name: str) -> "AssetQuerySet":
        """Those that this price source calls so: one at most, unless somebody went past the services."""
        return self.filter(**{f"provider_ids__{source}": name})


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
    delisted_on = models.DateField(
        null=True,
        blank=True,
        help_text="Since then nobody quotes it: its history stays, no price is asked for.",
    )
    former_symbols = models.CharField(
        max_length=200,
        blank=True,
        help_text="Symbols it had before, separated by spaces, oldest first; they still find it.",
    )
    history_version = models.PositiveBigIntegerField(
        default=0,
        editable=False,
        help_text="Grows whenever the past changes: with every price at or before the newest one.",
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
    """One asset's price in US dollars at one instant, and who said so.

    Its key is what it is about: no number of its own, and one index in the order of every question.
    """

    pk = models.CompositePrimaryKey("asset_id", "at")
    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="snapshots", db_index=False)
    at = models.DateTimeField(help_text="UTC. A candle's close stands at the end of its interval.")
    price = AmountField(help_text="US dollars per unit.")
    source = SourceField()

    objects = PriceSnapshotQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(condition=IsPrice("price"), name="price_is_positive_and_finite"),
        ]

    def __str__(self) -> str:
        return f"{self.asset.symbol} at {self.at:%Y-%m-%d %H:%M} UTC"


class PriceChange(models.Model):
    """The trace of a stored price that was changed, removed, or set by a person: before, after, who, why."""

    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="price_changes")
    at = models.DateTimeField(help_text="UTC. The instant that the price is of.")
    before = AmountField(
        "price before", null=True, help_text="US dollars per unit; none where none was stored."
    )
    after = AmountField("price", null=True, help_text="US dollars per unit; none where it was removed.")
    source_before = SourceField(blank=True)
    source = SourceField(blank=True)
    by = models.CharField(max_length=150, blank=True, help_text="The person; empty where no person did it.")
    why = models.CharField("reason", max_length=300)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        before, after = ("none" if price is None else canonical(price) for price in (self.before, self.after))
        return f"{self.asset.symbol} at {self.at:%Y-%m-%d %H:%M} UTC, from {before} to {after}"


class RefusedPriceQuerySet(models.QuerySet["RefusedPrice"]):
    def waiting(self) -> "RefusedPriceQuerySet":
        return self.filter(state=RefusedPrice.State.WAITING)

    def witnesses(self, assets: Iterable[int], since: datetime, until: datetime) -> "RefusedPriceQuerySet":
        """Jumps in [since, until] that wait for a second point or a second source."""
        return self.waiting().filter(is_jump=True, asset__in=assets, at__gte=since, at__lte=until)


class RefusedPrice(models.Model):
    """The quarantine: what the gate did not let in, as it was said, until somebody decides about it.

    A jump may also be confirmed by a later price or by another source; what is no price at all can only be
    rejected.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        CONFIRMED = "confirmed", "Confirmed by another price"
        ACCEPTED = "accepted", "Accepted by a person"
        REJECTED = "rejected", "Rejected by a person"

    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="refused_prices")
    at = models.DateTimeField(null=True, help_text="UTC; none where what was said is no instant.")
    said_at = models.CharField("said time", max_length=40)
    value = models.CharField("said price", max_length=80)
    source = SourceField()
    place = models.CharField(max_length=40, blank=True, help_text="Where in a file it stood.")
    reason = models.CharField(max_length=200)
    is_jump = models.BooleanField(default=False)
    offered_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=150, blank=True)

    objects = RefusedPriceQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["asset", "said_at", "value", "source"], name="one_refusal_of_each_thing_said"
            ),
        ]
        indexes = [
            models.Index(
                fields=["asset", "at"],
                condition=models.Q(state="waiting", is_jump=True),
                name="waiting_jumps",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asset.symbol}: {self.value} at {self.said_at}"


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
