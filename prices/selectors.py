"""What the market said: every question about stored prices that other code asks, answered without a write.

A price that is not stored is None. Nothing here asks a provider, guesses, or reads the clock.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

from django.db.models import DateTimeField, ExpressionWrapper, OuterRef, QuerySet

from prices.fields import ONE_UNIT
from prices.models import Asset, PriceSnapshot
from prices.series import days, hops, last_prices, last_quote, newest

MANY_MOMENTS = 5_000  # more than this are looked up along the whole series of an asset
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
EVER = timedelta(days=36_500)
GENESIS = datetime(2009, 1, 3, tzinfo=UTC)  # the first block: before it nothing was owned or priced
FRESH = timedelta(minutes=30)  # an older price is said to be old
OLDEST_PRICE = timedelta(days=7)  # a price further from the moment than this is no price
GRADES = (("A", HOUR), ("B", DAY), ("C", OLDEST_PRICE))
IDENTITY = "identity"  # the source of the dollar's price in dollars


@dataclass(frozen=True, slots=True)
class Quote:
    """What the market said: US dollars per unit, at a UTC instant, by that source."""

    price: Decimal
    at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class PriceAt(Quote):
    """The quote that stands for a moment, and how far from it: grade A ≤ 1 h, B ≤ 24 h, C ≤ 7 days."""

    grade: str
    distance: timedelta


def price_at(asset: Asset, moment: datetime) -> PriceAt | None:
    """The last snapshot at or before the moment, at most 7 days away; None when there is none."""
    if is_dollar(asset):
        return PriceAt(Decimal(1), moment, IDENTITY, "A", timedelta(0))
    row = last_quote(asset.pk, moment, moment - OLDEST_PRICE)
    return None if row is None else PriceAt(*row, *_grade(moment - row[1]))


def grade_of(distance: timedelta) -> str:
    """How close a price is that lies so far from its moment, at most `OLDEST_PRICE`."""
    return next(grade for grade, limit in GRADES if distance <= limit)


def latest_prices(assets: Iterable[Asset], *, now: datetime) -> dict[int, Quote]:
    """By asset pk the last quote at or before `now`, whatever its age. One query however many assets."""
    assets = list(assets)
    quotes = {asset.pk: Quote(Decimal(1), now, IDENTITY) for asset in assets if is_dollar(asset)}
    wanted = [asset.pk for asset in assets if not is_dollar(asset)]
    if not wanted:
        return quotes
    for asset_pk, price, at, source in newest(wanted, now):
        quotes[asset_pk] = Quote(price, at, source)
    return quotes


def prices_at(asset: Asset, moments: Iterable[datetime]) -> dict[datetime, Decimal]:
    """By moment the last price at or before it, whatever its age, in one query; unknown ones are left out."""
    moments = sorted(moments)
    if is_dollar(asset):
        return dict.fromkeys(moments, Decimal(1))
    found = last_prices([asset.pk], moments, EVER)
    return {moments[number]: price for _, number, price in found}


def snapshots_between(asset: Asset, *, since: datetime, until: datetime) -> list[Quote]:
    """Every stored quote in [since, until], oldest first."""
    rows = PriceSnapshot.objects.of(asset).between(since, until).order_by("at")
    return [Quote(*row) for row in rows.values_list("price", "at", "source")]


def last_price_subquery(
    asset_pk: int | OuterRef, column: str, said: str = "price"
) -> QuerySet[PriceSnapshot, Any]:
    """For `Subquery()`: what `price_at` says at the moment in a column of the outer rows: its price, or the
    `at` or `source` of it.
    """
    oldest = ExpressionWrapper(OuterRef(column) - OLDEST_PRICE, output_field=DateTimeField())
    return _at_or_before(asset_pk, OuterRef(column)).filter(at__gte=oldest).values(said)[:1]


def daily_closes(
    assets: Iterable[Asset], *, since: datetime, until: datetime, within: timedelta = HOUR
) -> dict[int, dict[datetime, Decimal]]:
    """By asset pk, the price that stands at each UTC midnight in [since, until]: the last one of the hour
    that ends there (of `within`, if given: exchange rates need days). Midnights without one are left out.
    """
    return _closes(assets, _steps(since, until, DAY), within)


def hourly_closes(
    assets: Iterable[Asset], *, since: datetime, until: datetime
) -> dict[int, dict[datetime, Decimal]]:
    """By asset pk, the last price of each hour that ends in [since, until], at its end. One query; hours
    without a price are left out.
    """
    return _closes(assets, _steps(since, until, HOUR), HOUR)


@dataclass(frozen=True, slots=True)
class Span:
    """Whole UTC days [since, until) of one resolution, and who said their prices.

    "hourly": a price in at least half of a day's hours. "daily": in fewer. "none": no price at all.
    """

    since: datetime
    until: datetime
    resolution: str
    sources: tuple[str, ...]

    @property
    def days(self) -> int:
        return (self.until - self.since) // DAY

    @property
    def last_day(self) -> datetime:
        """The midnight that begins the last of its days."""
        return self.until - DAY


def coverage(asset: Asset, *, until: datetime) -> list[Span]:
    """What is known of an asset up to an instant, from its first price on: spans without a hole between
    them, oldest first. A price at midnight belongs to the day that ends there. One query.
    """
    spans: list[Span] = []
    for day, hours, sources in days(asset.pk, until):
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        if spans and spans[-1].until < start:
            spans.append(Span(spans[-1].until, start, "none", ()))
        passed = min(DAY, until - start) / HOUR  # of the last day only so many hours are over
        resolution = "hourly" if hours > 1 and 2 * hours >= passed else "daily"
        spans = joined(spans, Span(start, start + DAY, resolution, sources))
    return spans


def joined(spans: list[Span], span: Span) -> list[Span]:
    """The spans with one more at their end; of the same kind it lengthens the last."""
    last = spans[-1] if spans else None
    if last and (last.resolution, last.sources) == (span.resolution, span.sources):
        spans[-1] = replace(last, until=span.until)
    else:
        spans.append(span)
    return spans


def price_table(assets: Iterable[Asset], moments: Sequence[datetime]) -> dict[int, list[Decimal | None]]:
    """By asset pk, what `price_at` says at each of the moments, in one query; None where it says nothing."""
    assets, within = list(assets), OLDEST_PRICE + timedelta.resolution  # a week ago is not too long ago
    table: dict[int, list[Decimal | None]] = {
        asset.pk: [Decimal(1) if is_dollar(asset) else None] * len(moments) for asset in assets
    }
    wanted = [asset for asset in assets if not is_dollar(asset)]
    if len(moments) > MANY_MOMENTS:
        return table | _prices_along(wanted, moments, within)
    for asset_pk, number, price in last_prices([asset.pk for asset in wanted], moments, within):
        table[asset_pk][number] = price
    return table


def _prices_along(
    assets: Sequence[Asset], moments: Sequence[datetime], within: timedelta
) -> dict[int, list[Decimal | None]]:
    """The same from the whole series of each, which is less work than so many questions. One query, and one
    series at a time in memory.
    """
    stored = PriceSnapshot.objects.filter(asset__in=assets).between(min(moments) - within, max(moments))
    rows = stored.order_by("asset_id", "at").values_list("asset_id", "at", "price").iterator()
    table: dict[int, list[Decimal | None]] = {asset.pk: [None] * len(moments) for asset in assets}
    for pk, series in groupby(rows, key=itemgetter(0)):
        table[pk] = _along([(at, price) for _, at, price in series], moments, within)
    return table


def _along(
    series: list[tuple[datetime, Decimal]], moments: Sequence[datetime], within: timedelta
) -> list[Decimal | None]:
    times = [at for at, _ in series]
    places = [(bisect_right(times, moment) - 1, moment) for moment in moments]
    return [
        series[place][1] if place >= 0 and times[place] > moment - within else None
        for place, moment in places
    ]


def stamps(assets: QuerySet[Asset], until: datetime) -> dict[int, tuple[int, datetime | None]]:
    """By asset pk, what changes when a price up to an instant does: the version of the history, and the
    instant of the last price. Two queries.
    """
    versions = dict(assets.values_list("pk", "history_version"))
    last = {pk: at for pk, _, at, _ in newest(list(versions), until)}
    return {pk: (version, last.get(pk)) for pk, version in versions.items()}


def is_dollar(asset: Asset) -> bool:
    """Whether it is the currency that every price is stored in."""
    return asset.kind == Asset.Kind.FIAT and asset.symbol == "USD"


def rate_asset(code: str) -> Asset | None:
    """The asset that stands for a currency code or "BTC"; None for an unknown code."""
    return Asset.objects.filter(symbol=code).first()


def exchange_rate(code: str, into: str, moment: datetime) -> Decimal | None:
    """Units of `into` per unit of `code` at that moment, through the dollar, cut to 18 places.

    None when either has no price within 7 days before the moment.
    """
    if code == into:
        return Decimal(1)
    dollars, dollars_into = _dollars(code, moment), _dollars(into, moment)
    if dollars is None or dollars_into is None:
        return None
    return (dollars / dollars_into).quantize(ONE_UNIT, ROUND_DOWN).normalize() + 0


def missing_closes(asset: Asset, since: datetime, until: datetime, step: timedelta = HOUR) -> list[datetime]:
    """The closing instants in [since, until] that no snapshot covers, oldest first.

    An interval is covered when a snapshot stands in it: later than one step before its close, and not
    later than the close. So a covered hour is one at whose end `price_at` answers with grade A.
    """
    first, last = ceiling(since, step), floor(until, step)
    stored = PriceSnapshot.objects.of(asset).filter(at__gt=first - step, at__lte=last)
    covered = {ceiling(at, step) for at in stored.order_by().values_list("at", flat=True)}
    closes = (first + number * step for number in range((last - first) // step + 1))
    return [close for close in closes if close not in covered]


def gaps(asset: Asset, *, longer_than: timedelta, until: datetime) -> list[tuple[datetime, datetime]]:
    """Pairs (before, after) of neighbouring snapshots further apart than that; `until` ends the last."""
    instants = [*(at for at in hops(asset.pk, longer_than) if at < until), until]
    return [(before, after) for before, after in pairwise(instants) if after - before > longer_than]


def ceiling(at: datetime, step: timedelta) -> datetime:
    """The full hour (or UTC midnight, for a step of a day) at or after an instant."""
    return floor(at - timedelta.resolution, step) + step


def floor(at: datetime, step: timedelta) -> datetime:
    """The full hour (or UTC midnight) at or before an instant."""
    start = datetime(1970, 1, 1, tzinfo=UTC)
    return at - (at - start) % step


def _closes(
    assets: Iterable[Asset], moments: Iterable[datetime], within: timedelta
) -> dict[int, dict[datetime, Decimal]]:
    assets, moments = list(assets), list(moments)
    closes: dict[int, dict[datetime, Decimal]] = {asset.pk: {} for asset in assets}
    for asset in assets:
        if is_dollar(asset):
            closes[asset.pk] = dict.fromkeys(moments, Decimal(1))
    wanted = [asset.pk for asset in assets if not is_dollar(asset)]
    for asset_pk, number, price in last_prices(wanted, moments, within):
        closes[asset_pk][moments[number]] = price
    return closes


def _steps(since: datetime, until: datetime, step: timedelta) -> Iterator[datetime]:
    """The full hours, or the UTC midnights, in [since, until]."""
    close = ceiling(since.astimezone(UTC), step)
    while close <= until:
        yield close
        close += step


def _at_or_before(asset_pk: Any, moment: Any) -> QuerySet[PriceSnapshot]:
    return PriceSnapshot.objects.filter(asset_id=asset_pk, at__lte=moment).order_by("-at")


def _grade(distance: timedelta) -> tuple[str, timedelta]:
    return grade_of(distance), distance


def _dollars(code: str, moment: datetime) -> Decimal | None:
    if code == "USD":
        return Decimal(1)
    asset = rate_asset(code)
    quote = None if asset is None else price_at(asset, moment)
    return None if quote is None else quote.price
