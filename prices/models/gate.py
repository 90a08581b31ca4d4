"""What the gate leaves behind: the traces of changed prices, and the quarantine of what it did not let in."""

from collections.abc import Iterable
from datetime import datetime

from django.db import models

from prices.fields import AmountField, SourceField, canonical
from prices.models.market import Asset


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
