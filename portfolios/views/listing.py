"""Pages of a list of transactions, each row with its figures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator

from portfolios.models import Portfolio, Transaction, TransactionQuerySet
from portfolios.selectors import TransactionFigures, figures_of
from portfolios.selectors.memory import Memory
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


class InOrder:
    """Transactions in their order, as a paginator asks for them; how many and which is remembered."""

    def __init__(self, rows: TransactionQuerySet, memory: Memory | None = None) -> None:
        self.rows, self.memory = rows, memory

    def count(self) -> int:
        return self._recall("count", self.rows.count)

    def __getitem__(self, span: slice) -> list[Transaction]:
        order = self.rows.values_list("pk", flat=True)
        keys = self._recall(f"newest:{span.start}:{span.stop}", lambda: list(order[span]))
        found = Transaction.objects.select_related(*NAMED).prefetch_related("bookings").in_bulk(keys)
        return [found[key] for key in keys if key in found]

    def _recall(self, name: str, find: Callable[[], Any]) -> Any:
        return self.memory.recall(name, find) if self.memory else find()


def page_of(
    rows: TransactionQuerySet,
    number: str | None,
    *,
    now: datetime,
    size: int = PAGE_SIZE,
    prices: Mapping[int, Decimal | None] | None = None,
    here: Portfolio | None = None,
    memory: Memory | None = None,
) -> Listing:
    """Return that page of rows in order; what is no number is the first, what is too large the last.

    `prices`, `here`: see `figures_of`. `memory`: that of the portfolios whose transactions all of these are.
    """
    page = Paginator(InOrder(rows, memory), size).get_page(number)
    return Listing(page, figures_of(page.object_list, now=now, prices=prices, here=here))


def row_of(transaction: Transaction, *, now: datetime) -> TransactionFigures:
    """The figures of one transaction, read anew with its booking."""
    rows = Transaction.objects.kept().select_related(*NAMED).prefetch_related("bookings")
    return figures_of([rows.get(pk=transaction.pk)], now=now)[0]
