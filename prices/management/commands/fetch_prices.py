"""fetch_prices: the latest prices of all tracked coins, now."""

from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from prices.management.base import PriceCommand
from prices.services import fetch_latest


class Command(PriceCommand):
    help = (
        "Fetch the latest prices of all tracked coins from PRICE_SOURCES. Exit code 1 if no source answers."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.progress("asking the price sources")
        report = fetch_latest(now=timezone.now())
        if report.missing and not report.is_answered:
            raise CommandError(str(report))
        self.result(str(report))
