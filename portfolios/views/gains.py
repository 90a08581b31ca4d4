"""Realised gains: year by year, each disposal with the lots it used; as a page, and as a file."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from portfolios.context import Desk, desk
from portfolios.forms import GainsForm
from portfolios.models import Portfolio
from portfolios.selectors import Gain, Gains, gains, years_with_gains
from portfolios.selectors.anew import is_what_if
from portfolios.views.access import about_portfolio
from portfolios.views.answers import show, wanted_part
from portfolios.views.csv_files import csv_file
from portfolios.views.moments import through_time
from portfolios.views.remembered import remembered
from portfolios.views.scope import Scope, scope_of
from prices.models import Asset

PAGE = "portfolios/gains.html"
PAGE_SIZE = 25
LOTS = 10  # of one disposal that the page shows; the file has them all
COLUMNS = (
    "portfolio", "asset", "kind", "acquired_at", "disposed_at", "days_held", "quantity", "cost", "proceeds",
    "gain", "currency", "method", "transaction", "acquired_by",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: a calendar year of the reader's zone (None: ever), an asset, a method."""

    years: list[int]
    year: int | None
    asset: Asset | None
    method: str
    form: GainsForm


@through_time
@require_safe
@remembered
def gains_page(request: HttpRequest) -> HttpResponse:
    return _page(request, scope_of(desk(request)))


@through_time
@about_portfolio("GET")
@remembered
def portfolio_gains(request: HttpRequest, portfolio: Portfolio) -> HttpResponse:
    return _page(request, scope_of(desk(request), portfolio))


@through_time
@require_safe
def gains_csv(request: HttpRequest) -> StreamingHttpResponse:
    return _file(request, scope_of(desk(request)))


@through_time
@about_portfolio("GET")
def portfolio_gains_csv(request: HttpRequest, portfolio: Portfolio) -> StreamingHttpResponse:
    return _file(request, scope_of(desk(request), portfolio))


def _page(request: HttpRequest, scope: Scope) -> HttpResponse:
    page = desk(request)
    asked = asked_of(request, page, scope)
    found = found_for(page, scope, asked)
    newest_first = [one for year in found.years for one in year.gains][::-1]
    is_other = is_what_if(scope.portfolios, asked.method)
    context = {
        "scope": scope,
        "unit": scope.unit,
        "asked": asked,
        "found": found,
        "page": Paginator(newest_first, PAGE_SIZE).get_page(request.GET.get("page")),
        "names": {each.pk: each.name for each in scope.portfolios},
        "lots": LOTS,
        "booked": found_for(page, scope, asked, method="") if is_other else None,
        "method": _method(scope, asked),
        "file": _address(scope),
    }
    return show(request, PAGE, context, part=wanted_part(request, {"gains"}))


def _file(request: HttpRequest, scope: Scope) -> StreamingHttpResponse:
    """Everything that the filter asks for, whatever page the reader is on; oldest first."""
    page = desk(request)
    asked = asked_of(request, page, scope)
    found = found_for(page, scope, asked)
    names = {each.pk: each for each in scope.portfolios}
    told = (one for year in found.years for one in year.gains)
    rows = (row for one in told for row in _rows(one, names[one.portfolio], found.currency, asked.method))
    what_if = f"-{asked.method}" if is_what_if(scope.portfolios, asked.method) else ""
    return csv_file(f"gains-{asked.year or 'all'}{what_if}.csv", COLUMNS, rows)


def asked_of(request: HttpRequest, page: Desk, scope: Scope) -> Asked:
    """404 for a year, an asset or a method that there is not."""
    form = GainsForm(request.GET, portfolios=scope.portfolios)
    if not form.is_valid():
        raise Http404("No such year, asset or method")
    years = years_with_gains(scope.portfolios, at=page.now, zone=page.user.zone)
    wanted = form.cleaned_data
    newest = years[0] if years else page.now.astimezone(page.user.zone).year
    year = {"": newest, "all": None}.get(wanted["year"], wanted["year"])
    return Asked(years, year and int(year), wanted["asset"], wanted["method"], form)


def found_for(page: Desk, scope: Scope, asked: Asked, method: str | None = None) -> Gains:
    return gains(
        scope.portfolios,
        currency=scope.unit.currency,
        at=page.now,
        zone=page.user.zone,
        year=asked.year,
        asset=asked.asset,
        method=asked.method if method is None else method,
    )


def _method(scope: Scope, asked: Asked) -> str:
    """The method that the shown gains are by, in words; "" where the portfolios have several."""
    methods = {asked.method} if asked.method else {each.cost_method for each in scope.portfolios}
    return Portfolio.CostMethod(methods.pop()).label if len(methods) == 1 else ""


def _address(scope: Scope) -> str:
    if scope.portfolio is None:
        return reverse("gains-csv")
    return reverse("portfolio-gains-csv", args=[scope.portfolio.pk])


def _rows(one: Gain, portfolio: Portfolio, currency: str, method: str) -> list[tuple[Any, ...]]:
    """One for each lot that a disposal used."""
    return [
        (
            portfolio.name,
            one.asset.symbol,
            one.kind,
            lot.acquired_at,
            one.disposed_at,
            lot.days_held,
            lot.quantity,
            lot.cost,
            lot.proceeds,
            lot.gain,
            currency,
            method or portfolio.cost_method,
            one.transaction,
            lot.origin,
        )
        for lot in one.lots
    ]
