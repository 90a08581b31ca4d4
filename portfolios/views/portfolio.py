"""One portfolio: its figures, its assets' prices with the user's trades, its holdings, its transactions."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from portfolios.context import Unit, desk, unit_of
from portfolios.models import Portfolio
from portfolios.selectors import HoldingFigures, Overview, Step, overview, price_with_trades, steps
from portfolios.views import parts
from portfolios.views.access import about_portfolio
from portfolios.views.answers import show, wanted_part
from portfolios.views.charts import trades_chart
from portfolios.views.listing import page_of
from portfolios.views.spans import LENGTHS, newest_known, span

PAGE = "portfolios/portfolio.html"
SPANS = [name for name in LENGTHS if name != "1D"]
SHOWN = {"open": "Open", "closed": "Closed", "all": "All"}  # which holdings


@about_portfolio("GET")
def portfolio_page(request: HttpRequest, portfolio: Portfolio) -> HttpResponse:
    page = desk(request)
    unit = unit_of(page.user, portfolio.currency)
    figures = overview(portfolio, currency=unit.currency, now=page.now)
    part = wanted_part(request, {"hero", "holdings", "transactions"})
    context = {
        "portfolio": portfolio,
        "overview": figures,
        "unit": unit,
        "now": page.now,
        "today": timezone.localdate(page.now),
        "is_empty": not figures.holdings,
    }
    if not context["is_empty"]:
        context |= _regions(request, portfolio, figures, unit, part)
    return show(request, PAGE, context, part="" if context["is_empty"] else part)


def _regions(
    request: HttpRequest, portfolio: Portfolio, figures: Overview, unit: Unit, part: str
) -> dict[str, Any]:
    """What the asked-for region shows, or, with no part, all of them."""
    context: dict[str, Any] = {}
    now = desk(request).now
    booked = steps([portfolio], unit.currency) if part in {"", "hero"} else []
    if part in {"", "hero"}:
        context |= _hero(request, portfolio, figures, booked, unit)
    if part in {"", "holdings"}:
        context |= _holdings(request, figures)
    if part in {"", "transactions"}:
        rows = portfolio.transactions.kept()
        context |= {"listing": page_of(rows, request.GET.get("page"), now=now)}
    if not part:
        context |= {"measured": parts.measured([portfolio], figures, booked, now)}
    return context


def _hero(
    request: HttpRequest, portfolio: Portfolio, figures: Overview, booked: list[Step], unit: Unit
) -> dict[str, Any]:
    chosen = _chosen_holding(figures, request.GET.get("asset", ""))
    now = desk(request).now
    until = newest_known(figures, now)
    shown = span(request.GET.get("range", ""), until=until, zone=desk(request).user.zone)
    trades = price_with_trades(
        [portfolio], chosen.asset, currency=unit.currency, since=shown.since, until=until, booked=booked
    )
    return {
        "chosen": chosen,
        "span": shown,
        "spans": SPANS,
        "chart": trades_chart(trades, chosen.asset, unit),
    }


def _chosen_holding(figures: Overview, symbol: str) -> HoldingFigures:
    """The asset that the chart is about: the one asked for, if the portfolio has it, or the largest."""
    if not symbol:
        return figures.holdings[0]
    found = next((each for each in figures.holdings if each.asset.symbol == symbol), None)
    if found is None:
        raise Http404("No such asset in this portfolio")
    return found


def _holdings(request: HttpRequest, figures: Overview) -> dict[str, Any]:
    shown = request.GET.get("show", "open")
    if shown not in SHOWN:
        shown = "open"
    kept = [each for each in figures.holdings if shown == "all" or each.is_open == (shown == "open")]
    return {"shown": shown, "choices": SHOWN, "holdings": kept}
