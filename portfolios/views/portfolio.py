"""One portfolio: its figures, its assets' prices with the user's trades, its holdings, its transactions."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from portfolios.context import Desk, Unit, desk
from portfolios.models import Portfolio, Transaction
from portfolios.selectors import HoldingFigures, Overview, price_with_trades
from portfolios.views import parts
from portfolios.views.access import about_portfolio
from portfolios.views.answers import show, wanted_part
from portfolios.views.charts import trades_chart
from portfolios.views.listing import page_of
from portfolios.views.moments import through_time
from portfolios.views.remembered import remembered
from portfolios.views.scope import figures_of, scope_of
from portfolios.views.spans import LENGTHS, newest_known, span

PAGE = "portfolios/portfolio.html"
SPANS = [name for name in LENGTHS if name != "1D"]
SHOWN = {"open": "Open", "closed": "Closed", "all": "All"}  # which holdings


@dataclass(frozen=True, slots=True)
class Sheet:
    """What every region of the page is made of."""

    portfolio: Portfolio
    unit: Unit
    figures: Overview


@through_time
@about_portfolio("GET")
@remembered
def portfolio_page(request: HttpRequest, portfolio: Portfolio) -> HttpResponse:
    page = desk(request)
    sheet = sheet_of(page, portfolio)
    is_empty = not sheet.figures.holdings
    part = "" if is_empty else wanted_part(request, {"hero", "holdings", "transactions"})
    context = {
        "portfolio": portfolio,
        "overview": sheet.figures,
        "unit": sheet.unit,
        "today": timezone.localdate(page.now),
        "is_empty": is_empty,
        "books_balance": sheet.figures.books_balance,
    }
    if not is_empty:
        context |= _regions(request, sheet, part)
    return show(request, PAGE, context, part=part)


def sheet_of(page: Desk, portfolio: Portfolio) -> Sheet:
    """In the portfolio's unit; where that is the user's, together with the others, whom the sidebar shows."""
    scope = scope_of(page, portfolio)
    return Sheet(portfolio, scope.unit, figures_of(page, scope))


def _regions(request: HttpRequest, sheet: Sheet, part: str) -> dict[str, Any]:
    """What the asked-for region shows, or, with no part, all of them."""
    context: dict[str, Any] = {}
    if part in {"", "hero"}:
        context |= _hero(request, sheet)
    if part in {"", "holdings"}:
        context |= _holdings(request, sheet)
    if part in {"", "transactions"}:
        context |= _transactions(request, sheet)
    if not part:
        context |= {"measured": parts.measured(desk(request), [sheet.portfolio], sheet.figures)}
    return context


def _hero(request: HttpRequest, sheet: Sheet) -> dict[str, Any]:
    chosen = _chosen_holding(sheet.figures, request.GET.get("asset", ""))
    page = desk(request)
    until = newest_known(sheet.figures, page.now)
    shown = span(request.GET.get("range", ""), until=until, zone=page.user.zone)
    trades = price_with_trades(
        [sheet.portfolio],
        chosen.asset,
        currency=sheet.unit.currency,
        since=shown.since,
        until=until,
        memory=page.memory([sheet.portfolio], sheet.figures, until),
    )
    return {
        "chosen": chosen,
        "span": shown,
        "spans": SPANS,
        "chart": trades_chart(trades, chosen.asset, sheet.unit),
    }


def _chosen_holding(figures: Overview, symbol: str) -> HoldingFigures:
    """The asset that the chart is about: the one asked for, if the portfolio has it, or the largest."""
    if not symbol:
        return figures.holdings[0]
    found = next((each for each in figures.holdings if each.asset.symbol == symbol), None)
    if found is None:
        raise Http404("No such asset in this portfolio")
    return found


def _holdings(request: HttpRequest, sheet: Sheet) -> dict[str, Any]:
    shown = request.GET.get("show", "open")
    if shown not in SHOWN:
        shown = "open"
    kept = [each for each in sheet.figures.holdings if shown == "all" or each.is_open == (shown == "open")]
    return {"shown": shown, "choices": SHOWN, "holdings": kept}


def _transactions(request: HttpRequest, sheet: Sheet) -> dict[str, Any]:
    """The rows' figures are in the portfolio's own currency, whatever unit the page is in."""
    known = {each.asset.pk: each.price for each in sheet.figures.holdings}
    prices = known if sheet.unit.currency == sheet.portfolio.currency else None
    rows, memory, page = (
        Transaction.objects.kept().touching(sheet.portfolio).newest_first(),
        None,
        desk(request),
    )
    if page.is_past:
        rows = rows.filter(occurred_at__lte=page.now)
    else:
        memory = page.memory([sheet.portfolio], sheet.figures, page.now)
    number, here = request.GET.get("page"), sheet.portfolio
    return {"listing": page_of(rows, number, now=page.now, prices=prices, here=here, memory=memory)}
