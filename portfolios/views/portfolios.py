"""The list of portfolios, and a portfolio itself: new, renamed, deleted."""

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from portfolios.context import desk
from portfolios.forms import DeleteForm, MethodForm, PortfolioForm, RenameForm
from portfolios.models import Portfolio, Transaction
from portfolios.selectors.methods import compare
from portfolios.services import change_cost_method, create_portfolio, delete_portfolio, rename_portfolio
from portfolios.views import parts
from portfolios.views.access import about_portfolio
from portfolios.views.answers import posted, refuse, see_other

FORM = "portfolios/portfolio_form.html"
DELETE = "portfolios/portfolio_delete.html"
METHOD = "portfolios/portfolio_method.html"
SHOWN = 20  # of the transfers that keep a portfolio from being deleted


@require_safe
def portfolio_list(request: HttpRequest) -> HttpResponse:
    page = desk(request)
    whole, each = page.overviews
    lines = parts.lines(page)
    slices = parts.by_portfolio(page.portfolios, each, whole.value, page.palette)
    context = {
        "overview": whole,
        "unit": page.unit,
        "today": timezone.localdate(page.now),
        "slices": slices,
        "bar": parts.bar(slices),
        "portfolios": parts.portfolio_lines(page, lines),
    }
    return render(request, "portfolios/portfolio_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def portfolio_new(request: HttpRequest) -> HttpResponse:
    form = PortfolioForm(
        posted(request),
        initial={"currency": request.user.currency, "cost_method": Portfolio.CostMethod.AVERAGE},
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = create_portfolio(owner=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.refuse(error)
        else:
            said = f"Portfolio “{made.name}” is ready."
            return see_other(request, reverse("portfolio", args=[made.pk]), said)
    return _form(request, FORM, {"form": form})


@about_portfolio("GET", "POST")
def portfolio_edit(request: HttpRequest, portfolio: Portfolio) -> HttpResponse:
    name = portfolio.name
    form = RenameForm(posted(request), initial={"name": name})
    if request.method == "POST" and form.is_valid():
        try:
            rename_portfolio(portfolio=portfolio, name=form.cleaned_data["name"])
        except ValidationError as error:
            portfolio.name = name  # the page's sidebar shows this very portfolio
            form.refuse(error)
        else:
            return see_other(request, reverse("portfolio", args=[portfolio.pk]), "The new name is saved.")
    return _form(
        request,
        FORM,
        {
            "form": form,
            "portfolio": portfolio,
            "name": name,
            "method": MethodForm(initial={"to": portfolio.cost_method}),
        },
    )


@about_portfolio("GET", "POST")
def portfolio_method(request: HttpRequest, portfolio: Portfolio) -> HttpResponse:
    """What another cost method would change; posted, it is kept from the first transaction on."""
    form = MethodForm(request.POST if request.method == "POST" else request.GET)
    if not form.is_valid():
        raise Http404("No such cost method")
    method = form.cleaned_data["to"]
    after = Portfolio.CostMethod(method).label
    if request.method == "POST":
        change_cost_method(portfolio=portfolio, cost_method=method)
        said = f"The books are kept by another method now: {after.lower()}."
        return see_other(request, reverse("portfolio", args=[portfolio.pk]), said)
    context = {
        "portfolio": portfolio,
        "method": method,
        "before": portfolio.get_cost_method_display(),
        "after": after,
        "comparisons": compare(portfolio, method, desk(request).now),
    }
    return render(request, METHOD, context)


@about_portfolio("GET", "POST")
def portfolio_delete(request: HttpRequest, portfolio: Portfolio) -> HttpResponse:
    form = DeleteForm(posted(request), portfolio=portfolio)
    if request.method == "POST" and form.is_valid():
        try:
            delete_portfolio(portfolio=portfolio)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            said = f"Portfolio “{portfolio.name}” is deleted."
            return see_other(request, reverse("portfolio-list"), said)
    ties = Transaction.objects.owned_by(request.user).tying(portfolio).newest_first()
    restorable = Transaction.objects.filter(to_portfolio=portfolio).exclude(deleted_at=None)
    context = {
        "form": form,
        "portfolio": portfolio,
        "count": portfolio.transactions.kept().count(),
        "ties": ties.select_related("asset", "portfolio", "to_portfolio")[:SHOWN],
        "restorable": restorable.exclude(portfolio=portfolio).count(),
    }
    return _form(request, DELETE, context)


def _form(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    if request.method == "POST":
        return refuse(request, template, context)
    return render(request, template, context)
