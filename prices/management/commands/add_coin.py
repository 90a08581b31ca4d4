"""add_coin: make a coin that a price source knows an asset."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from prices.management.base import PriceCommand
from prices.services import CoinRefusedError, add_coin
from prices.sources import SOURCES


class Command(PriceCommand):
    help = "Add a coin by the id a price source gives it (find_coins shows it). Its prices are then fetched."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", help="what the source calls it, such as monero")
        parser.add_argument("--source", choices=SOURCES, default="coingecko", help="coingecko by default")
        parser.add_argument(
            "--symbol", default="", help="its label here; its ticker by default, if that is free"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            asset = add_coin(options["source"], options["id"], symbol=options["symbol"], now=timezone.now())
        except CoinRefusedError as error:
            raise CommandError(str(error)) from None
        self.result(f"{asset.symbol}: {asset.name} is here now, and its prices are fetched.")
