"""The money-weighted rate of dated flows: what the money earned, whenever it came and went."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from pyxirr import InvalidPaymentsError, xirr


def money_weighted(flows: Sequence[tuple[date, float | Decimal]]) -> float | None:
    """Return the yearly rate r with Σ flow · (1 + r)^(−days ÷ 365) = 0 as a fraction.

    `flows` in any order, money in negative, money out and what is held at the end positive. None where there
    is no such rate: all flows on one side, all on one day, or an equation without a solution. Where it has
    several solutions one of them is returned.
    """
    if not any(at != flows[0][0] for at, _ in flows):
        return None
    try:
        return xirr(flows)
    except InvalidPaymentsError:
        return None
