"""The overview: what portfolios are worth, what they cost, what was earned; one by one and together."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from portfolios.ledger import ratio, total
from portfolios.models import Portfolio
from portfolios.selectors.books import Books, Step, books, steps
from portfolios.selectors.figures import HoldingFigures, Overview, PriceState
from portfolios.selectors.market import Market, market
from prices.models import Asset

FRESH = timedelta(minutes=30)  # older prices are said to be old
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Loaded:
    """All that the overviews of a page are computed from: read once, shared by all of them."""

    assets: dict[int, Asset]
    books: Books
    now: Market
    day_start: datetime | None
    then: Market
    recent: list[Step]


def overview(portfolio: Portfolio, *, currency: str, now: datetime) -> Overview:
    """Return the figures of one portfolio."""
    return overviews([portfolio], currency=currency, now=now)[0]


def overviews(
    portfolios: Sequence[Portfolio], *, currency: str, now: datetime, booked: Sequence[Step] | None = None
) -> tuple[Overview, dict[int, Overview]]:
    """Return the figures of all portfolios together, and of each by its pk; one set of queries for all.

    `booked`: what `steps` said, where the page has asked already.
    """
    loaded = _load(portfolios, currency, now, booked)
    keys = loaded.books.positions.keys() | loaded.books.unknown
    each = {
        portfolio.pk: _overview([key for key in keys if key[0] == portfolio.pk], loaded, currency, now)
        for portfolio in portfolios
    }
    return _overview(list(keys), loaded, currency, now), each


def _load(
    portfolios: Sequence[Portfolio], currency: str, now: datetime, booked: Sequence[Step] | None
) -> _Loaded:
    found = books(portfolios, currency)
    assets = Asset.objects.in_bulk({asset for _, asset in found.positions.keys() | found.unknown})
    latest = market(assets.values(), currency, now)
    times = [latest.quotes[pk].at for pk in assets if pk in latest.quotes]
    # Old prices stand still: the last day that can be told is the one that ends with the newest of them.
    day_start = min(now, max(times)) - DAY if times else None
    then = market(assets.values(), currency, day_start) if day_start else latest
    recent = _since(day_start, portfolios, currency, booked) if day_start else []
    return _Loaded(assets, found, latest, day_start, then, recent)


def _since(
    start: datetime, portfolios: Sequence[Portfolio], currency: str, booked: Sequence[Step] | None
) -> list[Step]:
    if booked is None:
        return steps(portfolios, currency, since=start)
    return [step for step in booked if step.at > start]


def _overview(keys: list[tuple[int, int]], loaded: _Loaded, currency: str, now: datetime) -> Overview:
    by_asset: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for key in keys:
        by_asset[key[1]].append(key)
    figures = [_holding(loaded.assets[pk], those, loaded) for pk, those in by_asset.items()]
    worth = [each.value for each in figures if each.value is not None]
    missing = tuple(sorted(each.asset.symbol for each in figures if each.value is None))
    value = sum(worth, Decimal(0)) if worth or not missing else None
    return Overview(
        as_of=now,
        currency=currency,
        holdings=tuple(sorted((_weighted(each, value) for each in figures), key=_rank)),
        position=total(each.position for each in figures if each.position),
        valued=total(each.position for each in figures if each.position and each.value is not None),
        value=value,
        day_change=_day_change(set(keys), loaded),
        day_start=loaded.day_start,
        prices=_price_state(figures, missing, now),
    )


def _holding(asset: Asset, keys: list[tuple[int, int]], loaded: _Loaded) -> HoldingFigures:
    known = all(key in loaded.books.positions for key in keys)
    position = total(loaded.books.positions[key] for key in keys) if known else None
    quote, price = loaded.now.quotes.get(asset.pk), loaded.now.price(asset.pk)
    value = _worth(position.quantity, price) if position else None
    return HoldingFigures(
        asset=asset,
        position=position,
        quantity=position.quantity if position else None,
        price=price,
        price_at=quote.at if quote else None,
        price_source=quote.source if quote else "",
        value=value,
        unrealised=value - position.cost_basis if position and value is not None else None,
        day_change_ratio=_change(price, loaded.then.price(asset.pk)),
    )


def _worth(quantity: Decimal, price: Decimal | None) -> Decimal | None:
    """Nothing is worth 0 at any price; something is worth nothing that can be told without a price."""
    if not quantity:
        return Decimal(0)
    return None if price is None else quantity * price


def _change(now: Decimal | None, then: Decimal | None) -> Decimal | None:
    return None if now is None or then is None else ratio(now - then, then)


def _weighted(figures: HoldingFigures, whole: Decimal | None) -> HoldingFigures:
    return replace(figures, weight=ratio(figures.value, whole))


def _rank(figures: HoldingFigures) -> tuple[bool, Decimal, str]:
    return not figures.is_open, -(figures.value or Decimal(0)), figures.asset.symbol


def _price_state(figures: Iterable[HoldingFigures], missing: tuple[str, ...], now: datetime) -> PriceState:
    times = [each.price_at for each in figures if each.is_open and each.price_at]
    newest, oldest = (max(times), min(times)) if times else (None, None)
    return PriceState(newest, oldest, newest is not None and now - newest > FRESH, missing)


def _day_change(keys: set[tuple[int, int]], loaded: _Loaded) -> Decimal | None:
    """Value now - value a day before - what flowed in + what flowed out; None where a price is unknown.

    What was held a day before is what is held now less what has come since.
    """
    if loaded.day_start is None or keys & loaded.books.unknown:
        return None
    came: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    flowed = Decimal(0)
    for step in loaded.recent:
        if step.key in keys:
            came[step.key] += step.quantity
            flowed += step.money_in - step.money_out
    change = -flowed
    for key in keys:
        held = loaded.books.positions[key].quantity
        after = _worth(held, loaded.now.price(key[1]))
        before = _worth(held - came[key], loaded.then.price(key[1]))
        if after is None or before is None:
            return None
        change += after - before
    return change
