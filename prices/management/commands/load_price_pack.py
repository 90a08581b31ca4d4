"""load_price_pack: the real daily prices and exchange rates that ship with Bitfolio."""

from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from prices.management.base import PriceCommand
from prices.services import load_price_pack


class Command(PriceCommand):
    help = "Load the price pack: daily prices of BTC, ETH, BNB and SOL, and exchange rates. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = load_price_pack(
                now=timezone.now(), on_progress=lambda rows: self.progress(f"{rows:,} prices")
            )
        except (OSError, EOFError, KeyError, ValueError) as error:
            raise CommandError(f"The price pack cannot be read: {error!r}") from error
        refused = f", {loaded.refused:,} refused (see the log)" if loaded.refused else ""
        self.result(f"{loaded.stored:,} new prices, {loaded.known:,} known already{refused}.")
