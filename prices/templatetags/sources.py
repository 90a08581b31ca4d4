"""What readers call the sources that prices are stored with."""

from django import template

register = template.Library()

NAMES = {
    "pack": "Shipped history",
    "ecb": "European Central Bank",
    "coingecko": "CoinGecko",
    "coinbase": "Coinbase",
    "binance": "Binance",
    "cryptocompare": "CryptoCompare",
    "manual": "Entered by hand",
    "identity": "By definition",
}


@register.filter
def source_name(source: str) -> str:
    """`{{ quote.source|source_name }}` → CoinGecko; a source without a name here keeps its own."""
    return NAMES.get(source, source)
