"""What readers call the sources that prices are stored with, and how close in time a price was."""

from django import template

register = template.Library()

NAMES = {
    "pack": "Shipped history",
    "ecb": "European Central Bank",
    "frankfurter": "European Central Bank",
    "coingecko": "CoinGecko",
    "coinbase": "Coinbase",
    "kraken": "Kraken",
    "binance": "Binance",
    "mempool": "mempool.space",
    "cryptocompare": "CryptoCompare",
    "manual": "Entered by hand",
    "identity": "By definition",
}
GRADES = {"A": "within the hour", "B": "within a day", "C": "within a week"}


@register.filter
def source_name(source: str) -> str:
    """`{{ quote.source|source_name }}` → CoinGecko; a source without a name here keeps its own."""
    return NAMES.get(source, source)


@register.filter
def grade_words(grade: str) -> str:
    """`{{ row.price_grade|grade_words }}` → within the hour; a grade without words here keeps its letter."""
    return GRADES.get(grade, grade)
