"""The assets every installation knows from the start, and what each price source calls them.

An id that is not certain is left out: that source is then not asked about the coin. Binance quotes
Tether, not dollars (see docs/decisions/0011-binance-quotes-tether.md), so stablecoins have no id there.
"""

from babel import Locale
from django.conf import settings

TRACKED_FROM_THE_START = ("BTC", "ETH", "BNB", "SOL")

# symbol, name, CoinGecko id, Coinbase product, Binance symbol, CryptoCompare symbol; "" where there is none
COINS = (
    ("BTC", "Bitcoin", "bitcoin", "BTC-USD", "BTCUSDT", "BTC"),
    ("ETH", "Ethereum", "ethereum", "ETH-USD", "ETHUSDT", "ETH"),
    ("BNB", "BNB", "binancecoin", "", "BNBUSDT", "BNB"),
    ("SOL", "Solana", "solana", "SOL-USD", "SOLUSDT", "SOL"),
    ("XRP", "XRP", "ripple", "XRP-USD", "XRPUSDT", "XRP"),
    ("ADA", "Cardano", "cardano", "ADA-USD", "ADAUSDT", "ADA"),
    ("DOGE", "Dogecoin", "dogecoin", "DOGE-USD", "DOGEUSDT", "DOGE"),
    ("TRX", "TRON", "tron", "", "TRXUSDT", "TRX"),
    ("DOT", "Polkadot", "polkadot", "DOT-USD", "DOTUSDT", "DOT"),
    ("LTC", "Litecoin", "litecoin", "LTC-USD", "LTCUSDT", "LTC"),
    ("LINK", "Chainlink", "chainlink", "LINK-USD", "LINKUSDT", "LINK"),
    ("AVAX", "Avalanche", "avalanche-2", "AVAX-USD", "AVAXUSDT", "AVAX"),
    ("POL", "Polygon", "polygon-ecosystem-token", "POL-USD", "POLUSDT", ""),
    ("ATOM", "Cosmos", "cosmos", "ATOM-USD", "ATOMUSDT", "ATOM"),
    ("XLM", "Stellar", "stellar", "XLM-USD", "XLMUSDT", "XLM"),
    ("UNI", "Uniswap", "uniswap", "UNI-USD", "UNIUSDT", "UNI"),
    ("XMR", "Monero", "monero", "", "", "XMR"),
    ("ETC", "Ethereum Classic", "ethereum-classic", "ETC-USD", "ETCUSDT", "ETC"),
    ("BCH", "Bitcoin Cash", "bitcoin-cash", "BCH-USD", "BCHUSDT", "BCH"),
    ("AAVE", "Aave", "aave", "AAVE-USD", "AAVEUSDT", "AAVE"),
    ("ALGO", "Algorand", "algorand", "ALGO-USD", "ALGOUSDT", "ALGO"),
    ("NEAR", "NEAR Protocol", "near", "NEAR-USD", "NEARUSDT", "NEAR"),
    ("FIL", "Filecoin", "filecoin", "FIL-USD", "FILUSDT", "FIL"),
    ("USDT", "Tether", "tether", "USDT-USD", "", "USDT"),
    ("USDC", "USD Coin", "usd-coin", "", "", "USDC"),
)
SOURCES = ("coingecko", "coinbase", "binance", "cryptocompare")


def provider_ids(ids: tuple[str, ...]) -> dict[str, str]:
    """{"coingecko": "bitcoin", …} of one line above, without the sources that do not have the coin."""
    return {source: name for source, name in zip(SOURCES, ids, strict=True) if name}


def currencies() -> dict[str, str]:
    """{"EUR": "Euro", …} for the currencies a figure can be shown in."""
    names = Locale("en").currencies
    return {code: names[code] for code in settings.CURRENCIES}
