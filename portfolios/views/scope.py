"""What a page is about: one portfolio, in its currency, or all of a user's together, in the user's."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from portfolios.context import Desk, Unit, unit_of
from portfolios.models import Portfolio
from portfolios.selectors import Overview, asked_without, overview, overviews
from prices.models import Asset


@dataclass(frozen=True, slots=True)
class Scope:
    """`portfolio` is None where all are looked at together."""

    portfolios: list[Portfolio]
    portfolio: Portfolio | None
    unit: Unit


def scope_of(page: Desk, portfolio: Portfolio | None = None) -> Scope:
    if portfolio is None:
        return Scope(page.portfolios, None, page.unit)
    return Scope([portfolio], portfolio, unit_of(page.user, portfolio.currency))


def figures_of(page: Desk, scope: Scope) -> Overview:
    """In the scope's unit; where that is the user's, together with the others, whom the sidebar shows."""
    if scope.portfolio is None:
        return page.overviews[0]
    if scope.unit == page.unit:
        return page.overviews[1][scope.portfolio.pk]
    return overview(scope.portfolio, currency=scope.unit.currency, now=page.now)


def without(page: Desk, scope: Scope, assets: Iterable[Asset]) -> tuple[Scope, Overview]:
    """The same portfolios as they would be without some assets, and their figures."""
    rest = replace(scope, portfolios=asked_without(scope.portfolios, assets))
    return rest, overviews(rest.portfolios, currency=scope.unit.currency, now=page.now)[0]
