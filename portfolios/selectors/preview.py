"""What a transaction would do, before it is saved; computed as the services would book it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portfolios.drafts import Completed, Draft, amount_of, complete, unit_price_of
from portfolios.ledger import Position, book
from portfolios.models import Kind, Portfolio, Transaction
from portfolios.selectors.books import entries_of, to_entry


@dataclass(frozen=True, slots=True)
class Preview:
    """Before and after, in the portfolio's currency; `amount` and `unit_price` in the transaction's."""

    completed: Completed
    amount: Decimal | None  # what is paid or received, fee included
    unit_price: Decimal | None
    before: Position
    after: Position
    gain: Decimal | None  # what a disposal would realise


def preview(
    draft: Draft, *, portfolio: Portfolio, now: datetime, amending: Transaction | None = None
) -> Preview:
    """Book a draft without saving it. Raises what the services would raise."""
    completed = complete(draft, portfolio=portfolio, now=now, before=amending)
    stored = entries_of(portfolio, draft.asset.pk)
    kept = [entry for entry in stored if amending is None or entry.sequence != amending.pk]
    # A new transaction comes after all others of its instant: its number is higher than theirs.
    sequence = amending.pk if amending else max((entry.sequence for entry in stored), default=0) + 1
    drafted = to_entry(_unsaved(completed, sequence), completed.fx_rate)
    before, after = book(stored, portfolio.cost_method), book([*kept, drafted], portfolio.cost_method)
    return Preview(
        completed=completed,
        amount=None if draft.kind == Kind.WITHDRAWAL else amount_of(completed.draft),
        unit_price=unit_price_of(completed.draft),
        before=before[-1].after if before else Position(),
        after=after[-1].after,
        gain=next(one.gain for one in after if one.entry.sequence == sequence),
    )


def _unsaved(completed: Completed, sequence: int) -> Transaction:
    draft = completed.draft
    return Transaction(
        pk=sequence,
        kind=draft.kind,
        asset=draft.asset,
        quantity=draft.quantity,
        occurred_at=draft.occurred_at,
        unit_price=draft.unit_price,
        total=draft.total,
        cost=draft.cost,
        fee=draft.fee,
    )
