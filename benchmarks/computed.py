"""What is computed from rows already fetched: hourly values of many coins, and the money-weighted rate."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import numpy as np
from pyxirr import xirr

from benchmarks.measure import Line, compared, in_turns
from benchmarks.workload import DAYS, UNTIL, hourly_prices, trades
from portfolios.selectors.valuing import standing, worth
from portfolios.selectors.xirr import money_weighted

ON_A_DATABASE = False
FLOWS, COINS, CHANGES = 10_000, 50, 1_000
# When a coin's quantity changed (in hours), what it was from then on, and its price of each hour.
Coin = tuple[np.ndarray, np.ndarray, np.ndarray]


def hourly(_: tuple[int, ...]) -> Iterator[Line]:
    """Hourly values of many coins, each with a thousand changes of its quantity."""
    coins = coins_with_prices()
    what = f"Values of {COINS} coins at {DAYS * 24:,} hours, computed, against plain numpy"
    plain = partial(plain_numpy, coins)
    assert np.array_equal(hourly_values(coins), plain())
    yield compared(what, in_turns(partial(hourly_values, coins), plain, pairs=15), 2)


def rate(_: tuple[int, ...]) -> Iterator[Line]:
    """XIRR of many flows."""
    flows = dated_flows()
    dates, amounts = [day for day, _ in flows], [amount for _, amount in flows]
    sides = in_turns(lambda: money_weighted(flows), lambda: xirr(dates, amounts), pairs=101)
    yield compared(f"XIRR of {FLOWS:,} flows, against pyxirr", sides, 1)


def hourly_values(coins: list[Coin]) -> np.ndarray:
    """What the product computes of rows that are there."""
    moments = np.arange(DAYS * 24, dtype=float)
    stood = {number: standing(changed, held, moments) for number, (changed, held, _) in enumerate(coins)}
    return worth(stood, {number: prices for number, (_, _, prices) in enumerate(coins)}, len(moments))


def plain_numpy(coins: list[Coin]) -> np.ndarray:
    moments = np.arange(DAYS * 24)
    values = np.zeros(len(moments))
    for changed, quantities, prices in coins:
        values += quantities[np.searchsorted(changed, moments, "right") - 1] * prices
    return values


def coins_with_prices(coins: int = COINS) -> list[Coin]:
    changed = np.arange(0, DAYS * 24, DAYS * 24 // CHANGES)
    quantities = np.arange(len(changed), dtype=float)
    return [
        (changed, quantities, np.array([float(price) for price in prices])) for prices in hourly_prices(coins)
    ]


def dated_flows() -> list[tuple[date, float]]:
    """Money that went in and out, and what was held at the end: floats, as rates of return are made of."""
    found = list(trades(FLOWS - 1))
    flows = [(trade.at.date(), -trade.total if trade.kind == "buy" else trade.total) for trade in found]
    worth = sum((amount for _, amount in flows), Decimal(0)) * Decimal("-1.5")
    flows.append(((UNTIL + timedelta(days=1)).date(), worth))
    return [(day, float(amount)) for day, amount in flows]


ROWS = (hourly, rate)
