"""Performance: what the money earned, whenever it came and went.

The time-weighted return chains the sub-periods between outside flows, each valued at that flow's own time
and price: (V_end + out) ÷ (V_start + in) - 1. Buying or withdrawing at the market price never moves it.

Worked example (G3: 40,040 in; half sold for 29,970; 32,532.50 in; 95,000 at the end):

>>> from datetime import datetime, UTC
>>> from decimal import Decimal
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

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

Number = Any  # Decimal, or float: a return is no money
NO_FLOW = (0, 0)


class Flow(NamedTuple):
    """Money that came from or went to outside, and what was held just before and just after it."""

    at: datetime
    value_before: Number
    money_in: Number
    money_out: Number
    value_after: Number


def time_weighted_return(flows: Sequence[Flow], value_now: Number) -> Number | None:
    """Return the growth since the first flow as a fraction; None where there was never anything to grow.

    `flows` are in time order. A stretch in which nothing was held neither adds nor takes away.
    """
    end = Flow(flows[-1].at, value_now, *NO_FLOW, value_now) if flows else None
    grown = deque(grown_by([*flows, end] if end else []), maxlen=1)
    return None if not grown or grown[0] is None else grown[0] - 1


def grown_by(flows: Iterable[Flow]) -> Iterator[Number | None]:
    """Yield, at each flow, what 1 has grown to since the first; None until there was something to grow.

    A flow of nothing says what the growth was at that moment.
    """
    growth: Number = 1
    start: Number = 0
    grew = False
    for flow in flows:
        if start > 0:
            growth, grew = growth * _end(flow) / start, True
        start = flow.value_before + flow.money_in if flow.money_in else flow.value_after
        yield growth if grew else None


def _end(flow: Flow) -> Number:
    """The value that a sub-period ends with at this flow: a sale's own costs belong to the stretch before."""
    return flow.value_before if flow.money_in else flow.value_after + flow.money_out
