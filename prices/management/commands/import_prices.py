"""import_prices: one asset's prices from a CSV file."""

from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from prices.management.base import PriceCommand
from prices.models import Asset
from prices.selectors import is_dollar
from prices.services import FileRefusedError, Layout, import_prices

CANDLES = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
SHOWN = 20  # errors that are written out


class Command(PriceCommand):
    help = (
        "Store the prices of a CSV file (timestamp,price; times in ISO or Unix seconds or milliseconds; also"
        " .gz). Safe to repeat. Exit code 1 if no line is a price."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--asset", required=True, metavar="BTC")
        parser.add_argument("--currency", default="USD", help="what the prices are in (default: USD)")
        parser.add_argument(
            "--time", default="timestamp", metavar="COLUMN", help="its name, or its number from 1"
        )
        parser.add_argument(
            "--price", default="price", metavar="COLUMN", help="its name, or its number from 1"
        )
        parser.add_argument(
            "--candle", choices=sorted(CANDLES), help="times are starts of candles, prices their closes"
        )
        parser.add_argument("--source", default="file", help="whose prices they are (default: file)")

    def handle(self, *args: Any, **options: Any) -> None:
        source = options["source"]
        if not source.isascii() or not source.isidentifier() or len(source) > 20 or source == "manual":
            raise CommandError("--source is a word of at most 20 letters and digits, and not manual.")
        asset, currency = _asset(options["asset"]), _asset(options["currency"])
        if is_dollar(asset):
            raise CommandError("Prices are in US dollars; the dollar has none of its own.")
        layout = Layout(options["time"], options["price"], CANDLES.get(options["candle"], timedelta(0)))
        try:
            done = import_prices(
                options["file"],
                asset=asset,
                currency=currency,
                layout=layout,
                source=source,
                now=timezone.now(),
                on_progress=lambda rows: self.progress(f"{rows:,} lines"),
            )
        except (OSError, EOFError, FileRefusedError) as error:
            raise CommandError(f"{options['file']}: {error}") from error
        self.say([*done.errors.values()], done.refused)
        if not done.stored and not done.known:
            raise CommandError(f"No line of {options['file']} is a price.")
        self.result(f"{done.stored:,} new prices, {done.known:,} known already, {done.refused:,} refused.")

    def say(self, errors: list[str], refused: int) -> None:
        self.progress("")
        for error in errors[:SHOWN]:
            self.stderr.write(error)
        if refused > SHOWN:
            self.stderr.write(f"and {refused - SHOWN:,} more; the administration lists what was refused")


def _asset(symbol: str) -> Asset:
    known = symbol.isprintable() and Asset.objects.filter(symbol=symbol.upper()).first()
    if not known:
        raise CommandError(f"There is no asset {symbol!a} here. `load_price_pack` makes the usual ones.")
    return known
