"""Explanations of the figures of portfolios: made of other figures, or summed over assets."""

from collections.abc import Callable
from decimal import Decimal
from operator import attrgetter

from portfolios.selectors.explain.day import DAY_FIGURES, explain_day
from portfolios.selectors.explain.explanation import Explanation, Link, Term, UnknownFigure
from portfolios.selectors.explain.scene import VALUED, Scene, title_of
from portfolios.selectors.figures import HoldingFigures
from portfolios.selectors.formulas import BOOKED, HOLDING, OVERVIEW

SUMMED = tuple(name for name in BOOKED if name != "quantity")  # of different assets there is no quantity
OF_VALUED = tuple(f"{VALUED}{name}" for name in SUMMED)
OVERVIEW_FIGURES = (
    "value",
    "unrealised",
    "average_price",
    *SUMMED,
    *OVERVIEW,
    *DAY_FIGURES,
    *OF_VALUED,
)


def explain_overview(figure: str, scene: Scene) -> Explanation:
    """Raises UnknownFigure."""
    return _explainer(figure)(figure, scene)


def _explainer(figure: str) -> Callable[[str, Scene], Explanation]:
    if figure in OVERVIEW:
        return _formula
    if figure in SUMMED or figure in OF_VALUED:
        return _booked
    if figure in DAY_FIGURES:
        return explain_day
    others = {"value": _summed, "unrealised": _summed, "average_price": _average_price}
    if figure not in others:
        raise UnknownFigure(figure)
    return others[figure]


def _formula(figure: str, scene: Scene) -> Explanation:
    formula = OVERVIEW[figure]
    values = zip(formula.terms, formula.values(scene.whole), strict=True)
    return scene.explanation(
        figure,
        formula.words,
        getattr(scene.whole, figure),
        terms=tuple(_term(name, value, scene) for name, value in values),
        combine=formula.combine,
    )


def _term(name: str, value: Decimal | None, scene: Scene) -> Term:
    """As long as everything has a price, what has a price is everything."""
    plain = name.removeprefix(VALUED) if scene.whole.valued == scene.whole.position else name
    return Term(title_of(plain), value, Link(plain))


def _summed(figure: str, scene: Scene) -> Explanation:
    return scene.explanation(
        figure,
        f"{HOLDING[figure].words}, summed over assets",
        getattr(scene.whole, figure),
        terms=_by_asset(figure, scene.whole.holdings),
        prices=scene.prices([each.asset for each in scene.whole.open_holdings]),
    )


def _booked(figure: str, scene: Scene) -> Explanation:
    name = figure.removeprefix(VALUED)
    holdings, assets = scene.whole.holdings, None
    if name != figure:
        holdings = tuple(each for each in holdings if each.value is not None)
        assets = [each.asset.pk for each in holdings]
    return scene.explanation(
        figure,
        BOOKED[name],
        attrgetter(figure)(scene.whole),
        terms=_by_asset(name, holdings),
        rows=scene.rows(name, assets),
    )


def _by_asset(figure: str, holdings: tuple[HoldingFigures, ...]) -> tuple[Term, ...]:
    values = [(each.asset, getattr(each, figure)) for each in holdings]
    return tuple(
        Term(asset.symbol, value, Link(figure, asset.pk)) for asset, value in values if value is not None
    )


def _average_price(figure: str, scene: Scene) -> Explanation:
    """That of the one asset that is held."""
    held = scene.whole.open_holdings
    alone = held[0] if len(held) == 1 else None
    term = alone and Term(alone.asset.symbol, alone.average_price, Link(figure, alone.asset.pk))
    return scene.explanation(
        figure, HOLDING[figure].words, scene.whole.average_price, terms=(term,) if term else ()
    )
