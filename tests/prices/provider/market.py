"""What the provider's prices are: one deterministic market, so that a test can tell true from wrong."""

from datetime import date
from decimal import Decimal

HOUR, DAY, FIVE_MINUTES = 3600, 86400, 300
BASE_PRICES = {
    "bitcoin": "60000.5",
    "ethereum": "3000.25",
    "binancecoin": "600.125",
    "solana": "150.75",
    "ripple": "0.5",
}
COINS = {"BTC": "bitcoin", "ETH": "ethereum", "BNB": "binancecoin", "SOL": "solana", "XRP": "ripple"}
BASE_RATES = {"USD": "1.0875", "GBP": "0.8445", "CHF": "0.9712", "JPY": "171.25", "ZAR": "19.8765"}


def price_of(coin: str, at: int) -> Decimal:
    """The price of a coin (CoinGecko's id) at a Unix time: every five minutes another, by a few percent."""
    wave = (at // FIVE_MINUTES * 7) % 60
    return Decimal(BASE_PRICES[coin]) * (1000 + wave) / 1000


def rate_of(code: str, day: date) -> Decimal:
    """Units of a currency for a euro on a day: each day another, by a few percent."""
    wave = (day.toordinal() * 7) % 40
    return Decimal(BASE_RATES[code]) * (1000 + wave) / 1000
