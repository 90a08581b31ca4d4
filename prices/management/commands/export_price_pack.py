"""export_price_pack: stored prices in one file, for a machine without network."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from prices.management.base import PriceCommand, moment
from prices.models import Asset
from prices.services import export_price_pack


class Command(PriceCommand):
    help = "Write stored prices into a price pack (.zip); `load_price_pack FILE` reads it on another machine."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--asset", nargs="+", default=[], metavar="BTC", help="default: all")
        parser.add_argument("--since", type=moment, help="first instant (default: the oldest price)")
        parser.add_argument("--until", type=moment, help="last instant (default: the newest price)")

    def handle(self, *args: Any, **options: Any) -> None:
        symbols = {symbol.upper() for symbol in options["asset"] if symbol.isprintable()}
        assets = list(Asset.objects.filter(symbol__in=symbols))
        if len(assets) < len(set(options["asset"])):
            raise CommandError("There is no such asset here. `load_price_pack` makes the usual ones.")
        try:
            count = export_price_pack(
                options["file"],
                assets=assets,
                since=options["since"],
                until=options["until"],
                on_progress=lambda rows: self.progress(f"{rows:,} prices"),
            )
        except OSError as error:
            raise CommandError(f"The pack cannot be written: {error}") from error
        self.result(f"{count:,} prices in {options['file']}.")
