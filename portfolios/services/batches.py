"""Many transactions at once: all or nothing, and each asset booked once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain

from django.core.exceptions import ValidationError
from django.db import transaction as database

from portfolios.drafts import Completed, Draft, complete
from portfolios.ledger import HoldingWouldBeNegative
from portfolios.models import Portfolio, Transaction
from portfolios.selectors.entries import coins_of
from portfolios.services.books import batched, book_anew, try_anew
from portfolios.services.portfolios import lock
from portfolios.services.transactions import portfolios_of, state
from prices.models import Asset
from prices.services import track

BATCH = 500  # rows in one statement
# What the drafts have checked already, or what no draft can state.
CHECKED = (
    *("portfolio", "asset", "fee_asset", "to_asset", "to_portfolio", "kind", "occurred_at", "currency"),
    *("idempotency_key", "version"),
)


class BatchRefused(Exception):
    """Nothing was saved. `errors` are messages by field, by the index of the draft that they are about."""

    def __init__(self, errors: dict[int, dict[str, list[str]]]) -> None:
        self.errors = errors
        first = min(errors)
        super().__init__(f"Row {first + 1}: {' '.join(chain.from_iterable(errors[first].values()))}")


class BatchWouldBeNegative(BatchRefused):
    """The rows are sound, but one of them takes more than is held."""


@database.atomic
def record_batch(*, portfolio: Portfolio, drafts: Sequence[Draft], now: datetime) -> list[Transaction]:
    """Save transactions and book every asset that they are about once; in the order of the drafts.

    Raises BatchRefused, BatchWouldBeNegative; HoldingWouldBeNegative where it is a transaction that was there
    before that would take more than is held.
    """
    lock(portfolio)
    rows = _rows(portfolio, _completed(portfolio, drafts, now))
    Transaction.objects.bulk_create(rows, batch_size=BATCH)
    for some in batched([row.pk for row in rows]):
        Transaction.history.copy_new(Transaction.objects.filter(pk__in=some), now)
    try:
        _book(portfolio, rows, now)
    except HoldingWouldBeNegative as error:
        indexes = {row.pk: index for index, row in enumerate(rows)}
        if error.sequence not in indexes:
            error.is_later = True
            raise
        raise BatchWouldBeNegative({indexes[error.sequence]: {"quantity": [str(error)]}}) from error
    return rows


def _book(portfolio: Portfolio, rows: Iterable[Transaction], now: datetime) -> None:
    """Book and write asset by asset, so that the rows of one at a time are in memory.

    After a refusal, which undoes all of it, the others are only tried: one of them may run short earlier.
    """
    refusals: list[HoldingWouldBeNegative] = []
    for asset, about in _by_asset(rows).items():
        first = min(row.occurred_at for row in about)
        track(asset, since=first, now=now)
        others = set(chain.from_iterable(map(portfolios_of, about))) - {portfolio}
        book = try_anew if refusals else book_anew
        try:
            book([portfolio, *others], [asset], first)
        except HoldingWouldBeNegative as refusal:
            refusals.append(refusal.with_traceback(None))  # which would hold on to what was booked
    if refusals:
        raise min(refusals, key=lambda refusal: refusal.order)


def _by_asset(rows: Iterable[Transaction]) -> dict[Asset, list[Transaction]]:
    found: dict[Asset, list[Transaction]] = defaultdict(list)
    for row in rows:
        for asset in coins_of(row):
            found[asset].append(row)
    return found


def _completed(portfolio: Portfolio, drafts: Sequence[Draft], now: datetime) -> list[Completed]:
    completed, errors = [], {}
    for index, draft in enumerate(drafts):
        try:
            completed.append(complete(draft, portfolio=portfolio, now=now))
        except ValidationError as error:
            errors[index] = error.message_dict
    if errors:
        raise BatchRefused(errors)
    return completed


def _rows(portfolio: Portfolio, completed: Sequence[Completed]) -> list[Transaction]:
    rows, errors = [], {}
    for index, one in enumerate(completed):
        row = Transaction(portfolio=portfolio)
        state(row, one)
        try:
            row.clean_fields(exclude=CHECKED)
        except ValidationError as error:
            errors[index] = error.message_dict
        rows.append(row)
    if errors:
        raise BatchRefused(errors)
    return rows
