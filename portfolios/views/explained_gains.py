"""How a sum of the page of gains came about: of the year, asset and method that its address asks for."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from portfolios.context import desk
from portfolios.models import Portfolio
from portfolios.selectors import Gains, UnknownFigure
from portfolios.selectors.anew import is_what_if
from portfolios.selectors.explain import explain_gains
from portfolios.templatetags.explaining import addressed
from portfolios.views.access import about_portfolio
from portfolios.views.explained import shown
from portfolios.views.gains import Asked, asked_of, found_for
from portfolios.views.moments import through_time
from portfolios.views.scope import Scope, scope_of
from portfolios.views.telling import FILTER, ROWS, Whence, kept, rows_before, telling
from prices.models import Asset


@through_time
@require_safe
def explain_all_gains(request: HttpRequest, figure: str) -> HttpResponse:
    return _explain(request, scope_of(desk(request)), figure)


@through_time
@about_portfolio("GET")
def explain_portfolio_gains(request: HttpRequest, portfolio: Portfolio, figure: str) -> HttpResponse:
    return _explain(request, scope_of(desk(request), portfolio), figure)


def _explain(request: HttpRequest, scope: Scope, figure: str) -> HttpResponse:
    page = desk(request)
    asked = asked_of(request, page, scope)
    found = found_for(page, scope, asked)
    is_other = is_what_if(scope.portfolios, asked.method)
    try:
        told = explain_gains(
            found, figure, zone=page.user.zone, what_if=is_other, offset=rows_before(request), limit=ROWS
        )
    except UnknownFigure as error:
        raise Http404("No such figure") from error
    return shown(
        request,
        telling(
            told,
            scope.unit,
            request,
            portfolio=scope.portfolio,
            asset=asked.asset,
            assets=_assets(found),
            page=Whence("Gains", _page(request, scope), _about(asked, is_other)),
        ),
    )


def _assets(found: Gains) -> dict[int, Asset]:
    return {gain.asset.pk: gain.asset for year in found.years for gain in year.gains}


def _about(asked: Asked, is_what_if: bool) -> str:
    """Of which disposals it is, as the page says it."""
    when = f"realised in {asked.year}" if asked.year else "realised in all years"
    return f"{when}, what if: {Portfolio.CostMethod(asked.method).label.lower()}" if is_what_if else when


def _page(request: HttpRequest, scope: Scope) -> str:
    """The page of gains, with what is asked of it."""
    pk = scope.portfolio and scope.portfolio.pk
    path = reverse("portfolio-gains", args=[pk]) if pk else reverse("gains")
    return addressed(path, kept(request, (*FILTER, "at")))
