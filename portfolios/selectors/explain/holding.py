"""Explanations of the figures of one asset."""

from collections.abc import Callable
from decimal import Decimal

from portfolios.selectors.explain.explanation import Explanation, Link, Term, UnknownFigure
from portfolios.selectors.explain.scene import RATED, Scene, title_of
from portfolios.selectors.explain.years import by_year
from portfolios.selectors.figures import HoldingFigures, Overview
from portfolios.selectors.formulas import BOOKED, HOLDING, PRICE, PRICE_CHANGE, WEIGHT
from prices.models import Asset

HOLDING_FIGURES = (*BOOKED, "rated_quantity", *HOLDING, "price", "weight", "day_change_ratio")


def explain_holding(figure: str, asset: Asset, scene: Scene) -> Explanation:
    """Raises UnknownFigure."""
    holding = holding_of(scene.whole, asset)
    if holding is None:
        raise UnknownFigure(figure)
    return _explainer(figure)(figure, holding, scene)


def holding_of(overview: Overview, asset: Asset) -> HoldingFigures | None:
    return next((each for each in overview.holdings if each.asset.pk == asset.pk), None)


def _explainer(figure: str) -> Callable[[str, HoldingFigures, Scene], Explanation]:
    of_its_own = {"price": _price, "weight": _weight, "day_change_ratio": _price_change}
    if figure in of_its_own:
        return of_its_own[figure]
    if figure in HOLDING:
        return _formula
    if figure in BOOKED or figure == "rated_quantity":
        return _booked
    raise UnknownFigure(figure)


def _formula(figure: str, holding: HoldingFigures, scene: Scene) -> Explanation:
    """Other figures of the same asset, combined."""
    formula = HOLDING[figure]
    values = zip(formula.terms, formula.values(holding), strict=True)
    return scene.explanation(
        figure,
        formula.words,
        getattr(holding, figure),
        terms=tuple(_term(name, value, holding) for name, value in values),
        combine=formula.combine,
        prices=scene.prices([holding.asset]) if "price" in formula.terms else (),
        left_out=scene.left_out(figure, [holding]),
    )


def _term(name: str, value: Decimal | None, holding: HoldingFigures) -> Term:
    plain = name.removeprefix(RATED) if holding.is_rated else name
    return Term(title_of(plain), value, Link(plain, holding.asset.pk))


def _booked(figure: str, holding: HoldingFigures, scene: Scene) -> Explanation:
    """The sum of its rows: by portfolio, where several are looked at together, else by year."""
    return scene.explanation(
        figure,
        BOOKED[figure.removeprefix(RATED)],
        getattr(holding, figure),
        terms=_parts(figure, holding, scene),
        rows=scene.rows(figure, [holding.asset.pk]),
        left_out=scene.left_out(figure, [holding]),
    )


def _parts(figure: str, holding: HoldingFigures, scene: Scene) -> tuple[Term, ...]:
    """Years are told from the read models, which are kept in the portfolio's own currency."""
    if scene.together:
        return _by_portfolio(figure, holding.asset, scene)
    portfolio = scene.portfolios[0]
    if portfolio.currency != scene.whole.currency:
        return ()
    result = getattr(holding, figure)
    return by_year(figure.removeprefix(RATED), portfolio, holding.asset, result, scene.whole.as_of)


def _by_portfolio(figure: str, asset: Asset, scene: Scene) -> tuple[Term, ...]:
    terms, transferred = [], Decimal(0)
    for portfolio in scene.portfolios:
        own = holding_of(scene.each[portfolio.pk], asset)
        value = getattr(own, figure) if own else None
        if own is None or value is None:
            continue
        terms.append(Term(portfolio.name, value, Link(figure, asset.pk, portfolio.pk)))
        if figure in {"money_in", "money_out"} and own.position:
            transferred += (
                own.position.transferred_in if figure == "money_in" else own.position.transferred_out
            )
    if transferred:
        terms.append(Term("Transferred between portfolios", -transferred))
    return tuple(terms)


def _price(figure: str, holding: HoldingFigures, scene: Scene) -> Explanation:
    prices = scene.prices([holding.asset])
    used = prices[0] if prices else None
    return scene.explanation(
        figure,
        PRICE.words,
        holding.price,
        terms=(
            Term("Price in US dollars", used.quote.price if used else None),
            Term(f"US dollars per {scene.whole.currency}", used.rate if used else None),
        ),
        combine=PRICE.combine,
        prices=prices,
        left_out=scene.left_out(figure, [holding]),
    )


def _price_change(figure: str, holding: HoldingFigures, scene: Scene) -> Explanation:
    then = scene.prices([holding.asset], scene.whole.day_start) if scene.whole.day_start else ()
    before = then[0].price if then else None
    return scene.explanation(
        figure,
        PRICE_CHANGE.words,
        holding.day_change_ratio,
        terms=(
            Term(title_of("price"), holding.price, Link("price", holding.asset.pk)),
            Term("Price a day before", before),
        ),
        combine=PRICE_CHANGE.combine,
        prices=(*scene.prices([holding.asset]), *then),
        left_out=scene.left_out("price", [holding]),
    )


def _weight(figure: str, holding: HoldingFigures, scene: Scene) -> Explanation:
    return scene.explanation(
        figure,
        WEIGHT.words,
        holding.weight,
        terms=(
            Term(
                f"{title_of('value')} of {holding.asset.symbol}",
                holding.value,
                Link("value", holding.asset.pk),
            ),
            Term("Value of everything", scene.whole.value, Link("value")),
        ),
        combine=WEIGHT.combine,
    )
