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

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

Number = Any  # Decimal, or float: a return is no money


class Flow(NamedTuple):
    """Money that came from or went to outside, and what was held just before and just after it."""

    at: datetime
    value_before: Number
    money_in: Number
    money_out: Number
    value_after: Number


class Growth:
    """What 1 has grown to, flow by flow in time order; None until there was something to grow.

    A stretch in which nothing was held neither adds nor takes away. A flow of nothing says what the growth
    was at that moment.
    """

    __slots__ = ("_grew", "_growth", "_start")

    def __init__(self) -> None:
        self._growth: Number = 1
        self._start: Number = 0
        self._grew = False

    def after(self, flow: Flow) -> Number | None:
        """Go on to this flow."""
        if self._start > 0:
            self._growth, self._grew = self._growth * _end(flow) / self._start, True
        self._start = _start(flow)
        return self._growth if self._grew else None


def time_weighted_return(flows: Sequence[Flow], value_now: Number) -> Number | None:
    """Return the growth since the first flow as a fraction; None where there was never anything to grow.

    `flows` are in time order.
    """
    growth, grown = Growth(), None
    for flow in (*flows, *_ending(flows, value_now)):
        grown = growth.after(flow)
    return None if grown is None else grown - 1


def _ending(flows: Sequence[Flow], value: Number) -> list[Flow]:
    return [Flow(flows[-1].at, value, 0, 0, value)] if flows else []


def _end(flow: Flow) -> Number:
    """The value that a sub-period ends with at this flow: a sale's own costs belong to the stretch before."""
    return flow.value_before if flow.money_in else flow.value_after + flow.money_out


def _start(flow: Flow) -> Number:
    """The value that the next one starts with: a purchase's own costs belong to the stretch after it."""
    put_in = flow.value_before + flow.money_in - flow.money_out
    return put_in if flow.money_in and put_in > 0 else flow.value_after
