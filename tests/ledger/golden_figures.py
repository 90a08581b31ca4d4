"""The figures that a golden case compares, by their names in the golden files."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Any

from portfolios.ledger import Booked, Flow, HoldingWouldBeNegative, Lot, ratio, time_weighted_return
from portfolios.ledger.risk import annualised, drawdown_of_returns, growth, max_drawdown, volatility
from portfolios.selectors.xirr import money_weighted
from tests.ledger.golden import ZERO, Case, figures
from tests.ledger.golden_books import Books

YEAR = timedelta(days=365)


def computed(case: Case, block: dict[str, Any]) -> dict[str, Any]:
    """What Bitfolio makes of the case, under the names that `block` asks for."""
    names = figures(block)
    if "rows" not in case:
        return {name: OF_SERIES[name](case) for name in names}
    try:
        books = Books(case, block)
    except HoldingWouldBeNegative:
        return {"refused": True}
    last = max(step.entry.at for step in books.booked).date()
    until = date.fromisoformat(case["at"]) if "at" in case else last
    if "since" in block:
        return books.period(date.fromisoformat(block["since"]), until)
    return {name: _of_books(books, name, published, until) for name, published in names.items()}


def _of_books(books: Books, name: str, published: Any, until: date) -> Any:
    if name in OF_DISPOSALS:
        return OF_DISPOSALS[name](books)
    figure = getattr(books, name)
    if isinstance(published, dict):
        return {day: figure(date.fromisoformat(day)) for day in published}
    return figure(until)


def _leaving(books: Books) -> list[Booked]:
    return [step for step in books.booked if not step.arrives]


def _units(books: Books, quantity: Decimal, lot: Lot) -> str:
    return f"{quantity.normalize():f} of {books.lot_names[lot.origin]}"


def _taken(books: Books) -> list[list[str]]:
    """Per disposal the units taken, lot by lot; a lot is called by its place among the rows that acquire."""
    return [[_units(books, piece.quantity, piece.lot) for piece in step.slices] for step in _leaving(books)]


def _left(books: Books) -> list[str]:
    """What is still open, lot by lot."""
    lots = [lot for step in books.booked for lot in step.made if lot.open_quantity]
    lots.sort(key=lambda lot: books.lot_names[lot.origin])
    return [_units(books, lot.open_quantity, lot) for lot in lots]


def _disposals(books: Books) -> dict[str, dict[str, Decimal]]:
    """Per year and label: the quantity that left, what it brought, what it cost, and the gain."""
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for step in _leaving(books):
        into = sums[_year_and_label(books, step)]
        into["quantity"] += step.entry.quantity
        into["proceeds"] += step.proceeds or ZERO
        into["cost"] += step.cost
        into["gain"] += step.gain or ZERO
    return sums


def _year_and_label(books: Books, step: Booked) -> str:
    return f"{step.entry.at.year} {books.rows[step.entry.sequence].label}"


def _income_by_year(books: Books) -> dict[str, dict[str, Decimal]]:
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for step in books.booked:
        if step.change.income:
            into = sums[str(step.entry.at.year)]
            into["quantity"] += step.change.quantity
            into["amount"] += step.change.income
    return sums


def _by_term(books: Books) -> list[tuple[str, str, Decimal, Decimal, Decimal]]:
    """Per slice: what it belongs to, whether it was held longer than 365 days, quantity, cost and gain."""
    return [
        (
            _year_and_label(books, step),
            "long" if step.entry.at - piece.lot.acquired_at > YEAR else "short",
            piece.quantity,
            piece.cost,
            (step.proceeds or ZERO) * piece.quantity / step.entry.quantity - piece.cost,
        )
        for step in _leaving(books)
        for piece in step.slices
    ]


def _gain_by_term(books: Books) -> dict[str, dict[str, Decimal]]:
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for name, term, _, _, gain in _by_term(books):
        sums[name][term] += gain
    return sums


def _trades(books: Books) -> list[dict[str, Any]]:
    """Each disposal as a trade: what went in when its lots were acquired, and what came out."""
    trades = []
    for step in _leaving(books):
        paid = [(piece.lot.acquired_at.date(), -piece.cost) for piece in step.slices]
        trades.append(
            {
                "quantity": step.entry.quantity,
                "cost": step.cost,
                "proceeds": step.proceeds,
                "gain": step.gain,
                "return": ratio(step.gain, step.cost),
                "xirr": money_weighted([*paid, (step.entry.at.date(), step.proceeds or ZERO)]),
            }
        )
    return trades


OF_DISPOSALS: dict[str, Callable[[Books], Any]] = {
    "refused": lambda books: False,
    "quantity_after": lambda books: list(accumulate(step.change.quantity for step in books.booked)),
    "cost_basis_after": lambda books: list(accumulate(step.change.cost_basis for step in books.booked)),
    "costs": lambda books: [step.cost for step in _leaving(books)],
    "first_cost": lambda books: _leaving(books)[0].cost,
    "cost_of_disposals": lambda books: sum((step.cost for step in _leaving(books)), ZERO),
    "unit_costs": lambda books: [step.cost / step.entry.quantity for step in _leaving(books)],
    "gains": lambda books: [step.gain for step in _leaving(books)],
    "taken": _taken,
    "left": _left,
    "disposals": _disposals,
    "income_by_year": _income_by_year,
    "cost_held_long": lambda books: sum((each[3] for each in _by_term(books) if each[1] == "long"), ZERO),
    "cost_held_short": lambda books: sum((each[3] for each in _by_term(books) if each[1] == "short"), ZERO),
    "units_held_short": lambda books: sum((each[2] for each in _by_term(books) if each[1] == "short"), ZERO),
    "gain_by_term": _gain_by_term,
    "trades": _trades,
}


def _xirr(case: Case) -> float | None:
    flows = [line.split() for line in case["flows"]]
    return money_weighted([(date.fromisoformat(day), Decimal(amount)) for day, amount in flows])


def _twr(case: Case) -> Decimal | None:
    """Of values just before each flow; a flow in is positive. The last value has none."""
    flows, at = [], datetime(2024, 1, 1, tzinfo=UTC)
    for stop in case["valuations"][:-1]:
        before, flow = Decimal(stop["before"]), Decimal(stop["flow"])
        flows.append(Flow(at, before, max(flow, ZERO), max(-flow, ZERO), before + flow))
    return time_weighted_return(flows, Decimal(case["valuations"][-1]["before"]))


def _numbers(case: Case, name: str) -> list[Decimal | None]:
    return [None if value is None else Decimal(value) for value in case[name]]


def _drawdown(case: Case) -> float | None:
    if "values" in case:
        return max_drawdown(_numbers(case, "values"))
    return drawdown_of_returns(_numbers(case, "returns"))


def _volatility(case: Case) -> float | None:
    periods = case.get("periods_per_year", 365)
    if "days_of_periods" in case:
        days = case["days_of_periods"]
        periods = 365 * len(days) / sum(days)
    return volatility(_numbers(case, "returns"), periods)


OF_SERIES: dict[str, Callable[[Case], Any]] = {
    "xirr": _xirr,
    "twr": _twr,
    "annualised": lambda case: annualised(Decimal(case["total_return"]), case["days"]),
    "max_drawdown": _drawdown,
    "volatility": _volatility,
    "growth": lambda case: growth(_numbers(case, "returns"))[-1] - 1,
    "growth_series": lambda case: [grown - 1 for grown in growth(_numbers(case, "returns"))[1:]],
}
