"""The routes of the first system: single coins, stated whole, in the user's default portfolio."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest
from ninja import Query, Router, Status
from ninja.errors import HttpError

from portfolios import services
from portfolios.api.stating import UNKNOWN_COIN
from portfolios.models import Portfolio
from portfolios.schemas.first import (
    AssetChange,
    AssetIn,
    AssetOut,
    AssetReplacement,
    Close,
    Closes,
    Period,
    PortfolioSummary,
)
from portfolios.selectors import Overview, overviews
from prices.models import Asset
from prices.schemas import Items, Window
from prices.selectors import DAY, HOUR, daily_closes, hourly_closes

CLOSES = {"hour": (HOUR, hourly_closes), "day": (DAY, daily_closes)}
MOST_CLOSES = 10_000
USUAL = 30 * DAY
FIELDS = {"asset": "symbol", "cost": "average_buy_price"}  # of a transaction → of these bodies

router = Router()


@router.post("/assets/", response={201: AssetOut})
def add_asset(request: HttpRequest, body: AssetIn) -> Status:
    """Recorded as one opening deposit with that cost. 409 once the coin has transactions."""
    asset = _named(body.symbol)
    if asset is None:
        raise ValidationError({"symbol": UNKNOWN_COIN})
    portfolio = services.default_portfolio(owner=request.user)
    _stating(
        services.open_holding,
        portfolio=portfolio,
        asset=asset,
        quantity=body.quantity,
        price=body.average_buy_price,
        now=request.now,
    )
    return Status(201, _told(request, asset))


@router.get("/assets/", response=Items[AssetOut])
def list_assets(request: HttpRequest, window: Query[Window]) -> object:
    """What is held in the default portfolio, the most valuable first."""
    held = _overview(request).open_holdings
    items = [AssetOut.of(each) for each in window.of(held)]
    return Items[AssetOut].model_construct(items=items, count=len(held))


@router.get("/assets/{symbol}", response=AssetOut)
def read_asset(request: HttpRequest, symbol: str) -> AssetOut:
    """What is held of one coin."""
    return _told(request, _coin(symbol))


@router.put("/assets/{symbol}", response=AssetOut)
def replace_asset(request: HttpRequest, symbol: str, body: AssetReplacement) -> AssetOut:
    """Adjusts the opening deposit. 409 once the coin has other transactions."""
    return _adjusted(request, symbol, body)


@router.patch("/assets/{symbol}", response=AssetOut)
def change_asset(request: HttpRequest, symbol: str, body: AssetChange) -> AssetOut:
    """Adjusts what is given of the opening deposit. 409 once the coin has other transactions."""
    return _adjusted(request, symbol, body)


@router.delete("/assets/{symbol}", response={204: None})
def remove_asset(request: HttpRequest, symbol: str) -> Status:
    """Takes the opening deposit back. 409 once the coin has other transactions."""
    asset = _coin(symbol)
    _stating(services.remove_opening, portfolio=_default(request), asset=asset, now=request.now)
    return Status(204, None)


@router.get("/analytics/portfolio_summary", response=PortfolioSummary)
def portfolio_summary(request: HttpRequest) -> PortfolioSummary:
    """The default portfolio in one look."""
    return PortfolioSummary.of(_overview(request))


@router.get("/analytics/historical_prices/{symbol}", response=Closes)
def historical_prices(request: HttpRequest, symbol: str, period: Query[Period]) -> Closes:
    """Closes of a coin in US dollars, at most 10,000 of them."""
    asset = _coin(symbol)
    step, closes = CLOSES[period.interval]
    since, until = _asked(period, step, request.now)
    found = closes([asset], since=since, until=until)[asset.pk]
    prices = [Close.model_construct(at=at, price=price) for at, price in sorted(found.items())]
    return Closes.model_construct(
        symbol=asset.symbol, currency="USD", interval=period.interval, prices=prices
    )


def _asked(period: Period, step: Any, now: datetime) -> tuple[datetime, datetime]:
    until = min(period.until or now, now)
    since = period.since or until - USUAL
    if since > until:
        raise ValidationError({"from": "This lies after the end."})
    if (until - since) / step > MOST_CLOSES:
        raise ValidationError({"from": f"Ask for at most {MOST_CLOSES:,} prices at once."})
    return since, until


def _adjusted(request: HttpRequest, symbol: str, body: AssetChange) -> AssetOut:
    asset = _coin(symbol)
    if body.symbol is not None and _named(body.symbol) != asset:
        raise ValidationError({"symbol": "This is another coin than that of the address."})
    _stating(
        services.adjust_opening,
        portfolio=_default(request),
        asset=asset,
        quantity=body.quantity,
        price=body.average_buy_price,
        now=request.now,
    )
    return _told(request, asset)


def _stating(verb: Any, **stated: Any) -> None:
    """Call a service; what it refuses is told in the words of these routes."""
    try:
        verb(**stated)
    except services.OtherTransactions as error:
        raise HttpError(409, str(error)) from None
    except ValidationError as error:
        if not hasattr(error, "error_dict"):
            raise
        errors = error.error_dict.items()
        raise ValidationError({FIELDS.get(name, name): messages for name, messages in errors}) from None


def _default(request: HttpRequest) -> Portfolio:
    """The default portfolio, which reading does not make. Raises Http404."""
    found = Portfolio.objects.owned_by(request.user).first()
    if found is None:
        raise Http404("Nothing was ever recorded")
    return found


def _overview(request: HttpRequest) -> Overview:
    found = Portfolio.objects.owned_by(request.user)[:1]
    currency = found[0].currency if found else request.user.currency
    return overviews(list(found), currency=currency, now=request.now)[0]


def _told(request: HttpRequest, asset: Asset) -> AssetOut:
    """Raises Http404 for a coin that was never held."""
    found = next((each for each in _overview(request).holdings if each.asset == asset), None)
    if found is None:
        raise Http404("Never held")
    return AssetOut.of(found)


def _named(symbol: str) -> Asset | None:
    """The coin of that symbol, in any case."""
    rows = Asset.objects.crypto()
    return rows.filter(symbol=symbol).first() or rows.filter(symbol=symbol.upper()).first()


def _coin(symbol: str) -> Asset:
    """Raises Http404."""
    found = _named(symbol)
    if found is None:
        raise Http404("No such coin")
    return found
