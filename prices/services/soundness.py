"""Whether something can be a price at a time at all, whatever its neighbours. Decides only."""

from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

from prices.fields import CEILING, ONE_UNIT
from prices.selectors import GENESIS

AHEAD = timedelta(minutes=5)  # how far a provider's clock may run before ours


def fault_of(price: Any, at: Any, now: datetime) -> str | None:
    """Why this cannot be a price at that time, whatever its neighbours; None when it can."""
    return _fault_of_price(price) or _fault_of_time(at, now)


def cut(price: Decimal) -> Decimal:
    """The price without what lies beyond the 18th decimal: never rounded up."""
    exact = price.quantize(ONE_UNIT, ROUND_DOWN)
    return price if price == exact else exact


def _fault_of_price(price: Any) -> str | None:
    if not isinstance(price, Decimal):
        return "it is not a number"
    if not price.is_finite():
        return "it is not finite"
    if price <= 0:
        return "it is not above zero"
    if price >= CEILING:
        return "it is too large"
    return "it is smaller than 18 decimals can hold" if price < ONE_UNIT else None


def _fault_of_time(at: Any, now: datetime) -> str | None:
    if not isinstance(at, datetime) or at.utcoffset() is None:
        return "its time has no zone" if isinstance(at, datetime) else "its time is no time"
    if at < GENESIS:
        return "its time is before 2009-01-03"
    return "its time is in the future" if at > now + AHEAD else None
