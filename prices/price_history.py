"""One asset's price over a range, as its page draws, tabulates and sums it up. Reads only.

A range ends at the newest stored price and begins where its name says. Days come from the closes, hours from
every snapshot; a missing stretch is a gap in the line, never a bridge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby, pairwise

from prices.coverage import Coverage, covered
from prices.models import Asset
from prices.selectors import DAY, GENESIS, HOUR, Quote, Span, coverage, daily_closes, floor, snapshots_between

Pairs = Sequence[tuple[datetime, Decimal]]
Point = tuple[datetime, Decimal | None]  # None: a gap

POINTS = 400  # a chart shows no more
RANGES = ("1D", "1W", "1M", "YTD", "1Y", "ALL")
SPANS = {"1D": DAY, "1W": 7 * DAY, "1M": 30 * DAY, "1Y": 365 * DAY}
PERIODS = {"1D": "hour", "1W": "day", "1M": "day", "YTD": "month", "1Y": "month", "ALL": "month"}
FINE = ("1D", "1W")  # drawn from every snapshot, so offered only where there are hourly ones
HOURLY = 5 * DAY  # so much of the last week must be hourly to be worth drawing


@dataclass(frozen=True, slots=True)
class Period:
    """What the prices of one hour, day or month were, from the shown prices alone. `start` in UTC."""

    start: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal


@dataclass(frozen=True, slots=True)
class History:
    ranges: tuple[str, ...]
    range: str
    points: tuple[Point, ...]  # at most POINTS, oldest first
    table: tuple[Period, ...]  # newest first
    period: str  # what a row of the table stands for: "hour", "day" or "month"
    change: Decimal | None  # last ÷ first − 1
    high: tuple[datetime, Decimal]
    low: tuple[datetime, Decimal]
    coverage: Coverage

    @property
    def from_high(self) -> Decimal:
        """How far the last price stands below the highest of the range."""
        return self.table[0].close / self.high[1] - 1

    @property
    def is_fine(self) -> bool:
        """Whether the hour of a point matters."""
        return self.range in FINE


def price_history(asset: Asset, wanted: str, *, newest: Quote) -> History:
    """The history that ends at the newest quote; a range that is not offered is answered with all of it."""
    until = newest.at
    closes = _closes(asset, until)
    spans = coverage(asset, until=until)
    ranges = RANGES if _is_hourly(spans, until) else tuple(name for name in RANGES if name not in FINE)
    shown = wanted if wanted in ranges else "ALL"
    since = _beginning(shown, until)
    if shown in FINE:
        pairs = [(quote.at, quote.price) for quote in snapshots_between(asset, since=since, until=until)]
    else:
        pairs = [pair for pair in closes if pair[0] >= since]
        if not pairs or pairs[-1][0] < until:
            pairs.append((until, newest.price))
    step = _step(asset, shown)
    return History(
        ranges=ranges,
        range=shown,
        points=tuple(drawn(pairs, step)),
        table=tuple(reversed(periods(pairs, PERIODS[shown]))),
        period=PERIODS[shown],
        change=pairs[-1][1] / pairs[0][1] - 1 if len(pairs) > 1 else None,
        high=max(pairs, key=lambda pair: pair[1]),
        low=min(pairs, key=lambda pair: pair[1]),
        coverage=_coverage(asset, spans, pairs, closes, until),
    )


def drawn(pairs: Pairs, step: timedelta, most: int = POINTS) -> list[Point]:
    """At most so many points that look like the pairs, a None in each gap wider than `step`.

    Of more gaps than a quarter of the points could show, the widest are drawn.
    """
    gaps = sorted(
        ((after - before, before) for (before, _), (after, _) in pairwise(pairs) if after - before > step),
        reverse=True,
    )[: most // 4]
    points: list[Point] = [*thinned(pairs, most - len(gaps))]
    points += [(before + width / 2, None) for width, before in gaps]
    return sorted(points, key=lambda point: point[0])


def thinned(pairs: Pairs, most: int) -> list[tuple[datetime, Decimal]]:
    """At most so many of the pairs: both ends, the high, the low, and what largest-triangle sampling keeps.

    Of each bucket stays the point that spans the largest triangle with the point kept before it and the
    middle of the next bucket (S. Steinarsson, "Downsampling Time Series for Visual Representation", 2013).
    """
    if len(pairs) <= most:
        return [*pairs]
    flat = [(at.timestamp(), float(price)) for at, price in pairs]
    buckets = most - 4  # room for the ends, the high and the low
    edges = [1 + (len(flat) - 2) * number // buckets for number in range(buckets + 1)] + [len(flat)]
    kept = [0]
    for start, end, beyond in zip(edges, edges[1:], edges[2:], strict=False):
        middle = _middle(flat[end:beyond])
        before = flat[kept[-1]]
        kept.append(max(range(start, end), key=lambda index: _area(before, flat[index], middle)))
    prices = [price for _, price in pairs]
    kept += [len(pairs) - 1, prices.index(max(prices)), prices.index(min(prices))]
    return [pairs[index] for index in sorted(set(kept))]


def _middle(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)


def _area(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    """Twice the area of a triangle, which ranks as the area does."""
    return abs((a[0] - c[0]) * (b[1] - a[1]) - (a[0] - b[0]) * (c[1] - a[1]))


def _closes(asset: Asset, until: datetime) -> list[tuple[datetime, Decimal]]:
    within = DAY if asset.kind == Asset.Kind.FIAT else HOUR
    return sorted(daily_closes([asset], since=GENESIS, until=until, within=within)[asset.pk].items())


def _is_hourly(spans: Sequence[Span], until: datetime) -> bool:
    week = until - 7 * DAY
    hourly = (span for span in spans if span.resolution == "hourly" and span.until > week)
    return sum(((span.until - max(span.since, week)) for span in hourly), timedelta(0)) >= HOURLY


def _beginning(shown: str, until: datetime) -> datetime:
    """Where a range begins. Midnight of 1 January ends the old year, so it is that year's."""
    if shown == "ALL":
        return GENESIS
    if shown == "YTD":
        year = (until.astimezone(UTC) - timedelta.resolution).year
        return datetime(year, 1, 1, tzinfo=UTC)
    return until - SPANS[shown]


def _step(asset: Asset, shown: str) -> timedelta:
    """How far apart two prices may stand without a gap between them; fixings rest on holidays."""
    if asset.kind == Asset.Kind.FIAT:
        return 5 * DAY
    return 2 * HOUR if shown in FINE else DAY


def periods(pairs: Pairs, name: str) -> list[Period]:
    """The pairs by hours, days or months, oldest first. A price at midnight ends the day before it."""
    found = []
    before: Decimal | None = None
    for start, group in groupby(pairs, key=lambda pair: _start(pair[0], name)):
        prices = [price for _, price in group]
        first = prices[0] if before is None else before
        everything = [first, *prices]
        found.append(Period(start, first, max(everything), min(everything), prices[-1]))
        before = prices[-1]
    return found


def _start(at: datetime, name: str) -> datetime:
    """The beginning of the hour, day or month that ends at this instant or holds it."""
    within = at.astimezone(UTC) - timedelta.resolution
    if name == "month":
        return datetime(within.year, within.month, 1, tzinfo=UTC)
    return floor(within, HOUR if name == "hour" else DAY)


def _coverage(asset: Asset, spans: list[Span], pairs: Pairs, closes: Pairs, until: datetime) -> Coverage:
    if not closes:
        return covered(asset, spans, since=pairs[0][0], until=until, closes=0, missing=0)
    days = (closes[-1][0] - closes[0][0]) // DAY + 1
    missing = days - len(closes)
    return covered(asset, spans, since=closes[0][0], until=until, closes=len(closes), missing=missing)
