"""find_coins: coins by name or symbol, here and at the price sources."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from prices.management.base import PriceCommand
from prices.services import search_coins


class Command(PriceCommand):
    help = "Search for coins by name or symbol: those that are here, and those that add_coin can add."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("words", nargs="+", help="a part of the name or symbol")

    def handle(self, *args: Any, **options: Any) -> None:
        self.progress("asking the price sources")
        found = search_coins(" ".join(options["words"]), now=timezone.now())
        for asset in found.assets:
            gone = f", delisted on {asset.delisted_on}" if asset.delisted_on else ""
            self.result(f"{asset.symbol}: {asset.name}, is here{gone}")
        for coin in found.offered:
            told_apart = f" (its ticker {coin.listing.symbol} is taken)" if coin.is_colliding else ""
            self.result(f"{coin.symbol}: {coin.listing.name}{told_apart}, add_coin {coin.listing.id}")
        for failure in found.failures.values():
            self.stderr.write(failure)
        if not found.assets and not found.offered:
            raise CommandError("No coin is called so.")
