"""load_price_pack: the real daily prices and exchange rates that ship with Bitfolio, or another pack."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from prices.management.base import PriceCommand
from prices.services import FileRefusedError, load_price_pack


class Command(PriceCommand):
    help = (
        "Load the price pack: daily prices of BTC, ETH, BNB and SOL, and exchange rates; or a pack made by"
        " `export_price_pack`. Safe to repeat."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="a pack (default: the one that is shipped)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = load_price_pack(
                options["file"],
                now=timezone.now(),
                on_progress=lambda rows: self.progress(f"{rows:,} prices"),
            )
        except FileRefusedError as error:
            raise CommandError(str(error)) from error
        except (OSError, EOFError, KeyError, ValueError) as error:
            raise CommandError(f"The price pack cannot be read: {error!r}") from error
        refused = f", {loaded.refused:,} refused (the administration lists them)" if loaded.refused else ""
        self.result(f"{loaded.stored:,} new prices, {loaded.known:,} known already{refused}.")
