"""Fetching the latest prices of all tracked coins, from the first source that has each."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from prices.models import Asset
from prices.services.gate import Offer, record_snapshots
from prices.services.panel import Panel, Stopwatch
from prices.sources.base import Source
from prices.sources.reading import Point


@dataclass(frozen=True, slots=True)
class FetchReport:
    """What a fetch brought, by symbol: prices that are new, those already stored, coins without an answer."""

    stored: tuple[str, ...]
    known: tuple[str, ...]
    missing: tuple[str, ...]
    failures: dict[str, str]

    @property
    def is_answered(self) -> bool:
        return bool(self.stored or self.known)

    def __str__(self) -> str:
        parts = [f"{len(self.stored)} new prices", f"{len(self.known)} unchanged"]
        if not self.is_answered:
            parts = ["no source answered" if self.missing else "no coin is tracked"]
        elif self.missing:
            parts.append("without an answer: " + ", ".join(self.missing))
        return "; ".join(parts + list(self.failures.values()))


def fetch_latest(
    *, now: datetime, seconds: float = 45, clock: Callable[[], float] = time.monotonic
) -> FetchReport:
    """Ask the sources in order; the next one only for coins still missing. Never raises for a source."""
    watch = Stopwatch.start(now, seconds, clock)
    panel = Panel(watch)
    missing = {asset.pk: asset for asset in Asset.objects.tracked()}
    stored: list[str] = []
    known: list[str] = []
    for source in panel:
        assets = [asset for asset in missing.values() if asset.id_at(source.name)]
        if not assets or watch.is_up():
            continue
        offers = _offers(panel, source, assets)
        done = record_snapshots(offers, now=watch.present(), source=source.name)
        stored += [offer.asset.symbol for offer in done.stored]
        known += [offer.asset.symbol for offer in done.known]
        for offer in done.stored + done.known:
            missing.pop(offer.asset.pk, None)
    left = tuple(asset.symbol for asset in missing.values())
    return FetchReport(tuple(stored), tuple(known), left, panel.failures)


def _offers(panel: Panel, source: Source, assets: list[Asset]) -> list[Offer]:
    """What the source says of the assets. What came before a failure stands."""
    points: dict[str, Point] = {}
    panel.ask(
        source, lambda: _collect(source, sorted({asset.id_at(source.name) for asset in assets}), points)
    )
    present = panel.watch.present().replace(microsecond=0)
    return [
        Offer(asset, point.at or present, point.price)
        for asset in assets
        if (point := points.get(asset.id_at(source.name)))
    ]


def _collect(source: Source, ids: list[str], points: dict[str, Point]) -> bool:
    points.update(source.latest(ids))
    return True
