"""rebuild_books: write holdings and bookings anew from the transactions."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portfolios.ledger import HoldingWouldBeNegative
from portfolios.models import Portfolio
from portfolios.services import rebuild_books


class Command(BaseCommand):
    help = "Compute every stored figure anew from the transactions and write it. Safe to stop and to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--missing", action="store_true", help="Only portfolios without any books, as after an upgrade."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        portfolios = list(
            Portfolio.objects.without_books() if options["missing"] else Portfolio.objects.all()
        )
        for number, portfolio in enumerate(portfolios, start=1):
            try:
                rebuild_books(portfolio=portfolio)
            except HoldingWouldBeNegative as error:
                raise CommandError(f"Portfolio {portfolio.pk}: {error}") from error
            if self.stdout.isatty():
                self.stdout.write(f"\r{number} of {len(portfolios)} portfolios", ending="")
        self.stdout.write(f"{len(portfolios)} portfolios are booked anew.")
