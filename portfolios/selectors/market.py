"""What the assets of a page are worth, in the currency of the page: the latest prices, converted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portfolios.selectors.formulas import converted
from prices.models import Asset
from prices.selectors import Quote, latest_prices, prices_at, rate_asset


@dataclass(frozen=True, slots=True)
class Market:
    """Last known prices at one moment. `price` is in the page's currency, quotes are in US dollars."""

    quotes: dict[int, Quote]
    dollars: dict[datetime, Decimal]  # US dollars per unit of the page's currency, when each quote was true
    rate_at: datetime | None = None  # when the rate at the newest quote was fixed

    def price(self, asset: int) -> Decimal | None:
        """A price of some day is converted at the rate of that day: an old price meets no newer rate."""
        quote = self.quotes.get(asset)
        rate = self.dollars.get(quote.at) if quote else None
        return None if quote is None else converted(quote.price, rate)


def market(assets: Iterable[Asset], currency: str, moment: datetime) -> Market:
    """Look up the last known prices of assets at a moment, whatever their age, and the rates of then."""
    quotes = latest_prices({asset.pk: asset for asset in assets}.values(), now=moment)
    times = {quote.at for quote in quotes.values()}
    if currency == "USD":
        return Market(quotes, dict.fromkeys(times, Decimal(1)))
    target = rate_asset(currency)
    if target is None or not times:
        return Market(quotes, {})
    newest = latest_prices([target], now=max(times)).get(target.pk)
    return Market(quotes, prices_at(target, times), newest.at if newest else None)
