"""The assets every installation knows from the start, and what each price source calls them.

An id that is not certain is left out: that source is then not asked about the coin. Binance quotes
Tether, not dollars (see docs/decisions/0011-binance-quotes-tether.md), so stablecoins have no id there.
"""

from babel import Locale
from django.conf import settings

TRACKED_FROM_THE_START = ("BTC", "ETH", "BNB", "SOL")

# symbol, name, CoinGecko id, Coinbase product, Kraken pair, Binance symbol, CryptoCompare symbol, and whether
# mempool.space has it; "" where there is none
COINS = (
    ("BTC", "Bitcoin", "bitcoin", "BTC-USD", "XXBTZUSD", "BTCUSDT", "BTC", "BTC"),
    ("ETH", "Ethereum", "ethereum", "ETH-USD", "XETHZUSD", "ETHUSDT", "ETH", ""),
    ("BNB", "BNB", "binancecoin", "", "BNBUSD", "BNBUSDT", "BNB", ""),
    ("SOL", "Solana", "solana", "SOL-USD", "SOLUSD", "SOLUSDT", "SOL", ""),
    ("XRP", "XRP", "ripple", "XRP-USD", "XXRPZUSD", "XRPUSDT", "XRP", ""),
    ("ADA", "Cardano", "cardano", "ADA-USD", "ADAUSD", "ADAUSDT", "ADA", ""),
    ("DOGE", "Dogecoin", "dogecoin", "DOGE-USD", "XDGUSD", "DOGEUSDT", "DOGE", ""),
    ("TRX", "TRON", "tron", "", "TRXUSD", "TRXUSDT", "TRX", ""),
    ("DOT", "Polkadot", "polkadot", "DOT-USD", "DOTUSD", "DOTUSDT", "DOT", ""),
    ("LTC", "Litecoin", "litecoin", "LTC-USD", "XLTCZUSD", "LTCUSDT", "LTC", ""),
    ("LINK", "Chainlink", "chainlink", "LINK-USD", "LINKUSD", "LINKUSDT", "LINK", ""),
    ("AVAX", "Avalanche", "avalanche-2", "AVAX-USD", "AVAXUSD", "AVAXUSDT", "AVAX", ""),
    ("POL", "Polygon", "polygon-ecosystem-token", "POL-USD", "POLUSD", "POLUSDT", "", ""),
    ("ATOM", "Cosmos", "cosmos", "ATOM-USD", "ATOMUSD", "ATOMUSDT", "ATOM", ""),
    ("XLM", "Stellar", "stellar", "XLM-USD", "XXLMZUSD", "XLMUSDT", "XLM", ""),
    ("UNI", "Uniswap", "uniswap", "UNI-USD", "UNIUSD", "UNIUSDT", "UNI", ""),
    ("XMR", "Monero", "monero", "", "XXMRZUSD", "", "XMR", ""),
    ("ETC", "Ethereum Classic", "ethereum-classic", "ETC-USD", "XETCZUSD", "ETCUSDT", "ETC", ""),
    ("BCH", "Bitcoin Cash", "bitcoin-cash", "BCH-USD", "BCHUSD", "BCHUSDT", "BCH", ""),
    ("AAVE", "Aave", "aave", "AAVE-USD", "AAVEUSD", "AAVEUSDT", "AAVE", ""),
    ("ALGO", "Algorand", "algorand", "ALGO-USD", "ALGOUSD", "ALGOUSDT", "ALGO", ""),
    ("NEAR", "NEAR Protocol", "near", "NEAR-USD", "NEARUSD", "NEARUSDT", "NEAR", ""),
    ("FIL", "Filecoin", "filecoin", "FIL-USD", "FILUSD", "FILUSDT", "FIL", ""),
    ("USDT", "Tether", "tether", "USDT-USD", "USDTZUSD", "", "USDT", ""),
    ("USDC", "USD Coin", "usd-coin", "", "USDCUSD", "", "USDC", ""),
)
SOURCES = ("coingecko", "coinbase", "kraken", "binance", "cryptocompare", "mempool")


def provider_ids(ids: tuple[str, ...]) -> dict[str, str]:
    """{"coingecko": "bitcoin", …} of one line above, without the sources that do not have the coin."""
    return {source: name for source, name in zip(SOURCES, ids, strict=True) if name}


def rate_ids(code: str) -> dict[str, str]:
    """What the sources of exchange rates call a currency; the dollar, in which all is priced, needs none."""
    return {} if code == "USD" else {"frankfurter": code}


def currencies() -> dict[str, str]:
    """{"EUR": "Euro", …} for the currencies a figure can be shown in."""
    names = Locale("en").currencies
    return {code: names[code] for code in settings.CURRENCIES}
