"""What the assets of a page are worth, in the currency of the page: the latest prices, converted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from prices.models import Asset
from prices.selectors import Quote, latest_prices, rate_asset


@dataclass(frozen=True, slots=True)
class Market:
    """Last known prices at one moment. `price` is in the page's currency, quotes are in US dollars."""

    quotes: dict[int, Quote]
    dollars: Quote | None  # US dollars per unit of the page's currency

    def price(self, asset: int) -> Decimal | None:
        quote = self.quotes.get(asset)
        return None if quote is None or self.dollars is None else quote.price / self.dollars.price


def market(assets: Iterable[Asset], currency: str, moment: datetime) -> Market:
    """Look up the last known prices of assets at a moment, whatever their age, in one query."""
    target = None if currency == "USD" else rate_asset(currency)
    wanted = {asset.pk: asset for asset in assets}
    if target:
        wanted[target.pk] = target
    quotes = latest_prices(wanted.values(), now=moment)
    if currency == "USD":
        return Market(quotes, Quote(Decimal(1), moment, "identity"))
    return Market(quotes, quotes.get(target.pk) if target else None)
