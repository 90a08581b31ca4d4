"""The price pack: real daily prices that ship with the product, loaded through the gate like any other."""

import csv
import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import islice
from pathlib import Path

from prices.models import Asset
from prices.services.assets import sync_catalogue
from prices.services.gate import Offer, record_snapshots

DATA = Path(__file__).resolve().parent.parent / "data"
# file, column that names the asset, source
FILES = (
    (DATA / "crypto_daily_usd.csv.gz", "asset", "pack"),
    (DATA / "fx_daily_usd.csv.gz", "currency", "ecb"),
)
CHUNK = 10_000  # rows in one database transaction


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many rows of the pack were new, how many were there already, how many the gate refused."""

    stored: int = 0
    known: int = 0
    refused: int = 0


def load_price_pack(*, now: datetime, on_progress: Callable[[int], None] = lambda _rows: None) -> Loaded:
    """Store the pack's prices, streaming; run again it stores nothing new. `on_progress` gets rows so far."""
    sync_catalogue()
    assets = {asset.symbol: asset for asset in Asset.objects.all()}
    total = Loaded()
    for path, column, source in FILES:
        offers = _offers(path, column, assets)
        while chunk := list(islice(offers, CHUNK)):
            done = record_snapshots(chunk, now=now, source=source)
            total = Loaded(
                total.stored + len(done.stored),
                total.known + len(done.known),
                total.refused + len(done.refused),
            )
            on_progress(total.stored + total.known + total.refused)
    return total


def _offers(path: Path, column: str, assets: dict[str, Asset]) -> Iterator[Offer]:
    """One offer per line; a line that is not a price goes to the gate as text and is refused there."""
    with gzip.open(path, "rt", encoding="ascii", newline="") as file:
        for row in csv.DictReader(file):
            at = datetime.fromisoformat(row["at"])
            yield Offer(assets[row[column]], at, _number(row["price_usd"]))


def _number(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text
