"""One asset in one portfolio: its figures, its price with the user's trades, its lots, its transactions."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from portfolios.context import Desk, desk
from portfolios.models import Holding, Portfolio, Transaction
from portfolios.selectors import HoldingFigures, price_with_trades
from portfolios.views.access import about_portfolio
from portfolios.views.answers import show, wanted_part
from portfolios.views.asset_lots import lot_rows, valued
from portfolios.views.charts import trades_chart
from portfolios.views.listing import page_of
from portfolios.views.moments import through_time
from portfolios.views.portfolio import SPANS, Sheet, sheet_of
from portfolios.views.remembered import remembered
from portfolios.views.spans import newest_known, span

PAGE = "portfolios/asset.html"
LOTS = {"open": "Open", "closed": "Closed"}
LOTS_SHOWN = 20  # on a page


@through_time
@about_portfolio("GET")
@remembered
def asset_page(request: HttpRequest, portfolio: Portfolio, symbol: str) -> HttpResponse:
    page = desk(request)
    sheet = sheet_of(page, portfolio)
    one = _holding(sheet, symbol)
    if one is None:
        return _not_held_yet(request, portfolio, symbol)
    part = wanted_part(request, {"hero", "lots", "transactions"})
    context = {
        "portfolio": portfolio,
        "one": one,
        "asset": one.asset,
        "overview": sheet.figures,
        "unit": sheet.unit,
        "today": timezone.localdate(page.now),
    }
    if part in {"", "hero"}:
        context |= _hero(request, sheet, one)
    if part in {"", "lots"}:
        context |= _lots(request, page, sheet, one)
    if part in {"", "transactions"}:
        context |= _transactions(request, page, sheet, one)
    return show(request, PAGE, context, part=part)


def _holding(sheet: Sheet, symbol: str) -> HoldingFigures | None:
    """What is or was held of it."""
    return next((each for each in sheet.figures.holdings if each.asset.symbol == symbol), None)


def _not_held_yet(request: HttpRequest, portfolio: Portfolio, symbol: str) -> HttpResponse:
    """In the past the page says that it came later; otherwise there is none."""
    later = Holding.objects.filter(portfolio=portfolio).select_related("asset")
    found = next((each.asset for each in later if each.asset.symbol == symbol), None)
    if found is None or not desk(request).is_past:
        raise Http404("No such asset in this portfolio")
    return show(request, PAGE, {"portfolio": portfolio, "asset": found, "is_empty": True})


def _hero(request: HttpRequest, sheet: Sheet, one: HoldingFigures) -> dict[str, Any]:
    page = desk(request)
    until = newest_known(sheet.figures, page.now)
    shown = span(request.GET.get("range", ""), until=until, zone=page.user.zone)
    trades = price_with_trades(
        [sheet.portfolio],
        one.asset,
        currency=sheet.unit.currency,
        since=shown.since,
        until=until,
        memory=page.memory([sheet.portfolio], sheet.figures, until),
    )
    levels = {"Average price": one.average_price, "Break-even": one.break_even_price}
    chart = trades_chart(trades, one.asset, sheet.unit, levels if one.is_open else {})
    return {"span": shown, "spans": SPANS, "chart": chart}


def _lots(request: HttpRequest, page: Desk, sheet: Sheet, one: HoldingFigures) -> dict[str, Any]:
    """Of what is not held any more the closed ones, whatever is asked for."""
    shown = "closed" if request.GET.get("lots") == "closed" or not one.is_open else "open"
    memory = page.memory([sheet.portfolio], sheet.figures, page.now)
    asked = {"currency": sheet.unit.currency, "at": page.now, "memory": memory}
    rows = lot_rows(sheet.portfolio, one.asset, shown, **asked)
    found = Paginator(rows, LOTS_SHOWN).get_page(request.GET.get("lot_page"))
    if shown == "open":
        found.object_list = valued(found.object_list, one.price, page.now)
    return {"shown": shown, "choices": LOTS, "lots": found}


def _transactions(request: HttpRequest, page: Desk, sheet: Sheet, one: HoldingFigures) -> dict[str, Any]:
    rows = Transaction.objects.kept().touching(sheet.portfolio).about(one.asset.pk)
    if page.is_past:
        rows = rows.filter(occurred_at__lte=page.now)
    return {"listing": page_of(rows, request.GET.get("page"), now=page.now, here=sheet.portfolio)}
