"""Starts the provider for a demo by hand."""

import argparse
import contextlib
import threading

from tests.prices.provider import running

VARIABLES = ("CRYPTO_API", "COINBASE", "KRAKEN", "BINANCE", "CRYPTOCOMPARE", "MEMPOOL", "FRANKFURTER")

parser = argparse.ArgumentParser(description="A price provider on this machine.")
parser.add_argument("--port", type=int, default=9999)
with running(parser.parse_args().port) as provider, contextlib.suppress(KeyboardInterrupt):
    for name in VARIABLES:
        print(f"{name}_BASE_URL={provider.url}", flush=True)  # noqa: T201
    threading.Event().wait()
