"""What the tests of better prices share: a moment, a price nearer to it, and one that is corrected."""

from datetime import timedelta
from decimal import Decimal

from prices.models import PriceChange, PriceSnapshot
from tests.factories import (
    NOW,
    AssetFactory,
    SnapshotFactory,
    day,
)

LATER = NOW + timedelta(hours=1)
MOMENT = "2024-06-01 12:00"


def nearer(at: str = "2024-06-01 11:30", price: str = "110", symbol: str = "BTC") -> PriceSnapshot:
    asset = AssetFactory(symbol=symbol)
    return SnapshotFactory(asset=asset, at=day(at), price=Decimal(price), source="coinbase")


def corrected(at: str, price: str) -> None:
    """As the shelf does it: the price is changed where it stands, and the change leaves its trace."""
    snapshot = PriceSnapshot.objects.get(at=day(at), asset__symbol="BTC")
    PriceChange.objects.create(
        asset=snapshot.asset, at=snapshot.at, before=snapshot.price, after=Decimal(price), changed_at=NOW
    )
    PriceSnapshot.objects.filter(asset=snapshot.asset, at=snapshot.at).update(price=Decimal(price))
