"""The only code that opens a socket: one file per provider of prices, one line each below."""

from prices.sources.base import Source
from prices.sources.binance import Binance
from prices.sources.coinbase import Coinbase
from prices.sources.coingecko import CoinGecko
from prices.sources.cryptocompare import CryptoCompare
from prices.sources.frankfurter import Frankfurter
from prices.sources.kraken import Kraken
from prices.sources.mempool import Mempool

SOURCES: dict[str, type[Source]] = {
    "coingecko": CoinGecko,
    "coinbase": Coinbase,
    "kraken": Kraken,
    "binance": Binance,
    "cryptocompare": CryptoCompare,
    "mempool": Mempool,
    "frankfurter": Frankfurter,
}
