"""How what led from the value at the start of a period to that at its end came about: figures of a bridge."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from portfolios.selectors.explain.earned import TITLES, Earned, Part
from portfolios.selectors.explain.explanation import UnknownFigure
from portfolios.selectors.explain.scene import is_signed
from portfolios.selectors.figures import Overview
from portfolios.selectors.formulas import less
from portfolios.selectors.periods import Bridge, contributions
from prices.models import Asset

UNKNOWN = "A value at the start or at the end is unknown."


def _ends(led: Bridge, of: str) -> tuple[Part, Part]:
    start, end = led.start, led.end
    shape = "gain" if is_signed(of) else "money"
    return (
        Part("At the end", getattr(end, of), shape, of, at=end.as_of),
        Part("At the start", getattr(start, of), shape, of, at=start.as_of),
    )


def _start(led: Bridge) -> Earned:
    return _step("what everything was worth then", led.start_value, _ends(led, "value")[1:], "money")


def _end(led: Bridge) -> Earned:
    return _step("what everything was worth then", led.end_value, _ends(led, "value")[:1], "money")


def _flows(led: Bridge) -> Earned:
    return _step("net money in at the end − at the start", led.net_flows, _ends(led, "net_money_in"))


def _realised(led: Bridge) -> Earned:
    """Fees stand by themselves: those of what left are taken out of it again."""
    ends = _ends(led, "realised")
    fees = less(led.realised, less(led.end.realised, led.start.realised))
    words = "realised gain at the end − at the start + the fees that it has borne"
    return _step(words, led.realised, (*ends, Part("Fees of what left", fees, "money")))


def _unrealised(led: Bridge) -> Earned:
    ends = _ends(led, "unrealised")
    fees = less(led.unrealised, less(led.end.unrealised, led.start.unrealised))
    words = "unrealised gain at the end − at the start + the fees of purchases, which are in its cost"
    return _step(words, led.unrealised, (*ends, Part("Fees of what came", fees, "money")))


def _income(led: Bridge) -> Earned:
    return _step("income at the end − at the start", led.income, _ends(led, "income"))


def _fees(led: Bridge) -> Earned:
    return _step("fees at the start − at the end", led.fees, _ends(led, "fees"))


def _result(led: Bridge) -> Earned:
    flows = Part(TITLES["period_flows"], led.net_flows, "gain", "period_flows")
    words = "value at the end − value at the start − net flows"
    return _step(words, led.result, (*_ends(led, "value"), flows))


def _result_ratio(led: Bridge) -> Earned:
    parts = (
        Part(TITLES["period_result"], led.result, "gain", "period_result"),
        Part("Value at the start + money in", led.base, "money"),
    )
    words = "result ÷ (value at the start + money in during the period)"
    return _step(words, led.result_ratio, parts, "ratio")


def explain_contribution(led: Bridge, asset: Asset) -> Earned:
    """What one asset contributed to the result of the period. Raises UnknownFigure where that is nothing."""
    one = next((each for each in contributions(led) if each.asset == asset), None)
    if one is None:
        raise UnknownFigure(asset.symbol)
    parts = (_of_asset("At the end", led.end, asset), _of_asset("At the start", led.start, asset))
    words = "net result at the end − at the start"
    return replace(_step(words, one.result, parts), figure="contribution")


def _of_asset(name: str, stood: Overview, asset: Asset) -> Part:
    """What was never held until then has no figure to explain."""
    held = next((each for each in stood.holdings if each.asset == asset), None)
    if held is None:
        return Part(name, Decimal(0), "gain")
    return Part(name, held.net_result, "gain", "net_result", stood.as_of)


def _step(formula: str, result: Decimal | None, parts: tuple[Part, ...], shape: str = "gain") -> Earned:
    """What led from the value at the start to that at the end has the sign that it has in the bridge."""
    return Earned("", formula, result, shape, UNKNOWN, parts)


LED: Mapping[str, Callable[[Bridge], Earned]] = {
    "period_start": _start,
    "period_end": _end,
    "period_flows": _flows,
    "period_realised": _realised,
    "period_unrealised": _unrealised,
    "period_income": _income,
    "period_fees": _fees,
    "period_result": _result,
    "period_result_ratio": _result_ratio,
}
