"""What the ticker and the price pages show, as frozen dataclasses. Reads only; `now` comes from the door.

Changes and ranges are anchored at the newest stored price, not at the clock: on old prices they say what
happened until then, and the page says how old they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from prices.models import Asset, PriceSnapshot
from prices.selectors import DAY, HOUR, Quote
from prices.series import last_prices

FRESH = timedelta(minutes=30)
FAVOURITES = ("BTC", "ETH", "SOL")
TICKER_ROWS = 3
WEEK, MONTH = 7 * DAY, 30 * DAY
# A change over a span needs a price from that long ago, give or take: else it would be another span's.
DAY_SLACK, LONG_SLACK = 6 * HOUR, DAY


@dataclass(frozen=True, slots=True)
class Row:
    """One asset with its newest price, in US dollars, and what it did before; None where that is unknown."""

    asset: Asset
    quote: Quote
    is_stale: bool
    day_change: Decimal | None = None
    week_change: Decimal | None = None
    month_change: Decimal | None = None
    closes: tuple[Decimal, ...] = ()  # of the last 30 days, oldest first


@dataclass(frozen=True, slots=True)
class Ticker:
    rows: tuple[Row, ...]
    newest: datetime | None  # of all tracked assets, shown or not: what "anything newer?" is asked against
    now: datetime

    @property
    def at(self) -> datetime | None:
        """When the newest of the shown prices was said."""
        return max((row.quote.at for row in self.rows), default=None)

    @property
    def is_stale(self) -> bool:
        return all(row.is_stale for row in self.rows)

    @property
    def is_today(self) -> bool:
        """Whether that was today, for the reader."""
        return self.at is not None and timezone.localdate(self.at) == timezone.localdate(self.now)

    @property
    def since(self) -> str:
        """`newest` as the address of the next question carries it."""
        return self.newest.astimezone(UTC).isoformat().replace("+00:00", "Z") if self.newest else ""


def ticker(*, now: datetime) -> Ticker:
    """The prices beside every page: tracked coins, the best known first. Two queries."""
    shown = Q(is_tracked=True) | Q(symbol__in=FAVOURITES)
    found = _newest(Asset.objects.crypto().filter(shown), now)
    first = sorted(found, key=_fame)[:TICKER_ROWS]
    day_ago = changes(first, DAY, slack=DAY_SLACK)
    rows = tuple(Row(asset, quote, _is_stale(quote, now), day_ago.get(asset.pk)) for asset, quote in first)
    return Ticker(rows, max((quote.at for _, quote in found), default=None), now)


def newest_at(*, now: datetime) -> datetime | None:
    """When the newest price of a tracked coin was said. One query; the same question as the ticker's."""
    shown = Q(is_tracked=True) | Q(symbol__in=FAVOURITES)
    found = _newest(Asset.objects.crypto().filter(shown), now)
    return max((quote.at for _, quote in found), default=None)


def price_rows(*, now: datetime) -> list[Row]:
    """Every tracked coin, or, before any is tracked, every coin that has a price; the best known first."""
    found = _newest(Asset.objects.tracked(), now) or _newest(Asset.objects.crypto(), now)
    found = sorted(found, key=_fame)
    day_ago = changes(found, DAY, slack=DAY_SLACK)
    week_ago = changes(found, WEEK, slack=LONG_SLACK)
    closes = _month_of_closes(found)
    return [
        Row(
            asset,
            quote,
            _is_stale(quote, now),
            day_ago.get(asset.pk),
            week_ago.get(asset.pk),
            closes=closes.get(asset.pk, ()),
        )
        for asset, quote in found
    ]


def price_row(asset: Asset, *, now: datetime) -> Row | None:
    """One coin with its changes over a day, a week and 30 days; None when it has no price at all."""
    found = _newest(Asset.objects.filter(pk=asset.pk), now)
    if not found:
        return None
    spans = ((DAY, DAY_SLACK), (WEEK, LONG_SLACK), (MONTH, LONG_SLACK))
    over = [changes(found, span, slack=slack).get(asset.pk) for span, slack in spans]
    quote = found[0][1]
    return Row(asset, quote, _is_stale(quote, now), *over)


def changes(found: Sequence[tuple[Asset, Quote]], span: timedelta, *, slack: timedelta) -> dict[int, Decimal]:
    """By asset pk, newest price ÷ the price a span earlier − 1. Assets without a price then are left out."""
    moments = sorted({quote.at - span for _, quote in found})
    before = {
        (pk, moments[number]): price
        for pk, number, price in last_prices([asset.pk for asset, _ in found], moments, slack)
    }
    return {
        asset.pk: quote.price / then - 1
        for asset, quote in found
        if (then := before.get((asset.pk, quote.at - span)))
    }


def _newest(assets: QuerySet[Asset], now: datetime) -> list[tuple[Asset, Quote]]:
    """Assets with their last price at or before `now`, in one query; those without one are left out."""
    last = PriceSnapshot.objects.filter(asset=OuterRef("pk"), at__lte=now).order_by("-at")
    snapshots = PriceSnapshot.objects.filter(
        pk__in=assets.order_by().values_list(Subquery(last.values("pk")[:1]))
    )
    return [
        (snapshot.asset, Quote(snapshot.price, snapshot.at, snapshot.source))
        for snapshot in snapshots.select_related("asset").order_by("asset__symbol")
    ]


def _month_of_closes(found: Sequence[tuple[Asset, Quote]]) -> dict[int, tuple[Decimal, ...]]:
    """The price at each of the last 30 midnights before the newest price of all."""
    if not found:
        return {}
    end = max(quote.at for _, quote in found)
    midnight = end.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    moments = [midnight - days * DAY for days in range(30, -1, -1)]
    closes: dict[int, list[Decimal]] = {}
    for pk, _, price in sorted(last_prices([asset.pk for asset, _ in found], moments, HOUR)):
        closes.setdefault(pk, []).append(price)
    return {pk: tuple(prices) for pk, prices in closes.items()}


def _fame(pair: tuple[Asset, Quote]) -> tuple[bool, int, str]:
    asset = pair[0]
    known = FAVOURITES.index(asset.symbol) if asset.symbol in FAVOURITES else len(FAVOURITES)
    return not asset.is_tracked, known, asset.symbol


def _is_stale(quote: Quote, now: datetime) -> bool:
    return now - quote.at > FRESH
