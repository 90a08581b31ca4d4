"""What charts draw and what stands in the table beside them, from the series that the selectors return.

Chart values are floats. With amounts hidden no amount leaves the server: the line keeps its shape alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from portfolios.context import Unit
from portfolios.models import Kind
from portfolios.selectors import Grown, Levels, Series, Trades
from portfolios.selectors.history import MARKS
from portfolios.views.spans import by_month
from prices.fields import canonical
from prices.models import Asset
from prices.privacy import amounts_hidden
from prices.templatetags.digits import digits, price_text

TRADES = {Kind.BUY, Kind.SELL, Kind.SWAP, Kind.SPEND}  # what is marked, as a buy or a sell
MOST_MARKS = 60  # drawn
Points = list[list[float | None]]


@dataclass(frozen=True, slots=True)
class Chart:
    """`data` is what charts.js reads; `rows` are (moment, …) for the table, newest first."""

    data: dict[str, Any]
    rows: list[tuple[Any, ...]]
    masked: bool = False
    is_cut: bool = False  # older trades than those that are marked are not

    @property
    def levels(self) -> set[str]:
        """The names of the lines at a price of the reader's own."""
        return {name for name, _ in self.data.get("levels", [])}

    @property
    def is_empty(self) -> bool:
        return not any(value is not None for _, value in self.data["main"])


def value_chart(series: Series, unit: Unit, without: Sequence[str] = ()) -> Chart:
    """Value and net money in, both `without` the coins that have no price."""
    masked = amounts_hidden.get()
    scale = _largest(series) if masked else 1.0
    data = {
        "label": "Value",
        "baseLabel": f"Net money in without {', '.join(without)}" if without else "Net money in",
        "currency": unit.shown,
        "main": _points(series.at, series.value, unit, scale),
        "base": _points(series.at, series.net_money_in, unit, scale),
    }
    places = by_month(series.at, until=series.at[-1]) if series.at else []
    return Chart(data, [(series.at[n], series.value[n], series.net_money_in[n]) for n in places], masked)


def trades_chart(
    trades: Trades, asset: Asset, unit: Unit, levels: Mapping[str, Decimal | None] | None = None
) -> Chart:
    """An asset's price, which is public, and the user's buys, sells and `levels` (prices), which are not."""
    masked = amounts_hidden.get()
    data = {
        "label": f"{asset.symbol} price",
        "currency": unit.shown,
        "public": True,
        "main": _points(trades.at, trades.price, unit),
        "marks": [] if masked else _marks(trades, asset, unit),
        "levels": [] if masked else _levels(levels or {}),
    }
    places = by_month(trades.at, until=trades.at[-1]) if trades.at else []
    rows = [(trades.at[n], trades.price[n]) for n in places]
    return Chart(data, rows, masked, is_cut=not masked and len(trades.marks) >= MARKS)


def growth_chart(grown: Grown, instead: Levels) -> Chart:
    """What 1 became, and what it became in Bitcoin: ratios, which are no amounts."""
    data = {
        "label": "Time-weighted return",
        "baseLabel": "Holding Bitcoin",
        "unit": "growth",
        "benchmark": True,
        "public": True,
        "main": _ratios(grown.at, grown.level),
        "base": _ratios(grown.at, instead),
    }
    places = by_month(grown.at, until=grown.at[-1]) if grown.at else []
    rows = [(grown.at[n], _change(grown.level[n]), _change(instead[n])) for n in places]
    return Chart(data, rows)


def fall_chart(grown: Grown) -> Chart:
    """How far below its highest so far it stood."""
    falls = grown.falls
    data = {
        "label": "Below the highest so far",
        "unit": "ratio",
        "falls": True,
        "public": True,
        "main": _ratios(grown.at, falls),
    }
    places = by_month(grown.at, until=grown.at[-1]) if grown.at else []
    return Chart(data, [(grown.at[n], falls[n]) for n in places])


def _change(level: float | None) -> float | None:
    return None if level is None else level - 1


def _ratios(moments: tuple[datetime, ...], levels: Levels) -> Points:
    """To four places: a tenth of what a page shows."""
    return [
        [_ms(at), None if one is None else round(one, 4)] for at, one in zip(moments, levels, strict=True)
    ]


def _marks(trades: Trades, asset: Asset, unit: Unit) -> list[list[Any]]:
    """Buys, then sells. So many that they would hide the line share marks: neighbours one, at the time of the
    last of them, that says how many it stands for.
    """
    found: dict[str, list[list[Any]]] = {"Buy": [], "Sell": []}
    for at, price, kind, quantity in trades.marks:
        if kind in TRADES and not (kind == Kind.BUY and quantity < 0):  # its fee in the same coin
            name = "Buy" if quantity > 0 else "Sell"
            found[name].append([_ms(at), float(price), name, _trade(abs(quantity), price, asset, unit)])
    size = -(-sum(map(len, found.values())) // MOST_MARKS) or 1
    return [mark for marks in found.values() for mark in _clustered(marks, size)]


def _clustered(marks: list[list[Any]], size: int) -> Iterator[list[Any]]:
    for first in range(0, len(marks), size):
        members = marks[first : first + size]
        at, price, name, text = members[-1]
        many = f"{len(members)} trades ({name}), the last {text}"
        yield [at, price, name, many if len(members) > 1 else text]


def _levels(levels: Mapping[str, Decimal | None]) -> list[list[Any]]:
    """What a line can be drawn at: a break-even below 0 is behind one already."""
    return [[name, float(price)] for name, price in levels.items() if price is not None and price > 0]


def _trade(quantity: Decimal, price: Decimal, asset: Asset, unit: Unit) -> str:
    return f"{digits(Decimal(canonical(quantity)))} {asset.symbol} @ {price_text(price, unit.shown)}"


def _points(
    moments: tuple[datetime, ...], values: tuple[float | None, ...], unit: Unit, scale: float = 1.0
) -> Points:
    return [
        [_ms(at), None if value is None else _drawn(float(value) / scale, unit)]
        for at, value in zip(moments, values, strict=True)
    ]


def _drawn(value: float, unit: Unit) -> float:
    """As far as the text of a point says it: cents, or 8 places of bitcoins and of what is less than 1."""
    return round(value, 8 if unit.is_bitcoin or abs(value) < 1 else 2)


def _largest(series: Series) -> float:
    known = [abs(float(value)) for value in (*series.value, *series.net_money_in) if value is not None]
    return max(known, default=1.0) or 1.0


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
