"""verify_books: prove every stored figure by computing it again, every transaction by the audit trail."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portfolios.ledger import HoldingWouldBeNegative
from portfolios.models import Portfolio
from portfolios.selectors import contradictions, differences


class Command(BaseCommand):
    help = "Compute every stored figure again and name each difference; exit code 1 if there is one."

    def handle(self, *args: Any, **options: Any) -> None:
        found: list[str] = []
        for portfolio in Portfolio.objects.all():
            try:
                found += differences(portfolio)
            except HoldingWouldBeNegative as error:
                found.append(f"{portfolio.pk}: {error}")
            found += contradictions(portfolio)
        for line in found:
            self.stderr.write(line)
        if found:
            raise CommandError(f"{len(found)} differences. `rebuild_books` writes the figures anew.")
        self.stdout.write("The books are true: no difference.")
