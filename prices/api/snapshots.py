"""Stored prices, by Unix timestamp and the latest."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Query, Router

from prices.models import Asset
from prices.schemas import PriceAsked, PriceOut
from prices.selectors import is_dollar, latest_prices

router = Router()


@router.get("/prices/{symbol}", response=PriceOut)
def read_price(request: HttpRequest, symbol: str, asked: Query[PriceAsked]) -> dict[str, Any]:
    """The last price at or before a moment, whatever its age; 404 if there is none."""
    return _told(symbol, asked.timestamp)


@router.get("/prices/{symbol}/latest", response=PriceOut)
def read_latest_price(request: HttpRequest, symbol: str) -> dict[str, Any]:
    """The last price there is; 404 if there is none."""
    return _told(symbol, request.now)


def _told(symbol: str, moment: datetime) -> dict[str, Any]:
    asset = Asset.objects.found_by(symbol) or Asset.objects.found_by(symbol.upper())
    quote = latest_prices([asset], now=moment).get(asset.pk) if asset and not is_dollar(asset) else None
    if asset is None or quote is None:
        raise Http404
    return {
        "symbol": asset.symbol,
        "currency": "USD",
        "at": quote.at,
        "price": quote.price,
        "source": quote.source,
        "age_seconds": int((moment - quote.at).total_seconds()),
    }
