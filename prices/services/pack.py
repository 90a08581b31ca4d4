"""Price packs: the real daily prices that ship with the product, and files that carry prices from one
installation to another. Both are loaded through the gate like any other price.

A pack of one's own is a zip of two tables: `assets.csv` (symbol, name, kind, provider_ids) and `prices.csv`
(asset, at, price_usd, source), in UTF-8.
"""

import csv
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError

from prices.fields import canonical
from prices.models import SYMBOL, Asset, PriceSnapshot
from prices.services.assets import sync_catalogue
from prices.services.files import CHUNK, FileRefusedError, instant, number
from prices.services.gate import NOBODY, Voucher, record_snapshots
from prices.services.offers import Offer
from prices.services.weighing import MANUAL

DATA = Path(__file__).resolve().parent.parent / "data"
# file, column that names the asset, source
FILES = (
    (DATA / "crypto_daily_usd.csv.gz", "asset", "pack"),
    (DATA / "fx_daily_usd.csv.gz", "currency", "ecb"),
)
ASSETS, PRICES = "assets.csv", "prices.csv"
ASSET_COLUMNS = ("symbol", "name", "kind", "provider_ids")
PRICE_COLUMNS = ("asset", "at", "price_usd", "source")

# What reading a damaged or foreign archive may raise.
UNREADABLE = (
    zipfile.BadZipFile, zlib.error, csv.Error, KeyError, UnicodeDecodeError, EOFError, NotImplementedError,
    RuntimeError,
)  # fmt: skip

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many rows of the pack were new, how many were there already, how many the gate refused."""

    stored: int = 0
    known: int = 0
    refused: int = 0

    @property
    def rows(self) -> int:
        return self.stored + self.known + self.refused


def load_price_pack(
    path: Path | None = None, *, now: datetime, on_progress: Progress = lambda _rows: None
) -> Loaded:
    """Store a pack's prices, streaming; run again it stores nothing new. `on_progress` gets rows so far.

    Without a path the pack that ships with the product. FileRefusedError for a file that is no pack.
    """
    if path is None:
        sync_catalogue()
        return _record(_shipped(), now, on_progress)
    try:
        with zipfile.ZipFile(path) as pack:
            if pack.testzip() is not None:
                raise FileRefusedError("The pack is damaged: a checksum is wrong.")
            assets = {row["symbol"]: _asset(row) for row in _table(pack, ASSETS, ASSET_COLUMNS)}
            return _record(_packed(pack, assets), now, on_progress)
    except UNREADABLE as error:
        raise FileRefusedError(f"This is no price pack: {error}.") from error


def export_price_pack(
    path: Path,
    *,
    assets: Sequence[Asset] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    on_progress: Progress = lambda _rows: None,
) -> int:
    """Write stored prices into a pack; of all assets, for all time, unless told otherwise. How many rows.

    The file appears under its name only when it is whole. OSError when it cannot be written.
    """
    rows = PriceSnapshot.objects.order_by("asset_id", "at")
    if assets:
        rows = rows.filter(asset__in=assets)
    if since:
        rows = rows.filter(at__gte=since)
    if until:
        rows = rows.filter(at__lte=until)
    chosen = assets or Asset.objects.filter(pk__in=rows.order_by().values("asset_id").distinct())
    part = path.with_name(path.name + ".part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as pack:
            _write(pack, ASSETS, ASSET_COLUMNS, map(_asset_row, chosen))
            count = _write(pack, PRICES, PRICE_COLUMNS, _price_rows(rows, on_progress))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return count


def _record(offers: Iterator[Offer], now: datetime, on_progress: Progress) -> Loaded:
    total = Loaded()
    while chunk := list(islice(offers, CHUNK)):
        by_hand = [offer for offer in chunk if offer.source == MANUAL]
        others = [offer for offer in chunk if offer.source != MANUAL]
        for part, voucher in ((others, NOBODY), (by_hand, Voucher(checked=True))):
            done = record_snapshots(part, now=now, source="pack", voucher=voucher)
            total = Loaded(
                total.stored + len(done.stored) + len(done.released),
                total.known + len(done.known),
                total.refused + len(done.refused) - sum(offer.place != "" for offer in done.released),
            )
        on_progress(total.rows)
    return total


def _shipped() -> Iterator[Offer]:
    """One offer per line; a line that is not a price goes to the gate as text and is refused there."""
    assets = {asset.symbol: asset for asset in Asset.objects.all()}
    for path, column, source in FILES:
        with gzip.open(path, "rt", encoding="ascii", newline="") as file:
            for row in csv.DictReader(file):
                at = datetime.fromisoformat(row["at"])
                yield Offer(assets[row[column]], at, number(row["price_usd"]), source)


def _packed(pack: zipfile.ZipFile, assets: dict[str, Asset]) -> Iterator[Offer]:
    for line, row in enumerate(_table(pack, PRICES, PRICE_COLUMNS), start=2):
        source = row["source"] if row["source"].isascii() and row["source"].isidentifier() else "pack"
        at: Any = instant(row["at"])
        yield Offer(assets[row["asset"]], at, number(row["price_usd"]), source[:20], f"line {line}")


def _table(pack: zipfile.ZipFile, name: str, columns: Sequence[str]) -> Iterator[dict[str, str]]:
    """The rows of one table, each with text in every column."""
    with pack.open(name) as raw:
        rows = csv.DictReader(io.TextIOWrapper(raw, "utf-8", newline=""), restval="")
        if list(rows.fieldnames or []) != list(columns):
            raise FileRefusedError(f"This is no price pack: {name} has other columns.")
        yield from rows


def _asset(row: dict[str, str]) -> Asset:
    """The asset here that the pack means, made if it is missing. FileRefusedError if it is another coin."""
    if not SYMBOL.fullmatch(row["symbol"]) or not row["name"].isprintable():
        raise FileRefusedError(f"The pack names no asset with {row['symbol']!a:.30}.")
    here = Asset.objects.filter(symbol=row["symbol"]).first()
    ids = _ids(row["provider_ids"])
    if here is None:
        return _made(row, ids)
    strange = [name for name in ids if here.id_at(name) and ids[name] and here.id_at(name) != ids[name]]
    if strange or here.kind != row["kind"]:
        said = f"{strange[0]} calls it {ids[strange[0]]}" if strange else f"it is {row['kind']} there"
        raise FileRefusedError(f"{here.symbol} in the pack is not {here.name}: {said}.")
    return here


def _made(row: dict[str, str], ids: dict[str, str]) -> Asset:
    asset = Asset(symbol=row["symbol"], name=row["name"], kind=row["kind"], provider_ids=ids)
    try:
        asset.full_clean()
    except ValidationError as error:
        raise FileRefusedError(f"The pack names no asset with {row['symbol']!a:.30}: {error}") from error
    asset.save()
    return asset


def _ids(text: str) -> dict[str, str]:
    try:
        ids = json.loads(text)
    except (ValueError, RecursionError):
        ids = None
    words = [word for pair in ids.items() for word in pair] if isinstance(ids, dict) else [None]
    if not all(isinstance(word, str) and len(word) <= 100 and word.isprintable() for word in words):
        raise FileRefusedError(f"The pack holds no provider ids: {text!a:.60}.")
    return dict(ids)


def _asset_row(asset: Asset) -> tuple[str, ...]:
    return asset.symbol, asset.name, asset.kind, json.dumps(asset.provider_ids)


def _price_rows(rows: Any, on_progress: Progress) -> Iterator[tuple[str, ...]]:
    found = rows.values_list("asset__symbol", "at", "price", "source").iterator(chunk_size=CHUNK)
    for count, (symbol, at, price, source) in enumerate(found, start=1):
        if count % CHUNK == 0:
            on_progress(count)
        yield symbol, at.isoformat(), canonical(price), source


def _write(pack: zipfile.ZipFile, name: str, columns: Sequence[str], rows: Iterable[tuple[str, ...]]) -> int:
    count = 0
    with pack.open(name, "w") as raw, io.TextIOWrapper(raw, "utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for count, row in enumerate(rows, start=1):  # noqa: B007 (the last one is the answer)
            writer.writerow(row)
    return count
