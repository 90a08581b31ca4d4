"""What the ticker and the price pages show, as frozen dataclasses. Reads only; `now` comes from the door.

Changes and ranges are anchored at the newest stored price, not at the clock: on old prices they say what
happened until then, and the page says how old they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from prices.models import Asset, PriceSnapshot
from prices.selectors import DAY, FRESH, HOUR, Quote, price_table, rate_asset
from prices.series import last_prices

Found = Sequence[tuple[Asset, Quote]]
Changes = dict[tuple[int, timedelta], Decimal]

FAVOURITES = ("BTC", "ETH", "SOL")
TICKER_ROWS = 3
WEEK, MONTH = 7 * DAY, 30 * DAY
# A change over a span needs a price from that long ago, give or take: else it would be another span's.
DAY_SLACK, LONG_SLACK = 6 * HOUR, DAY


@dataclass(frozen=True, slots=True)
class Row:
    """One asset with its newest price, in US dollars, and what it did before; None where that is unknown.

    `local` is the price in another currency, where that is asked for (`told_in`).
    """

    asset: Asset
    quote: Quote
    is_stale: bool
    day_change: Decimal | None = None
    week_change: Decimal | None = None
    month_change: Decimal | None = None
    closes: tuple[Decimal, ...] = ()  # of the last 30 days, oldest first
    local: Decimal | None = None


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
    found = _watched(now)
    first = sorted(found, key=_fame)[:TICKER_ROWS]
    over = changes(first, DAY, slack=DAY_SLACK)
    rows = tuple(_row(asset, quote, now, over) for asset, quote in first)
    return Ticker(rows, max((quote.at for _, quote in found), default=None), now)


def newest_at(*, now: datetime) -> datetime | None:
    """When the newest price that `ticker` knows of was said. One query."""
    return max((quote.at for _, quote in _watched(now)), default=None)


def price_rows(*, now: datetime) -> list[Row]:
    """Every tracked coin, or, before any is tracked, every coin that has a price; the best known first."""
    found = _newest(Asset.objects.tracked(), now) or _newest(Asset.objects.crypto(), now)
    found = sorted(found, key=_fame)
    over = changes(found, DAY, slack=DAY_SLACK) | changes(found, WEEK, slack=LONG_SLACK)
    closes = _month_of_closes(found)
    return [_row(asset, quote, now, over, closes[asset.pk]) for asset, quote in found]


def told_in(currency: str, rows: Sequence[Row]) -> list[Row]:
    """The rows with their prices in a currency too, each at the rate of its own time: an old price meets no
    newer rate. None where none is known of the week before; nothing for dollars. At most two queries.
    """
    target = None if currency == "USD" else rate_asset(currency)
    if target is None:
        return list(rows)
    moments = sorted({row.quote.at for row in rows})
    rates = dict(zip(moments, price_table([target], moments)[target.pk], strict=True))
    return [_converted(row, rates[row.quote.at]) if row.asset != target else row for row in rows]


def _converted(row: Row, rate: Decimal | None) -> Row:
    return replace(row, local=row.quote.price / rate if rate else None)


def unpriced_coins(*, now: datetime) -> list[Asset]:
    """The tracked coins that `price_rows` has nothing to tell about yet, by name."""
    known = PriceSnapshot.objects.filter(asset=OuterRef("pk"), at__lte=now)
    return [*Asset.objects.tracked().filter(~Exists(known)).order_by("name")]


def price_row(asset: Asset, *, now: datetime) -> Row | None:
    """One asset with its changes over a day, a week and 30 days; None when it has no price at all."""
    found = _newest(Asset.objects.filter(pk=asset.pk), now)
    if not found:
        return None
    over = changes(found, DAY, slack=DAY_SLACK) | changes(found, WEEK, MONTH, slack=LONG_SLACK)
    return _row(*found[0], now, over)


def changes(found: Found, *spans: timedelta, slack: timedelta) -> Changes:
    """By asset pk and span, newest price ÷ the price that long before it − 1. What is unknown is left out."""
    moments = sorted({quote.at - span for _, quote in found for span in spans})
    before = {
        (pk, moments[number]): price
        for pk, number, price in last_prices([asset.pk for asset, _ in found], moments, slack)
    }
    return {
        (asset.pk, span): quote.price / then - 1
        for asset, quote in found
        for span in spans
        if (then := before.get((asset.pk, quote.at - span)))
    }


def _row(asset: Asset, quote: Quote, now: datetime, over: Changes, closes: tuple[Decimal, ...] = ()) -> Row:
    day, week, month = (over.get((asset.pk, span)) for span in (DAY, WEEK, MONTH))
    return Row(asset, quote, _is_stale(quote, now), day, week, month, closes)


def _watched(now: datetime) -> Found:
    """The tracked coins, and the best known ones before anybody tracks them."""
    shown = Q(is_tracked=True) | Q(symbol__in=FAVOURITES)
    return _newest(Asset.objects.crypto().filter(shown), now)


def _newest(assets: QuerySet[Asset], now: datetime) -> Found:
    """Assets with their last price at or before `now`, in one query; those without one are left out."""
    last = PriceSnapshot.objects.filter(asset=OuterRef("pk"), at__lte=now).order_by("-at")
    columns = {f"last_{name}": Subquery(last.values(name)[:1]) for name in ("price", "at", "source")}
    found = [
        (asset, [getattr(asset, name) for name in columns])
        for asset in assets.annotate(**columns).order_by("symbol")
    ]
    return [(asset, Quote(*quote)) for asset, quote in found if quote[0] is not None]


def _month_of_closes(found: Found) -> dict[int, tuple[Decimal, ...]]:
    """The price at each of the last 30 midnights before the newest price of all, where there is one."""
    if not found:
        return {}
    end = max(quote.at for _, quote in found)
    midnight = end.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    moments = [midnight - days * DAY for days in range(30, -1, -1)]
    closes: dict[int, list[Decimal]] = {asset.pk: [] for asset, _ in found}
    for pk, _, price in sorted(last_prices([*closes], moments, HOUR)):
        closes[pk].append(price)
    return {pk: tuple(prices) for pk, prices in closes.items()}


def _fame(pair: tuple[Asset, Quote]) -> tuple[bool, int, str]:
    asset = pair[0]
    known = FAVOURITES.index(asset.symbol) if asset.symbol in FAVOURITES else len(FAVOURITES)
    return not asset.is_tracked, known, asset.symbol


def _is_stale(quote: Quote, now: datetime) -> bool:
    return now - quote.at > FRESH
