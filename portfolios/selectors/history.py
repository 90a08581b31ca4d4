"""Values over time: of portfolios, and of one asset with the trades on it. Chart series are floats."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from portfolios.models import Portfolio
from portfolios.selectors.books import Key, Step, steps
from prices.models import Asset, PriceSnapshot
from prices.selectors import OLDEST_PRICE, daily_closes, latest_prices, rate_asset, snapshots_between

POINTS = 400  # a chart shows no more
HOURLY_SPAN = timedelta(days=8)  # spans up to this are drawn from every snapshot, longer ones from closes
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Series:
    """Values at shared moments, ascending. A value is None where a price of something held is unknown."""

    at: tuple[datetime, ...] = ()
    value: tuple[Decimal | None, ...] = ()
    net_money_in: tuple[Decimal | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Trades:
    """An asset's price, and the transactions on it: (at, price, kind, signed quantity), in one currency."""

    at: tuple[datetime, ...]
    price: tuple[Decimal | None, ...]
    marks: tuple[tuple[datetime, Decimal, str, Decimal], ...]


class _Known:
    """One asset's prices in time order, asked for the last one at or before a moment."""

    def __init__(self, pairs: Iterable[tuple[datetime, Decimal]]) -> None:
        self.pairs = sorted(pairs)
        self.times = [at for at, _ in self.pairs]

    def at(self, moment: datetime) -> Decimal | None:
        place = bisect_right(self.times, moment) - 1
        if place < 0 or moment - self.times[place] > OLDEST_PRICE:
            return None
        return self.pairs[place][1]


def value_history(
    portfolios: Sequence[Portfolio],
    *,
    currency: str,
    since: datetime | None,
    until: datetime,
    booked: Sequence[Step] | None = None,
    assets: Sequence[Asset] | None = None,
) -> Series:
    """Return value and net money in from `since` (None: the first transaction) to `until`.

    Long spans have a point at each UTC midnight and one at the end; spans of a week each snapshot's time.
    Assets that never had a price are left out of both lines, as the page's totals leave them out.
    `booked` and `assets`: what `steps` said, and what it is about, where the page has read them already.
    """
    booked = [step for step in _steps(portfolios, currency, booked) if step.at <= until]
    if not booked:
        return Series()
    first = max(since or booked[0].at, booked[0].at)
    if assets is None:
        assets = list(Asset.objects.filter(pk__in={step.key[1] for step in booked}))
    known = _with_any_price(assets, _known_prices(assets, currency, first, until), until)
    moments = _thinned(_moments(known, first, until))
    states = list(_states([step for step in booked if step.key[1] in known], moments))
    if not known:
        return Series(tuple(moments), (None,) * len(moments), (None,) * len(moments))
    return Series(
        at=tuple(moments),
        value=tuple(_value(held, known, moment) for moment, (held, _) in zip(moments, states, strict=True)),
        net_money_in=tuple(money for _, money in states),
    )


def price_with_trades(
    portfolios: Sequence[Portfolio],
    asset: Asset,
    *,
    currency: str,
    since: datetime | None,
    until: datetime,
    booked: Sequence[Step] | None = None,
) -> Trades:
    """Return an asset's price from `since` (None: a month before the first trade) with the trades on it."""
    found = _steps(portfolios, currency, booked)
    mine = [step for step in found if step.key[1] == asset.pk and step.at <= until]
    first = since or (mine[0].at - 30 * DAY if mine else until - 365 * DAY)
    known = _known_prices([asset], currency, first, until)
    moments = _thinned(_moments(known, first, until))
    return Trades(
        at=tuple(moments),
        price=tuple(known[asset.pk].at(moment) for moment in moments),
        marks=tuple(
            (step.at, step.unit_price, step.kind, step.quantity)
            for step in mine
            if step.unit_price is not None and step.at >= first
        ),
    )


def _steps(portfolios: Sequence[Portfolio], currency: str, booked: Sequence[Step] | None) -> Sequence[Step]:
    return steps(portfolios, currency) if booked is None else booked


def _known_prices(
    assets: Sequence[Asset], currency: str, since: datetime, until: datetime
) -> dict[int, _Known]:
    """Prices in the currency that was asked for, each converted at the rate of its own time."""
    start = since - OLDEST_PRICE
    hourly = until - since <= HOURLY_SPAN
    closes = {} if hourly else daily_closes(assets, since=start, until=until)
    recent = start if hourly else max(start, until - 2 * DAY)  # the hours since the last close
    dollars = _dollars_per(currency, start, until)
    pairs = {asset.pk: [*closes.get(asset.pk, {}).items()] for asset in assets}
    rows = PriceSnapshot.objects.filter(asset__in=assets).between(recent, until).order_by()
    for asset_pk, at, price in rows.values_list("asset_id", "at", "price"):
        pairs[asset_pk].append((at, price))
    return {pk: _Known(_converted(found, dollars)) for pk, found in pairs.items()}


def _with_any_price(assets: Sequence[Asset], known: dict[int, _Known], until: datetime) -> dict[int, _Known]:
    """Leave out what never had a price; what has none in this span stays, and makes a gap."""
    silent = [asset for asset in assets if not known[asset.pk].pairs]
    never = {asset.pk for asset in silent} - latest_prices(silent, now=until).keys()
    return {pk: each for pk, each in known.items() if pk not in never}


def _converted(
    pairs: Iterable[tuple[datetime, Decimal]], dollars: Callable[[datetime], Decimal | None]
) -> Iterator[tuple[datetime, Decimal]]:
    for at, price in pairs:
        rate = dollars(at)
        if rate is not None:
            yield at, price / rate


def _dollars_per(currency: str, since: datetime, until: datetime) -> Callable[[datetime], Decimal | None]:
    """US dollars per unit of the currency at a moment; read a week earlier, for days without a fixing."""
    if currency == "USD":
        return lambda _: Decimal(1)
    asset = rate_asset(currency)
    if asset is None:
        return lambda _: None
    quotes = snapshots_between(asset, since=since - OLDEST_PRICE, until=until)
    return _Known((quote.at, quote.price) for quote in quotes).at


def _moments(known: dict[int, _Known], since: datetime, until: datetime) -> list[datetime]:
    if until - since <= HOURLY_SPAN:
        times = {at for each in known.values() for at in each.times if since <= at <= until}
        return sorted(times | {since, until})
    midnight = since.replace(hour=0, minute=0, second=0, microsecond=0) + DAY
    days = [midnight + DAY * number for number in range((until - midnight).days + 1)]
    return [since, *days] if days and days[-1] == until else [since, *days, until]


def _thinned(moments: list[datetime]) -> list[datetime]:
    """At most POINTS moments, evenly picked, first and last kept."""
    if len(moments) <= POINTS:
        return moments
    step = (len(moments) - 1) / (POINTS - 1)
    return [moments[round(number * step)] for number in range(POINTS)]


def _states(
    booked: list[Step], moments: list[datetime]
) -> Iterator[tuple[dict[Key, Decimal], Decimal | None]]:
    """For each moment: the quantities held then, and the money that had come in, less what had gone out."""
    held: dict[Key, Decimal] = {}
    place = 0
    money: Decimal | None = Decimal(0)
    for moment in moments:
        while place < len(booked) and booked[place].at <= moment:
            step = booked[place]
            held[step.key] = held.get(step.key, Decimal(0)) + step.quantity
            money = None if money is None or step.flow is None else money + step.flow
            place += 1
        yield dict(held), money


def _value(held: dict[Key, Decimal], known: dict[int, _Known], moment: datetime) -> Decimal | None:
    """None as soon as a price of something held is unknown: a gap is a gap."""
    value = Decimal(0)
    for (_, asset), quantity in held.items():
        if not quantity:
            continue
        price = known[asset].at(moment)
        if price is None:
            return None
        value += quantity * price
    return value
