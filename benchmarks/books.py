"""Writing the books: a whole history at once, one transaction more, and a change far back."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from benchmarks import stage
from benchmarks.measure import Line, compared, in_turns
from benchmarks.workload import UNTIL, trades
from portfolios.drafts import Draft
from portfolios.models import Portfolio, Transaction
from portfolios.services import amend_transaction, rebuild_books, record_transaction

ON_A_DATABASE = True
BATCH = 500  # rows in one statement


def importing(sizes: tuple[int, ...]) -> Iterator[Line]:
    """Importing transactions with their books.

    From drafts to committed rows, against `bulk_create` of transactions that are ready made. Both sides start
    from empty tables.
    """
    drafts = stage.drafts(list(trades(sizes[-1])), stage.coins())
    homes: list[Portfolio] = []
    rows: list[Transaction] = []

    def empty() -> None:
        stage.clear()
        homes[:] = [stage.portfolio("ours")]

    def ready() -> None:
        empty()
        rows[:] = [as_row(homes[0], draft) for draft in drafts]

    sides = in_turns(
        lambda: stage.import_all(homes[0], drafts),
        lambda: Transaction.objects.bulk_create(rows, batch_size=BATCH),
        before_ours=empty,
        before_other=ready,
        warm=sizes[-1] <= stage.SOON,
    )
    what = f"Importing {sizes[-1]:,} transactions with their books, against bulk_create of the bare rows"
    yield compared(what, sides, 5)


def one_more(sizes: tuple[int, ...]) -> Iterator[Line]:
    """Adding one at the newest date.

    Both histories are in the same tables; a purchase of the coin traded last is added after everything else.
    """
    stage.clear()
    large, small = (_adder(stage.history(size), size) for size in (sizes[-1], sizes[0]))
    what = f"Adding one at the newest date to {sizes[-1]:,}, against adding it to {sizes[0]:,}"
    yield compared(what, in_turns(large, small, pairs=25), 3)


def far_back(sizes: tuple[int, ...]) -> Iterator[Line]:
    """Changing the first transaction of a coin.

    It gets another fee each time, which changes all that follows it. The other side writes the books of the
    same transactions once, in a portfolio that has no books yet and nothing else.
    """
    portfolio = stage.history(sizes[-1])
    first = stage.drafts(list(trades(sizes[-1]))[:1], stage.coins())[0]
    only = portfolio.transactions.kept().filter(asset=first.asset).in_booking_order()
    transaction = only[0]
    fees = itertools.count(1)
    unbooked: list[Portfolio] = []

    def change() -> None:
        draft = replace(first, fee=first.fee + next(fees))
        amend_transaction(transaction=transaction, draft=draft, now=stage.NOW)

    def copy() -> None:
        number = next(fees)
        unbooked[:] = [stage.portfolio(f"unbooked{number}")]
        Transaction.objects.bulk_create([copied(row, unbooked[0]) for row in only], batch_size=BATCH)

    sides = in_turns(change, lambda: rebuild_books(portfolio=unbooked[0]), before_other=copy)
    what = f"Changing the first of a coin's {only.count():,} in {sizes[-1]:,}, against writing its books once"
    yield compared(what, sides, 1.2)


def _adder(portfolio: Portfolio, size: int) -> Callable[[], None]:
    last = stage.drafts(list(trades(size))[-1:], stage.coins())[0]
    numbers = itertools.count()

    def adding() -> None:
        at = UNTIL + timedelta(minutes=next(numbers))
        draft = replace(last, kind="buy", occurred_at=at)
        record_transaction(portfolio=portfolio, draft=draft, now=stage.NOW)

    return adding


def as_row(portfolio: Portfolio, draft: Draft) -> Transaction:
    return Transaction(
        portfolio=portfolio,
        kind=draft.kind,
        asset=draft.asset,
        quantity=draft.quantity,
        occurred_at=draft.occurred_at,
        currency=draft.currency,
        unit_price=draft.unit_price,
        fee=draft.fee,
    )


def copied(row: Transaction, portfolio: Portfolio) -> Transaction:
    stated = {field.attname: getattr(row, field.attname) for field in Transaction._meta.concrete_fields}
    now = timezone.now()
    return Transaction(**stated | {"id": None, "portfolio_id": portfolio.pk, "created_at": now})


ROWS = (importing, one_more, far_back)
