"""Which transactions a draft looks like: what was perhaps entered before. A hint to a person, no rule."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Q

from portfolios.drafts import Draft
from portfolios.models import Portfolio, Transaction

NEAR = timedelta(days=1)  # less apart than this: what is bought each day at the same time is no duplicate
SHOWN = 3  # more of them would not say more


def possible_duplicates(
    draft: Draft, *, portfolio: Portfolio, own_key: UUID | None = None
) -> list[Transaction]:
    """Return those of a portfolio that a new draft may repeat, the nearest in time first, at most three.

    The same kind, asset and quantity less than a day apart, or the same external id, whenever. `own_key`: the
    idempotency key of the form; where one was saved under it the form is sent again, and adds nothing.
    """
    try:
        span = {"occurred_at__gt": draft.occurred_at - NEAR, "occurred_at__lt": draft.occurred_at + NEAR}
    except OverflowError:  # at the end of all years: nothing is stored there
        return []
    alike = Q(kind=draft.kind, asset=draft.asset, quantity=draft.quantity, **span)
    if draft.external_id:
        alike |= Q(external_id=draft.external_id)
    found = portfolio.transactions.kept().filter(alike).select_related("asset", "portfolio")
    if own_key and any(row.idempotency_key == own_key for row in found):
        return []
    return sorted(found, key=lambda row: (abs(row.occurred_at - draft.occurred_at), row.pk))[:SHOWN]
