"""What the market says: assets, their prices, what the gate refused, and what is still to be fetched.

Nothing here writes a price: `services.record_snapshots` does, after its gate.
"""

from prices.models.fetching import Backfill, BackfillQuerySet, Heartbeat, SourceState
from prices.models.gate import PriceChange, RefusedPrice, RefusedPriceQuerySet
from prices.models.market import SYMBOL, Asset, AssetQuerySet, PriceSnapshot, PriceSnapshotQuerySet

__all__ = [
    "SYMBOL",
    "Asset",
    "AssetQuerySet",
    "Backfill",
    "BackfillQuerySet",
    "Heartbeat",
    "PriceChange",
    "PriceSnapshot",
    "PriceSnapshotQuerySet",
    "RefusedPrice",
    "RefusedPriceQuerySet",
    "SourceState",
]
