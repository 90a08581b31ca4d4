"""Explanations of a day's result: what was held when it began and ended, and what flowed in between."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portfolios.selectors.anew import Key
from portfolios.selectors.books import steps
from portfolios.selectors.explain.explanation import (
    NO_PRICE,
    NO_PRICE_THEN,
    Explanation,
    LeftOut,
    Link,
    Term,
    UsedPrice,
)
from portfolios.selectors.explain.rows import FLOW
from portfolios.selectors.explain.scene import Scene, title_of
from portfolios.selectors.formulas import DAY_CHANGE, HOLDING, plus, worth
from prices.models import Asset
from prices.selectors import DAY

DAY_FIGURES = ("day_change", "day_end_value", "day_start_value", "day_flow")
_Valued = tuple[dict[Asset, Decimal | None], tuple[UsedPrice, ...]]  # values by asset, and their prices


@dataclass(frozen=True, slots=True)
class _Day:
    """The last day that can be told: quantities by portfolio and asset, and what flowed in, less out."""

    start: datetime
    end: datetime
    held_at_start: dict[Key, Decimal]
    held_at_end: dict[Key, Decimal]
    flow: Decimal | None


def explain_day(figure: str, scene: Scene) -> Explanation:
    """Where nothing has a price there is no day that can be told."""
    assets = {each.asset.pk: each.asset for each in scene.whole.holdings}
    day = _day(scene)
    if day is None:
        return scene.explanation(figure, DAY_CHANGE.words, None)
    if figure == "day_flow":
        return _flow(figure, day, scene)
    if figure == "day_end_value":
        found = _valued(day.held_at_end, assets, scene.whole.as_of, scene)
        return _value(figure, scene.whole.day_end_value, found, scene)
    start = _valued(day.held_at_start, assets, day.start, scene)
    if figure == "day_start_value":
        return _value(figure, plus(*start[0].values()), start, scene)
    return _change(figure, day, start[0], scene)


def _change(figure: str, day: _Day, start: dict[Asset, Decimal | None], scene: Scene) -> Explanation:
    values = {
        "day_end_value": scene.whole.day_end_value,
        "day_start_value": plus(*start.values()),
        "day_flow": day.flow,
    }
    unpriced = {each.asset: each for each in (*_unpriced(start, NO_PRICE_THEN), *scene.left_out(figure))}
    return scene.explanation(
        figure,
        DAY_CHANGE.words,
        scene.whole.day_change,
        terms=tuple(Term(title_of(name), values[name], Link(name)) for name in DAY_CHANGE.terms),
        combine=DAY_CHANGE.combine,
        left_out=(*unpriced.values(), *_unrated(day, scene)),
    )


def _value(figure: str, result: Decimal | None, found: _Valued, scene: Scene) -> Explanation:
    values, prices = found
    return scene.explanation(
        figure,
        f"{HOLDING['value'].words}, summed over assets",
        result,
        terms=tuple(Term(asset.symbol, value) for asset, value in values.items()),
        prices=prices,
        left_out=_unpriced(values, NO_PRICE if figure == "day_end_value" else NO_PRICE_THEN),
    )


def _unpriced(values: dict[Asset, Decimal | None], reason: str) -> tuple[LeftOut, ...]:
    return tuple(LeftOut(asset, reason) for asset, value in values.items() if value is None)


def _unrated(day: _Day, scene: Scene) -> tuple[LeftOut, ...]:
    return scene.left_out("day_flow") if day.flow is None else ()


def _flow(figure: str, day: _Day, scene: Scene) -> Explanation:
    return scene.explanation(
        figure,
        "money in − money out",
        day.flow,
        rows=scene.rows(FLOW, since=day.start, until=day.end),
        left_out=_unrated(day, scene),
    )


def _day(scene: Scene) -> _Day | None:
    """What is held at the moment, less what came after."""
    if scene.whole.day_start is None:
        return None
    start, end = scene.whole.day_start, scene.whole.day_start + DAY
    held = {
        (portfolio, holding.asset.pk): holding.quantity
        for portfolio, overview in scene.each.items()
        for holding in overview.holdings
    }
    at_start, at_end, flows = dict(held), dict(held), []
    for step in steps(scene.portfolios, scene.whole.currency, since=start, until=scene.whole.as_of):
        if step.at <= scene.whole.as_of:
            at_start[step.key] -= step.quantity
            if step.at > end:
                at_end[step.key] -= step.quantity
            else:
                flows.append(step.flow)
    return _Day(start, end, at_start, at_end, plus(*flows))


def _valued(held: dict[Key, Decimal], assets: dict[int, Asset], moment: datetime, scene: Scene) -> _Valued:
    """What of each asset was held was worth; None where it has no price."""
    prices = scene.prices(list(assets.values()), moment)
    known = {used.asset.pk: used.price for used in prices}
    parts: dict[int, list[Decimal | None]] = defaultdict(list)
    for (_, asset), quantity in held.items():
        parts[asset].append(worth(quantity, known.get(asset)))
    return {assets[pk]: plus(*parts[pk]) for pk in _held_ever(parts, assets)}, prices


def _held_ever(parts: dict[int, list[Decimal | None]], assets: dict[int, Asset]) -> Iterable[int]:
    """Assets of which there was anything, in the order of the page."""
    return (pk for pk in assets if any(part != 0 for part in parts[pk]))
