"""Performance: what the money earned, whenever it came and went.

The time-weighted return chains the sub-periods between outside flows, each valued at that flow's own time
and price: (V_end + out) ÷ (V_start + in) - 1. Buying or withdrawing at the market price never moves it.

Worked example (G3: 40,040 in; half sold for 29,970; 32,532.50 in; 95,000 at the end):

>>> from datetime import datetime, UTC
>>> def flow(month, before, money_in=0, money_out=0, after=0):
...     amounts = [Decimal(str(amount)) for amount in (before, money_in, money_out, after)]
...     return Flow(datetime(2024, month, 1, tzinfo=UTC), *amounts)
>>> flows = [
...     flow(1, before=0, money_in=40040, after=40000),
...     flow(7, before=60000, money_out=29970, after=30000),
...     flow(10, before=32500, money_in=32532.5, after=65000),
... ]
>>> round(time_weighted_return(flows, Decimal(95000)), 4)
Decimal('1.3703')
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Flow:
    """Money that came from or went to outside, and what was held just before and just after it."""

    at: datetime
    value_before: Decimal
    money_in: Decimal
    money_out: Decimal
    value_after: Decimal


def time_weighted_return(flows: Sequence[Flow], value_now: Decimal) -> Decimal | None:
    """Return the growth since the first flow as a fraction; None where there was never anything to grow.

    `flows` are in time order. A stretch in which nothing was held neither adds nor takes away.
    """
    growth, start, grew = Decimal(1), Decimal(0), False
    for flow in flows:
        if start > 0:
            growth, grew = growth * _end(flow) / start, True
        start = flow.value_before + flow.money_in if flow.money_in else flow.value_after
    if start > 0:
        growth, grew = growth * value_now / start, True
    return growth - 1 if grew else None


def _end(flow: Flow) -> Decimal:
    """The value that a sub-period ends with at this flow: a sale's own costs belong to the stretch before."""
    return flow.value_before if flow.money_in else flow.value_after + flow.money_out
