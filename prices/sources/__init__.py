"""The only code that opens a socket: one file per provider of prices, one line each below."""

from prices.sources.base import Source
from prices.sources.binance import Binance
from prices.sources.coinbase import Coinbase
from prices.sources.coingecko import CoinGecko
from prices.sources.cryptocompare import CryptoCompare

SOURCES: dict[str, type[Source]] = {
    "coingecko": CoinGecko,
    "coinbase": Coinbase,
    "binance": Binance,
    "cryptocompare": CryptoCompare,
}
