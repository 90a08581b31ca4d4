"""Values over time: of portfolios, and of one asset with the trades on it. Chart series are floats."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np
from django.db.models import OuterRef, Subquery

from portfolios.models import Booking, Portfolio
from portfolios.selectors.books import Step, steps
from portfolios.selectors.memory import Memory, forgetful
from portfolios.selectors.standings import standings
from portfolios.selectors.valuing import Numbers, prices_in, worth
from prices.models import Asset, PriceSnapshot
from prices.selectors import DAY, ceiling, latest_prices

POINTS = 400  # a chart shows no more
MARKS = 400  # nor more trades than this, the latest
HOURLY_SPAN = timedelta(days=8)  # spans up to this are drawn from every snapshot, longer ones by midnights


@dataclass(frozen=True, slots=True)
class Series:
    """Values at shared moments, ascending. A value is None where a price of something held is unknown."""

    at: tuple[datetime, ...] = ()
    value: tuple[float | None, ...] = ()
    net_money_in: tuple[float | None, ...] = ()

    def plus(self, end: "Series") -> "Series":
        return Series(self.at + end.at, self.value + end.value, self.net_money_in + end.net_money_in)


@dataclass(frozen=True, slots=True)
class Trades:
    """An asset's price, and the transactions on it: (at, price, kind, signed quantity), in one currency."""

    at: tuple[datetime, ...]
    price: tuple[float | None, ...]
    marks: tuple[tuple[datetime, Decimal, str, Decimal], ...]


def value_history(
    portfolios: Sequence[Portfolio],
    *,
    currency: str,
    since: datetime | None,
    until: datetime,
    assets: Sequence[Asset] | None = None,
    memory: Memory | None = None,
) -> Series:
    """Return value and net money in from `since` (None: the first transaction) to `until`.

    Long spans have a point at each UTC midnight and one at either end, thinned to 400; spans of a week one
    at each snapshot's time. Assets that never had a price are left out of both lines, as the page's totals
    leave them out. `assets`: those of the portfolios with a price, where the page has read them already. With
    a memory, what was up to the last midnight is computed only once.
    """
    recall = memory or forgetful(until)
    (began,) = recall.recall("began", lambda: (first_booking(portfolios),))
    if began is None or began > until:
        return Series()
    priced = _priced(portfolios, until) if assets is None else assets
    first = max(since or began, began)
    if until - first <= HOURLY_SPAN:
        return _series(portfolios, currency, priced, thinned(_snapshots(priced, first, until)))
    head = _by_midnights(first, until)
    name = f"values:{first}:{sorted(asset.pk for asset in priced)}"
    series = recall.recall(name, lambda: _series(portfolios, currency, priced, head))
    return series.plus(_series(portfolios, currency, priced, [until])) if until > head[-1] else series


def _series(
    portfolios: Sequence[Portfolio], currency: str, assets: Sequence[Asset], moments: list[datetime]
) -> Series:
    if not assets:
        return Series(tuple(moments), (None,) * len(moments), (None,) * len(moments))
    stood = standings(portfolios, currency, moments).about({asset.pk for asset in assets})
    value = worth(stood.by_asset(), prices_in(currency, assets, moments), len(moments))
    return Series(tuple(moments), known(value), known(stood.money()))


def price_with_trades(
    portfolios: Sequence[Portfolio],
    asset: Asset,
    *,
    currency: str,
    since: datetime | None,
    until: datetime,
    memory: Memory | None = None,
) -> Trades:
    """Return an asset's price from `since` (None: a month before the first trade) with the trades on it."""
    recall = memory or forgetful(until)
    (began,) = recall.recall(f"began:{asset.pk}", lambda: (first_booking(portfolios, asset),))
    first = since or (until - 365 * DAY if began is None or began > until else began - 30 * DAY)
    hourly = until - first <= HOURLY_SPAN
    moments = thinned(_snapshots([asset], first, until)) if hourly else _by_midnights(first, until)
    moments = sorted({*moments, until})
    after = first - timedelta.resolution
    trades = steps(portfolios, currency, since=after, until=until, asset=asset, latest=MARKS)
    return Trades(
        at=tuple(moments),
        price=known(prices_in(currency, [asset], moments)[asset.pk]),
        marks=tuple(_marks(trades)),
    )


def first_booking(portfolios: Sequence[Portfolio], asset: Asset | None = None) -> datetime | None:
    """When the first transaction of these portfolios, or of an asset in them, took place."""
    rows = Booking.objects.filter(portfolio=OuterRef("pk"), **({"asset": asset} if asset else {}))
    first = Subquery(rows.order_by("occurred_at").values("occurred_at")[:1])
    found = Portfolio.objects.filter(pk__in=[each.pk for each in portfolios]).order_by().values_list(first)
    return min((at for (at,) in found if at), default=None)


def known(line: Numbers) -> tuple[float | None, ...]:
    """The same with None for what is unknown."""
    return tuple(None if number != number else number for number in line.tolist())


def _marks(found: Iterable[Step]) -> Iterable[tuple[datetime, Decimal, str, Decimal]]:
    for step in found:
        if step.unit_price is not None:
            yield step.at, step.unit_price, step.kind, step.quantity


def _priced(portfolios: Sequence[Portfolio], until: datetime) -> list[Asset]:
    about = Asset.objects.filter(pk__in=Booking.objects.of(portfolios).values("asset"))
    quotes = latest_prices(about, now=until)
    return [asset for asset in about if asset.pk in quotes]


def _snapshots(assets: Sequence[Asset], since: datetime, until: datetime) -> list[datetime]:
    rows = PriceSnapshot.objects.filter(asset__in=assets).between(since, until)
    return sorted({*rows.order_by().values_list("at", flat=True), since, until})


def _by_midnights(since: datetime, until: datetime) -> list[datetime]:
    """The start and the midnights until the end, with room for the end itself."""
    midnight = ceiling(since, DAY)
    days = [midnight + DAY * number for number in range((until - midnight) // DAY + 1)]
    return thinned(sorted({since, *days}), POINTS if until in days else POINTS - 1)


def thinned(moments: list[datetime], points: int = POINTS) -> list[datetime]:
    """At most so many moments, evenly picked, first and last kept, and of each UTC month the first: tables
    beside charts are told by months.
    """
    if len(moments) <= points:
        return moments
    picked = np.linspace(0, len(moments) - 1, points).round().astype(int)
    inner = picked[1:-1]
    for place, (before, after) in enumerate(pairwise(moments[:-1]), start=1):
        if before.month != after.month:
            inner[np.abs(inner - place).argmin()] = place
    return [moments[place] for place in sorted({*picked.tolist()})]
