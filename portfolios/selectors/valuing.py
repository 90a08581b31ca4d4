"""Prices of assets at many moments, in one currency: arrays of floats, NaN where a price is unknown."""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from prices.models import Asset
from prices.selectors import price_table, rate_asset

Numbers = NDArray[np.float64]


def prices_in(currency: str, assets: Collection[Asset], moments: Sequence[datetime]) -> dict[int, Numbers]:
    """By asset pk the last price at or before each moment, at most a week old, at the rate of that moment."""
    target = None if currency == "USD" else rate_asset(currency)
    table = price_table([*assets, target] if target else assets, moments)
    dollars = np.ones(len(moments)) if currency == "USD" else np.full(len(moments), np.nan)
    if target:
        dollars = _numbers(table[target.pk])
    return {asset.pk: _numbers(table[asset.pk]) / dollars for asset in assets}


def standing(changed: Numbers, since: Numbers, moments: Numbers) -> Numbers:
    """What stood at each moment: `since[n]` from `changed[n]` (ascending) on, and 0 before the first."""
    return np.concatenate(([0.0], since))[np.searchsorted(changed, moments, side="right")]


def worth(quantities: dict[int, Numbers], prices: dict[int, Numbers], length: int) -> Numbers:
    """The value of all together; NaN as soon as a price of something held is unknown: a gap is a gap."""
    value = np.zeros(length)
    for asset, quantity in quantities.items():
        value += np.where(quantity == 0, 0.0, quantity * prices[asset])
    return value


def _numbers(prices: Sequence[Decimal | None]) -> Numbers:
    return np.array([np.nan if price is None else float(price) for price in prices])
