"""The overview: what portfolios are worth, what they cost, what was earned; one by one and together."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.db.models import Exists, OuterRef

from portfolios.ledger import ratio, total
from portfolios.models import Booking, Holding, Portfolio
from portfolios.selectors.anew import Key
from portfolios.selectors.books import Books, Step, books, steps
from portfolios.selectors.figures import HoldingFigures, Overview, PriceState
from portfolios.selectors.formulas import less, worth
from portfolios.selectors.market import Market, market
from prices.models import Asset
from prices.selectors import DAY, FRESH, OLDEST_PRICE, latest_prices


@dataclass(frozen=True, slots=True)
class _Loaded:
    """All that the overviews of a page are computed from: read once, shared by all of them."""

    assets: dict[int, Asset]
    books: Books
    now: Market
    day_end: datetime | None  # of the last day that can be told
    then: Market  # a day before it
    recent: list[Step]  # what happened since that day began


def overview(portfolio: Portfolio, *, currency: str, now: datetime) -> Overview:
    """Return the figures of one portfolio at a moment: what happened until then, at the prices of then."""
    return overviews([portfolio], currency=currency, now=now)[0]


def overviews(
    portfolios: Sequence[Portfolio], *, currency: str, now: datetime
) -> tuple[Overview, dict[int, Overview]]:
    """Return the figures of all portfolios together, and of each by its pk; one set of queries for all."""
    loaded = _load(portfolios, currency, now)
    keys = loaded.books.held.keys()
    each = {
        portfolio.pk: _overview([key for key in keys if key[0] == portfolio.pk], loaded, currency, now)
        for portfolio in portfolios
    }
    return _overview(keys, loaded, currency, now, together=len(portfolios) > 1), each


def _load(portfolios: Sequence[Portfolio], currency: str, now: datetime) -> _Loaded:
    found = books(portfolios, currency, now)
    assets = found.assets
    latest = market(assets.values(), currency, now)
    day_end = _day_end(portfolios, assets, latest, now)
    then = market(assets.values(), currency, day_end - DAY) if day_end else latest
    recent = steps(portfolios, currency, since=day_end - DAY, until=now) if day_end else []
    return _Loaded(assets, found, latest, day_end, then, recent)


def _day_end(
    portfolios: Sequence[Portfolio], assets: dict[int, Asset], latest: Market, now: datetime
) -> datetime | None:
    """Old prices stand still: the last day that can be told is the one that ends with the newest of them.

    The newest of anything that the owners have held: so it is the same day for one portfolio and for all.
    """
    bookings = Booking.objects.filter(
        portfolio=OuterRef("portfolio"), asset=OuterRef("asset"), occurred_at__lte=now
    )
    holdings = Holding.objects.filter(portfolio__owner__in={each.owner_id for each in portfolios})
    held = holdings.filter(Exists(bookings)).exclude(asset__in=assets).values("asset")
    others = latest_prices(Asset.objects.filter(pk__in=held), now=now)
    times = [quote.at for quote in (*latest.quotes.values(), *others.values())]
    return min(now, max(times)) if times else None


def _overview(
    keys: Collection[Key], loaded: _Loaded, currency: str, now: datetime, *, together: bool = False
) -> Overview:
    """`together`: portfolios looked at as one, where what is transferred between them is no flow."""
    by_asset: dict[int, list[Key]] = defaultdict(list)
    for key in keys:
        by_asset[key[1]].append(key)
    figures = [_holding(loaded.assets[pk], those, loaded, together) for pk, those in by_asset.items()]
    worth = [each.value for each in figures if each.value is not None]
    gains = [each.unrealised for each in figures if each.unrealised is not None]
    change, end_value = _day(keys, loaded)
    prices = _price_state(figures, loaded, now)
    value = sum(worth, Decimal(0)) if worth or not prices.missing else None
    return Overview(
        as_of=now,
        currency=currency,
        holdings=tuple(sorted((_weighted(each, value) for each in figures), key=_rank)),
        position=total(each.position for each in figures if each.position),
        valued=total(each.position for each in figures if each.position and each.value is not None),
        value=value,
        unrealised=sum(gains, Decimal(0)) if gains or not figures else None,
        day_change=change,
        day_end_value=end_value,
        day_start=loaded.day_end - DAY if loaded.day_end else None,
        prices=prices,
    )


def _holding(asset: Asset, keys: Collection[Key], loaded: _Loaded, together: bool) -> HoldingFigures:
    known = [loaded.books.positions[key] for key in keys if key in loaded.books.positions]
    position = total(known) if known else None
    if position and together:
        position = position.without_transfers()
    quantity = sum((loaded.books.held[key] for key in keys), Decimal(0))
    quote, price = loaded.now.quotes.get(asset.pk), loaded.now.price(asset.pk)
    value = worth(quantity, price)
    return HoldingFigures(
        asset=asset,
        position=position,
        quantity=quantity,
        price=price,
        price_at=quote.at if quote else None,
        price_source=quote.source if quote else "",
        value=value,
        unrealised=less(worth(position.quantity, price), position.cost_basis) if position else None,
        is_rated=len(known) == len(keys),
        day_change_ratio=_change(price, loaded.then.price(asset.pk)),
    )


def _change(now: Decimal | None, then: Decimal | None) -> Decimal | None:
    return None if now is None or then is None else ratio(now - then, then)


def _weighted(figures: HoldingFigures, whole: Decimal | None) -> HoldingFigures:
    return replace(figures, weight=ratio(figures.value, whole))


def _rank(figures: HoldingFigures) -> tuple[bool, Decimal, str]:
    return not figures.is_open, -(figures.value or Decimal(0)), figures.asset.symbol


def _price_state(figures: Sequence[HoldingFigures], loaded: _Loaded, now: datetime) -> PriceState:
    times = [each.price_at for each in figures if each.is_open and each.price_at]
    newest, oldest = (max(times), min(times)) if times else (None, None)
    missing = {each.asset.symbol for each in figures if each.value is None}
    unrated = {each.asset.symbol for each in figures if not each.is_rated} - missing
    lagging = {each.asset.symbol for each in figures if _lags(each, newest)}
    is_stale = newest is not None and now - newest > FRESH
    is_old = newest and loaded.now.rate_at and newest - loaded.now.rate_at > OLDEST_PRICE
    return PriceState(
        newest_at=newest,
        oldest_at=oldest,
        stale=is_stale,
        missing=tuple(sorted(missing)),
        unrated=tuple(sorted(unrated)),
        lagging=tuple(sorted(lagging)),
        rate_at=loaded.now.rate_at if is_old else None,
    )


def _lags(figures: HoldingFigures, newest: datetime | None) -> bool:
    """Whether its price is more than a day older than the newest: then the badge of the newest is not its."""
    if not figures.is_open or newest is None or figures.price_at is None:
        return False
    return newest - figures.price_at > DAY


def _day(keys: Collection[Key], loaded: _Loaded) -> tuple[Decimal | None, Decimal | None]:
    """The last known day's result, and the value at its end; None where a price or a flow is unknown.

    Result = value at the end - value at the start - what flowed in + what flowed out. What was held then is
    what is held now less what has come since.
    """
    if loaded.day_end is None:
        return None, None
    end, start = dict(loaded.books.held), dict(loaded.books.held)
    flowed: Decimal | None = Decimal(0)
    for step in (each for each in loaded.recent if each.key in keys):
        start[step.key] -= step.quantity
        if step.at > loaded.day_end:
            end[step.key] -= step.quantity
        else:
            flowed = None if flowed is None or step.flow is None else flowed + step.flow
    after, before = _worth_of(keys, end, loaded.now), _worth_of(keys, start, loaded.then)
    if after is None or before is None or flowed is None:
        return None, after
    return after - before - flowed, after


def _worth_of(keys: Iterable[Key], held: dict[Key, Decimal], prices: Market) -> Decimal | None:
    """Everything together; None as soon as something of it has no price."""
    worths = [worth(held[key], prices.price(key[1])) for key in keys]
    return (
        None if any(each is None for each in worths) else sum((each for each in worths if each), Decimal(0))
    )
