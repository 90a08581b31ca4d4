"""The door to explanations of what an overview shows."""

from collections.abc import Sequence
from datetime import datetime

from portfolios.models import Portfolio
from portfolios.selectors.explain.explanation import Explanation
from portfolios.selectors.explain.holding import explain_holding
from portfolios.selectors.explain.rows import LIMIT
from portfolios.selectors.explain.scene import Scene
from portfolios.selectors.explain.whole import explain_overview
from portfolios.selectors.figures import Overview
from portfolios.selectors.overview import overviews
from prices.models import Asset


def explain(
    portfolios: Sequence[Portfolio],
    figure: str,
    *,
    currency: str,
    now: datetime,
    asset: Asset | None = None,
    offset: int = 0,
    limit: int = LIMIT,
    seen: tuple[Overview, dict[int, Overview]] | None = None,
) -> Explanation:
    """Return how a figure of portfolios together came about, or of one asset in them, as of `now`.

    Figures are those of OVERVIEW_FIGURES and HOLDING_FIGURES. `seen`: what `overviews` said, where the page
    has asked already. Rows come newest first from `offset` on. Raises UnknownFigure.
    """
    whole, each = seen or overviews(portfolios, currency=currency, now=now)
    scene = Scene(portfolios, whole, each, max(offset, 0), max(limit, 0))
    return explain_holding(figure, asset, scene) if asset else explain_overview(figure, scene)
