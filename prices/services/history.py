"""Fetching a span of history: only closes that are not stored, a page at a time, from the first source
that has them.

A close counts as stored when a snapshot stands in its interval (`selectors.missing_closes`).
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from prices.models import Asset
from prices.selectors import HOUR, ceiling, floor, missing_closes
from prices.services.gate import Offer, record_snapshots
from prices.services.panel import Panel, Stopwatch
from prices.sources.base import Source

SETTLED = timedelta(minutes=2)  # a candle may still change that long after its close
FALLBACK_PAGE = 300  # closes looked through at once while no source can be asked

Moved = Callable[[datetime], None]


@dataclass(frozen=True, slots=True)
class BackfillReport:
    """How many prices are new, how many closes of the span are still unknown, how far the sources were asked.

    `failures` says what went wrong, by source; `is_finished` whether the whole span was asked for.
    """

    stored: int
    missing: int
    reached: datetime
    is_finished: bool
    failures: dict[str, str]


def backfill(
    asset: Asset,
    since: datetime,
    until: datetime,
    *,
    now: datetime,
    source: str | None = None,
    step: timedelta = HOUR,
    seconds: float = float("inf"),
    moved: Moved = lambda _close: None,
) -> BackfillReport:
    """Store the closes in [since, until] that are not stored yet. Again and again brings nothing twice.

    `source` asks that one alone; `moved` is called with the close up to which all sources were asked.
    """
    panel = Panel(Stopwatch.start(now, seconds, time.monotonic), [source] if source else None)
    first, last = ceiling(since, step), min(floor(until, step), newest_close(now, step))
    walk = Walk(asset, first - step, last, step, panel, moved)
    walk.go()
    missing = len(missing_closes(asset, first, last, step))
    return BackfillReport(walk.stored, missing, walk.cursor, walk.is_finished, panel.failures)


def newest_close(now: datetime, step: timedelta = HOUR) -> datetime:
    """The last close that will not change any more."""
    return floor(now - SETTLED, step)


@dataclass(slots=True)
class Walk:
    """The way from `cursor` (a close already dealt with) to `until`, one window after the other."""

    asset: Asset
    cursor: datetime
    until: datetime
    step: timedelta
    panel: Panel
    moved: Moved
    stored: int = 0

    @property
    def is_finished(self) -> bool:
        return self.cursor >= self.until

    def go(self) -> None:
        """Walk until the end, the end of the time, or until there is nobody left to ask."""
        while not self.is_finished and not self.panel.watch.is_up():
            start = self.cursor + self.step
            source = next(self.panel.sources_of(self.asset, start, self.step), None)
            page = source.page if source else FALLBACK_PAGE
            end = min(self.cursor + page * self.step, self.until)
            missing = missing_closes(self.asset, start, end, self.step)
            if not missing:
                self._move(end)
            elif not self._fill(missing, end):
                return

    def _fill(self, missing: list[datetime], end: datetime) -> bool:
        """Ask for the missing closes of one window; False when no source dealt with all of it."""
        sources = list(self.panel.sources_of(self.asset, missing[0], self.step))
        if not sources:
            return self._pass_over(missing, end)
        answered = False
        for source in sources:
            for piece in _pieces(missing, source.page, self.step):
                offers = self._ask(source, piece)
                if offers is None:
                    break
                missing = self._record(offers, source, missing, end)
                if self.cursor == end:
                    return True
            else:
                answered = True
            answered = answered or self.panel.is_stranger(source, self.asset)
        if answered:
            self._move(end)  # a gap is a fact: go past it and come back later
        return answered

    def _pass_over(self, missing: list[datetime], end: datetime) -> bool:
        """Nobody can be asked for the window's first close: go to the first one that somebody reaches.

        False when that is only for now, or when nobody has the coin at all.
        """
        if not self.panel.has(self.asset) or self.panel.lacks(self.asset, missing[0], self.step):
            return False
        reached = (close for close in missing if any(self.panel.sources_of(self.asset, close, self.step)))
        first = next(reached, None)
        self._move(end if first is None else first - self.step)
        return True

    def _ask(self, source: Source, piece: list[datetime]) -> list[Offer] | None:
        if self.panel.watch.is_up():
            return None
        coin = self.asset.id_at(source.name)
        points = self.panel.ask(
            source, lambda: source.closes(coin, piece[0], piece[-1], self.step), self.asset
        )
        return None if points is None else [Offer(self.asset, p.at, p.price) for p in points if p.at]

    def _record(
        self, offers: list[Offer], source: Source, missing: list[datetime], end: datetime
    ) -> list[datetime]:
        """Store what came, and with the last of the window's prices move on; returns what still lacks."""
        with transaction.atomic():
            done = record_snapshots(offers, now=self.panel.watch.present(), source=source.name)
            self.stored += len(done.stored)
            still = missing_closes(self.asset, missing[0], missing[-1], self.step)
            if not still:
                self._move(end)
        return still

    def _move(self, close: datetime) -> None:
        self.moved(close)
        self.cursor = close


def _pieces(missing: list[datetime], page: int, step: timedelta) -> Iterator[list[datetime]]:
    """The missing closes in spans that one page of the source can hold."""
    piece: list[datetime] = []
    for close in missing:
        if piece and close > piece[0] + (page - 1) * step:
            yield piece
            piece = []
        piece.append(close)
    yield piece
