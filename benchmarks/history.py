"""The value of five years day by day: from rows in the database to the answer that a chart is drawn from."""

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from benchmarks import stage
from benchmarks.measure import Line, compared, in_turns
from benchmarks.workload import DAYS, HOURLY, SINCE, UNTIL
from portfolios.models import DailyPosition, Portfolio
from portfolios.selectors import Series, value_history
from prices.models import PriceSnapshot

ON_A_DATABASE = True
MIDNIGHTS = [SINCE + timedelta(days=day) for day in range(DAYS)]


def daily(sizes: tuple[int, ...]) -> Iterator[Line]:
    """Value of every day.

    The other side fetches the rows that a daily history follows from, as tuples, and does nothing with them:
    each coin's position at the end of each day with a trade, and its price of each midnight.
    """
    stage.prices()
    portfolio = stage.history(sizes[-1])
    points = len(_series(portfolio).at)
    sides = in_turns(lambda: answer(_series(portfolio)), lambda: rows(portfolio), pairs=9)
    what = f"Value of {DAYS:,} days ({points:,} points) at {sizes[-1]:,} transactions, against the fetch"
    yield compared(what, sides, 3)


def _series(portfolio: Portfolio) -> Series:
    return value_history([portfolio], currency="USD", since=None, until=UNTIL)


def answer(series: Series) -> str:
    return json.dumps(
        {
            "at": [round(at.timestamp() * 1000) for at in series.at],
            "value": [_float(value) for value in series.value],
            "net_money_in": [_float(money) for money in series.net_money_in],
        }
    )


def _float(amount: Decimal | float | None) -> float | None:
    return None if amount is None else float(amount)


def rows(portfolio: Portfolio) -> tuple[list[tuple], list[tuple], list[tuple]]:
    """The coin with hourly prices is asked for its midnights; the others have no more than these."""
    positions = DailyPosition.objects.filter(portfolio=portfolio).order_by("day")
    closes = PriceSnapshot.objects.filter(at__range=(SINCE, UNTIL)).exclude(asset__symbol=HOURLY)
    midnights = PriceSnapshot.objects.filter(asset__symbol=HOURLY, at__in=MIDNIGHTS)
    wanted = ("asset_id", "at", "price")
    return (
        list(positions.values_list("asset_id", "day", "quantity", "money_in", "money_out")),
        list(closes.order_by().values_list(*wanted)),
        list(midnights.order_by().values_list(*wanted)),
    )


ROWS = (daily,)
