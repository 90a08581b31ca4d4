"""Pages of a list of transactions, newest first, each row with its figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.core.paginator import Page, Paginator

from portfolios.models import Portfolio, Transaction, TransactionQuerySet
from portfolios.selectors import TransactionFigures, figures_of
from portfolios.views.access import NAMED

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of transactions: `page` knows its place among the others, `rows` carry the figures."""

    page: Page
    rows: list[TransactionFigures]

    @property
    def count(self) -> int:
        return self.page.paginator.count


def page_of(
    rows: TransactionQuerySet,
    number: str | None,
    *,
    now: datetime,
    prices: Mapping[int, Decimal | None] | None = None,
    here: Portfolio | None = None,
) -> Listing:
    """Return the page of that number; whatever is no number is the first, what is too large the last.

    `prices`: see `figures_of`; those of the portfolio `here`, so they say nothing of what came from a
    portfolio in another currency.
    """
    found = rows.newest_first().select_related(*NAMED).prefetch_related("bookings")
    page = Paginator(found, PAGE_SIZE).get_page(number)
    if here and any(row.portfolio.currency != here.currency for row in page.object_list):
        prices = None
    return Listing(page, figures_of(page.object_list, now=now, prices=prices))


def row_of(transaction: Transaction, *, now: datetime) -> TransactionFigures:
    """The figures of one transaction, read anew with its booking."""
    rows = Transaction.objects.kept().select_related(*NAMED).prefetch_related("bookings")
    return figures_of([rows.get(pk=transaction.pk)], now=now)[0]
