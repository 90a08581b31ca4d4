"""Risk: how far it fell and how much it swung. Floats: these figures describe money, they never are money.

Worked example (a growth of 1 that becomes 1.1, then 0.99, then 1.089):

>>> swings = [0.10, -0.10, 0.10]
>>> [round(value, 3) for value in growth(swings)]
[1.0, 1.1, 0.99, 1.089]
>>> round(drawdown_of_returns(swings), 4)
-0.1
>>> round(volatility(swings), 4)
2.2061
>>> round(annualised(0.089, days=90), 4)
0.4131
"""

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import accumulate
from statistics import stdev

YEAR = 365  # days (act/365), and trading days of a market that never closes

Number = float | Decimal


def max_drawdown(values: Iterable[Number | None]) -> float | None:
    """Return the deepest fall from a running peak as a fraction between -1 and 0.

    min over time of value ÷ highest value so far − 1. The first value counts as a peak. Gaps (None) are
    passed over, and so is what comes before the first value above 0: from nothing there is no fall. None
    without any such value. In the value of an account a withdrawal would look like a fall: hand in growth.

    >>> max_drawdown([100, 120, None, 90, 130, 117])
    -0.25
    """
    peak, deepest = 0.0, None
    for value in values:
        if value is None:
            continue
        now = float(value)
        peak = max(peak, now)
        if peak > 0:
            deepest = min(0.0 if deepest is None else deepest, now / peak - 1)
    return deepest


def drawdown_of_returns(returns: Iterable[Number | None]) -> float | None:
    """Return the max drawdown of what grows from 1 by these returns: the start counts as a peak.

    None without a return.

    >>> round(drawdown_of_returns([-0.02, None, 0.01, -0.05]), 5)
    -0.05969
    """
    known = _known(returns)
    return max_drawdown(growth(known)) if known else None


def growth(returns: Iterable[Number | None]) -> list[float]:
    """Return what 1 becomes, return by return: 1, 1·(1 + r₁), 1·(1 + r₁)·(1 + r₂), … Gaps are passed over.

    >>> growth([0.5, None, -0.5])
    [1.0, 1.5, 0.75]
    """
    return list(accumulate(_known(returns), lambda grown, one: grown * (1 + one), initial=1.0))


def volatility(returns: Iterable[Number | None], periods_per_year: float = YEAR) -> float | None:
    """Return the yearly volatility as a fraction: sample deviation of the returns × √(periods a year).

    √(Σ (r − mean)² ÷ (n − 1)) × √P. Daily returns of a market that never closes have P = 365. Gaps (None) are
    passed over. None with fewer than 2 returns.

    >>> round(volatility([0.01, 0.03], periods_per_year=12), 6)
    0.04899
    """
    known = _known(returns)
    return stdev(known) * math.sqrt(periods_per_year) if len(known) > 1 else None


def annualised(total_return: Number, days: float) -> float | None:
    """Return the yearly rate that makes `total_return` (a fraction) in `days`: (1 + R)^(365 ÷ days) − 1.

    None where no time has passed, where more than everything was lost, and where the rate is too large for a
    number. Below 90 days it says more about the shortness than about the year: pages don't show it then.

    >>> round(annualised(0.21, days=730), 12)
    0.1
    """
    grown = 1 + float(total_return)
    if days <= 0 or grown < 0:
        return None
    try:
        return float(grown ** (YEAR / days) - 1)
    except OverflowError:
        return None


def _known(returns: Iterable[Number | None]) -> Sequence[float]:
    return [float(one) for one in returns if one is not None]
