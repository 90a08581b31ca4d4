"""What the market says: assets, and the prices stored for them."""

import re
from datetime import datetime

from django.db import models

from prices.fields import AmountField, IsPrice, SourceField

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

    def found_by(self, symbol: str) -> "Asset | None":
        """The one of that symbol, or that had it before another has it; None also for what no database would
        take as text.
        """
        if not symbol.isprintable():
            return None
        return self.filter(symbol=symbol).first() or self.once_called(symbol)

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
