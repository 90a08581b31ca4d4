"""The list of history still to be fetched: noticing what is missing, and working it off in slices.

Every verb may run twice, be killed at any point, and run beside itself: a row is leased for the time of
the network calls, and its cursor moves with the prices.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Min

from prices.models import Asset, Backfill, BackfillQuerySet, PriceSnapshot
from prices.selectors import DAY, GENESIS, HOUR, ceiling, floor, gaps, missing_closes
from prices.services.history import Walk, newest_close
from prices.services.panel import Panel, Stopwatch
from prices.sources import SOURCES

logger = logging.getLogger(__name__)

Span = tuple[datetime, datetime]  # first and last missing close

GAP = timedelta(hours=25)  # daily prices with a leap of an hour are no gap
RECENT = timedelta(days=7)  # here every hour is wanted
FIRST_HISTORY = timedelta(days=365)  # what a newly tracked coin starts with
LEASE = timedelta(minutes=1)  # longer than a slice of work; renewed with each page
NOBODY_ANSWERED = timedelta(minutes=15)
INCOMPLETE = timedelta(days=1)  # doubles with each attempt
MOST_DOUBLINGS = 6


class LeaseLostError(Exception):
    """This worker took so long over a page that another one has taken the span."""


@dataclass(frozen=True, slots=True)
class Advanced:
    """What a slice of work brought: new prices, spans finished, what went wrong by source."""

    stored: int
    finished: int
    failures: dict[str, str]

    def __str__(self) -> str:
        parts = [f"{self.stored} new prices", f"spans finished: {self.finished}"]
        return "; ".join(parts + list(self.failures.values()))


def request_missing(*, now: datetime) -> int:
    """Write down what is missing of the tracked coins and not asked for yet; returns how many new spans.

    Missing are gaps of more than 25 hours, the first year of a coin new here, and every hour of the last
    7 days. A span that is waiting for another try is not written down again.
    """
    assets = [asset for asset in Asset.objects.tracked() if any(map(asset.id_at, SOURCES))]
    return sum(_request(asset, span) for asset in assets for span in _unasked(asset, newest_close(now)))


def request_history(asset: Asset, *, since: datetime, now: datetime) -> bool:
    """Write down the hours from that moment's year on to the first one ever asked for; whether any were.

    What lies behind that one is `request_missing`'s affair, so a transaction of today costs one query. Spans
    begin with a year so that their list tells nobody when somebody else's first transaction was. A delisted
    coin's end with the day since when nobody quotes it.
    """
    if asset.kind != Asset.Kind.CRYPTO or not any(map(asset.id_at, SOURCES)):
        return False
    known = _hourly(asset).aggregate(first=Min("since"))["first"]
    until = newest_close(now) if known is None else known - HOUR
    if asset.delisted_on:
        until = min(until, datetime.combine(asset.delisted_on, datetime.min.time(), UTC))
    year = since.astimezone(UTC).replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    first = max(year, GENESIS)
    return first <= until and _request(asset, (first, until))


def advance_backfills(
    *, now: datetime, seconds: float = 25, clock: Callable[[], float] = time.monotonic
) -> Advanced:
    """Work off what is due, newest spans first, until the time is used up or nobody is left to ask."""
    watch = Stopwatch.start(now, seconds, clock)
    panel = Panel(watch)
    stored = finished = 0
    while panel and not watch.is_up() and (row := _lease(watch.present())):
        walk = Walk(row.asset, row.cursor, row.until, row.step, panel, _mover(row, watch))
        try:
            walk.go()
            finished += _release(row, walk, watch)
        except LeaseLostError:
            logger.info("backfill %s: another worker goes on with it", row)
        stored += walk.stored
    return Advanced(stored, finished, panel.failures)


def _hourly(asset: Asset) -> BackfillQuerySet:
    return Backfill.objects.filter(asset=asset, resolution=Backfill.Resolution.HOUR)


def _unasked(asset: Asset, newest: datetime) -> list[Span]:
    spans = _merged(_missing_spans(asset, newest))
    for row in _hourly(asset).unfinished():
        spans = [part for span in spans for part in _without(span, (row.since, row.until))]
    return spans


def _missing_spans(asset: Asset, newest: datetime) -> list[Span]:
    recent = missing_closes(asset, newest - RECENT, newest)
    spans = [(close, close) for close in recent]
    for before, after in gaps(asset, longer_than=GAP, until=newest + HOUR):
        spans.append((floor(before, HOUR) + HOUR, ceiling(after, HOUR) - HOUR))
    first = PriceSnapshot.objects.of(asset).order_by("at").values_list("at", flat=True).first()
    start = newest - FIRST_HISTORY
    if first is None or first > start + HOUR:
        spans.append((start, newest if first is None else min(ceiling(first, HOUR), newest)))
    return spans


def _merged(spans: list[Span]) -> list[Span]:
    """Sorted, with those that touch or overlap made one."""
    merged: list[Span] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1] + HOUR:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        elif first <= last:
            merged.append((first, last))
    return merged


def _without(span: Span, other: Span) -> list[Span]:
    """What is left of a span when another is taken away: none, one or two."""
    left = (span[0], min(span[1], other[0] - HOUR))
    right = (max(span[0], other[1] + HOUR), span[1])
    return [part for part in (left, right) if part[0] <= part[1]] if span != other else []


@transaction.atomic
def _request(asset: Asset, span: Span) -> bool:
    """Lengthen the span that is being asked for just before this one, or write down a new one."""
    since, until = span
    before = _hourly(asset).select_for_update().filter(state=Backfill.State.OPEN)
    neighbour = before.filter(until__lt=since, until__gte=since - DAY).order_by("-until").first()
    if neighbour:
        neighbour.until = until
        neighbour.save(update_fields=["until", "updated_at"])
        return False
    row = Backfill(asset=asset, since=since, until=until, cursor=since - HOUR)
    Backfill.objects.bulk_create([row], ignore_conflicts=True)
    return True


@transaction.atomic
def _lease(now: datetime) -> Backfill | None:
    """Take the newest due span into one's hands for a minute; None when nothing is due."""
    due = Backfill.objects.due(now).select_related("asset").order_by("-until", "pk")
    row = due.select_for_update(skip_locked=True, of=("self",)).first()
    if row is None:
        return None
    if row.state == Backfill.State.INCOMPLETE:
        row.state, row.cursor = Backfill.State.OPEN, row.since - row.step
    row.retry_at, row.leased_until = None, now + LEASE
    row.save(update_fields=["state", "cursor", "retry_at", "leased_until", "updated_at"])
    return row


def _mover(row: Backfill, watch: Stopwatch) -> Callable[[datetime], None]:
    """Moves the cursor and renews the lease, as long as it is still the one that was taken."""

    def move(close: datetime) -> None:
        renewed = watch.present() + LEASE
        own = Backfill.objects.filter(pk=row.pk, leased_until=row.leased_until)
        if not own.update(cursor=close, leased_until=renewed):
            raise LeaseLostError
        row.leased_until = renewed

    return move


@transaction.atomic
def _release(row: Backfill, walk: Walk, watch: Stopwatch) -> bool:
    """Let go of a span and say what became of it; whether it is finished. LeaseLostError."""
    leased = Backfill.objects.select_for_update(of=("self",)).select_related("asset")
    kept = leased.filter(pk=row.pk, leased_until=row.leased_until).first()
    if kept is None:
        raise LeaseLostError
    kept.leased_until = None
    if walk.cursor >= kept.until:
        return _finish(kept, watch.present())
    if not walk.is_finished and not watch.is_up():
        kept.retry_at = watch.present() + NOBODY_ANSWERED
        kept.error = ("; ".join(walk.panel.failures.values()) or "no source has this coin")[:500]
    kept.save(update_fields=["leased_until", "retry_at", "error", "updated_at"])
    return False


def _finish(row: Backfill, now: datetime) -> bool:
    missing = len(missing_closes(row.asset, row.since, row.until, row.step))
    row.state = Backfill.State.INCOMPLETE if missing else Backfill.State.DONE
    row.error = f"{row.resolution}s without a price: {missing}" if missing else ""
    if missing:
        row.retry_at = now + INCOMPLETE * 2 ** min(row.attempts, MOST_DOUBLINGS)
        row.attempts += 1
    row.save()
    if missing:
        _join(row)
    return True


def _join(row: Backfill) -> None:
    """Put an incomplete span to the one it continues: a coin nobody quotes has one row, not hundreds."""
    own = Backfill.objects.filter(asset=row.asset, resolution=row.resolution).exclude(pk=row.pk)
    others = own.filter(state=Backfill.State.INCOMPLETE)
    earlier = others.filter(since__lte=row.since, until__gte=row.since - DAY).order_by("since").first()
    if earlier:
        earlier.until = max(earlier.until, row.until)
        earlier.save(update_fields=["until", "updated_at"])
        row.delete()
