"""How returns and risk of a period came about, out of the very `Performance` that the page shows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from itertools import pairwise
from math import sqrt
from statistics import mean, stdev
from typing import SupportsFloat

from portfolios.ledger import Flow, Growth
from portfolios.models import Portfolio
from portfolios.selectors.explain.earned import TITLES, Earned, Line, Part
from portfolios.selectors.explain.explanation import UnknownFigure
from portfolios.selectors.explain.led import LED, explain_contribution
from portfolios.selectors.flows import flows_of
from portfolios.selectors.growth import Performance, bitcoin_instead
from portfolios.selectors.history import known
from portfolios.selectors.moves import moves
from portfolios.selectors.performance import YEAR, days_between, tracked
from portfolios.selectors.valuing import prices_in
from portfolios.selectors.xirr import money_weighted
from prices.models import Asset
from prices.selectors import DAY, floor, rate_asset

BY_MONTH = 62 * DAY  # a longer period is told by the month, a shorter one by the day
CHAINED = "(value at the end + money out) ÷ (value at the start + money in) − 1, chained from flow to flow"
FALL = "lowest ÷ the highest before it − 1, of what 1 had grown to by UTC midnights"
RATE = (
    "the yearly rate with Σ flow × (1 + rate) ^ (−days ÷ 365) = 0: money in is negative, and what is held at "
    "the end comes out"
)
GROWTH = ("Return", "Grown to")  # heads of lines about stretches of time


def explain_earned(
    found: Performance, figure: str, portfolios: Sequence[Portfolio], asset: Asset | None = None
) -> Earned:
    """Return how a figure of `found`, the performance of these portfolios, came about, or what an asset
    contributed to it. Raises UnknownFigure.
    """
    if asset and figure == "contribution":
        return explain_contribution(found.bridge, asset)
    if asset:
        raise UnknownFigure(figure)
    if figure == "twr":
        return _twr(found, portfolios)
    if figure in LED:
        told = replace(LED[figure](found.bridge), figure=figure)
        return replace(told, reason=found.bridge.unvalued or told.reason)
    if figure in _EXPLAINED:
        return _EXPLAINED[figure](found)
    raise UnknownFigure(figure)


def _twr(found: Performance, portfolios: Sequence[Portfolio]) -> Earned:
    """By the month, by the day, or, within a day, from flow to flow."""
    told = Earned("twr", CHAINED, found.returns.twr, reason=found.returns.twr_reason)
    if found.since and found.until - found.since <= DAY:
        lines = _from_flow_to_flow(found, portfolios)
        return replace(told, heads=("Value before", "Money in", "Money out", "Grown to"), lines=lines)
    formula = (
        f"the growth of its {'months' if _is_long(found) else 'days'}, chained: (1 + r) × (1 + r) × … − 1"
    )
    return replace(told, formula=formula, heads=GROWTH, lines=_pieces(found))


def _is_long(found: Performance) -> bool:
    return found.since is not None and found.until - found.since > BY_MONTH


def _pieces(found: Performance) -> tuple[Line, ...]:
    """The months or days of the period: what each earned, and what 1 had become at its end."""
    points = _known(found)
    if points and _is_long(found):
        ends = {points[0], points[-1]}
        points = [each for each in points if each in ends or _begins_a_month(each[0])]
    return _stretches(points)


def _known(found: Performance) -> list[tuple[datetime, float]]:
    points = zip(found.grown.at, found.grown.level, strict=True)
    return [(at, one) for at, one in points if one is not None]


def _stretches(points: Sequence[tuple[datetime, float]]) -> tuple[Line, ...]:
    """From each point to the next: over what is unknown between them, and none of nothing."""
    return tuple(
        Line(at, ((after / before - 1, "ratio"), (after, "factor")), until)
        for (at, before), (until, after) in pairwise(points)
        if before
    )


def _begins_a_month(at: datetime) -> bool:
    return at.day == 1 and at == floor(at, DAY)


def _from_flow_to_flow(found: Performance, portfolios: Sequence[Portfolio]) -> tuple[Line, ...]:
    """Nothing where the return is unknown: with a flow left out the others would make another one."""
    value = found.bridge.end.value
    if found.since is None or found.returns.twr is None or value is None:
        return ()
    growth, lines = Growth(), []
    for flow in _flows_in(portfolios, found.bridge.end.currency, found.since, found.until, value):
        grown = growth.after(flow)
        amounts = ((flow.value_before, "money"), (flow.money_in, "money"), (flow.money_out, "money"))
        lines.append(Line(flow.at, (*amounts, (1.0 if grown is None else grown, "factor"))))
    return tuple(lines)


def _flows_in(
    portfolios: Sequence[Portfolio], currency: str, since: datetime, until: datetime, value: SupportsFloat
) -> Iterator[Flow]:
    """As in the line of the performance: what is booked at a midnight belongs to the day that it begins."""
    before, is_midnight = since - datetime.resolution, until == floor(until, DAY)
    booked = moves(portfolios, currency, since=before, until=until - datetime.resolution * is_midnight)
    held = tracked(portfolios, currency=currency, now=before).held
    yield from (flow for flow, _ in flows_of(booked, currency, until, held, since) if isinstance(flow, Flow))
    if not is_midnight:
        yield Flow(until, float(value), 0.0, 0.0, float(value))


def _twr_per_year(found: Performance) -> Earned:
    days = days_between(found.since or found.until, found.until)
    return Earned(
        "twr_per_year",
        "(1 + TWR) ^ (365 ÷ days) − 1",
        found.returns.twr_per_year,
        reason=found.returns.twr_reason or "Less than 90 days are not blown up to a year.",
        parts=(Part(TITLES["twr"], found.returns.twr, figure="twr"), Part("Days", days, "days")),
    )


def _xirr(found: Performance) -> Earned:
    """Each flow on its day, and what it is worth on the first day by the rate: together nothing."""
    told = Earned("xirr", RATE, found.returns.xirr, reason=found.returns.xirr_reason)
    yearly = money_weighted(found.flows)
    if found.since is None or found.returns.xirr is None or yearly is None:
        return told
    first = found.since.date()
    lines = tuple(
        Line(
            _midnight(day),
            ((flow, "money"), (_discounted(flow, yearly, (day - first).days), "money")),
            is_day=True,
        )
        for day, flow in found.flows
        if flow
    )
    told = replace(told, heads=("Flow", "Worth on the first day"), lines=lines)
    if found.returns.annualised:
        return told
    parts = (
        Part("By the year", yearly),
        Part("Days", (found.until.date() - first).days, "days"),
    )
    return replace(told, formula=f"(1 + r) ^ (days ÷ 365) − 1, where r is {RATE}", parts=parts)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _discounted(flow: float, rate: float, days: int) -> float | None:
    """None where it is too large for a number."""
    try:
        return float(flow * (1 + rate) ** (-days / YEAR))
    except ArithmeticError:
        return None


def _max_drawdown(found: Performance) -> Earned:
    """The deepest point, and the highest one before it."""
    points = _known(found)
    parts: tuple[Part, ...] = ()
    if points and found.returns.max_drawdown is not None:
        falls = {
            at: fall for at, fall in zip(found.grown.at, found.grown.falls, strict=True) if fall is not None
        }
        low = min(falls, key=lambda at: falls[at])
        high = max((each for each in points if each[0] <= low), key=lambda each: each[1])
        parts = (
            Part("Lowest after it", dict(points)[low], "factor", at=low),
            Part("Highest until then", high[1], "factor", at=high[0]),
        )
    return Earned(
        "max_drawdown",
        FALL,
        found.returns.max_drawdown,
        reason=found.returns.twr_reason or "Too little is known in this period.",
        parts=parts,
    )


def _volatility(found: Performance) -> Earned:
    swings = found.grown.swings
    many = len(swings) > 1
    return Earned(
        "volatility",
        "sample deviation (n − 1) of the daily time-weighted returns × √365",
        found.returns.volatility,
        "share",
        reason=found.returns.twr_reason or "Two days with known prices are needed.",
        parts=(
            Part("Daily returns", len(swings), "number"),
            Part("Their mean", mean(swings) if swings else None),
            Part("Their deviation", stdev(swings) if many else None, "share"),
            Part("√365", sqrt(YEAR), "factor"),
        ),
        heads=GROWTH,
        lines=_stretches(_known(found)),
    )


def _instead(found: Performance) -> Earned:
    """What a bitcoin cost at either end."""
    currency, bitcoin, moments = found.bridge.end.currency, rate_asset("BTC"), found.grown.at
    told = Earned("instead", "its price at the end ÷ at the start − 1", None, reason="No price is known.")
    if bitcoin is None or not moments:
        return told
    ends = (moments[0], moments[-1])
    last = bitcoin_instead(currency, ends)[-1]
    prices = known(prices_in(currency, [bitcoin], ends)[bitcoin.pk])
    names = zip(("At the start", "At the end"), ends, prices, strict=True)
    parts = tuple(Part(name, price, "price", at=at) for name, at, price in names)
    return replace(told, result=None if last is None else last - 1, parts=parts[::-1])


_EXPLAINED: Mapping[str, Callable[[Performance], Earned]] = {
    "twr_per_year": _twr_per_year,
    "xirr": _xirr,
    "max_drawdown": _max_drawdown,
    "volatility": _volatility,
    "instead": _instead,
}
