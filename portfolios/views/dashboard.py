"""The dashboard: everything a user owns, together. Signed out, the landing page stands at its address."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portfolios.context import Desk, desk
from portfolios.models import Transaction
from portfolios.selectors import value_history
from portfolios.views import parts
from portfolios.views.answers import show, wanted_part
from portfolios.views.charts import value_chart
from portfolios.views.listing import InOrder
from portfolios.views.moments import through_time
from portfolios.views.remembered import remembered
from portfolios.views.spans import LENGTHS, newest_known, span

PAGE = "portfolios/dashboard.html"
TOP = 8  # holdings shown
RECENT = 5  # transactions shown


@login_not_required
@through_time
@require_safe
@remembered
def dashboard(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return render(request, "landing.html")
    page = desk(request)
    part = wanted_part(request, {"hero", "allocation"})
    context = _frame(page)
    if context["is_empty"]:
        return show(request, PAGE, context)
    if part != "allocation":
        context |= _hero(page, request)
    if part != "hero":
        context |= _allocation(page, request)
    if not part:
        context |= _tiles(page) | _lists(page)
    return show(request, PAGE, context, part=part)


def _frame(page: Desk) -> dict[str, Any]:
    whole = page.overviews[0]
    return {
        "overview": whole,
        "unit": page.unit,
        "now": page.now,
        "today": timezone.localdate(page.now),
        "is_empty": not whole.holdings,
        "books_balance": whole.books_balance,
    }


def _hero(page: Desk, request: HttpRequest) -> dict[str, Any]:
    whole = page.overviews[0]
    until = newest_known(whole, page.now)
    shown = span(request.GET.get("range", ""), until=until, zone=page.user.zone)
    series = value_history(
        page.portfolios,
        currency=page.unit.currency,
        since=shown.since,
        until=until,
        assets=[each.asset for each in whole.holdings if each.price_at],
        memory=page.memory(page.portfolios, whole, until),
    )
    value, other = parts.counterpart(whole, page.unit, page.user, page.now)
    return {
        "span": shown,
        "spans": list(LENGTHS),
        "chart": value_chart(series, page.unit, whole.prices.missing),
        "counterpart": {"value": value, "unit": other},
    }


def _allocation(page: Desk, request: HttpRequest) -> dict[str, Any]:
    whole, each = page.overviews
    by = "portfolio" if request.GET.get("by") == "portfolio" else "asset"
    if by == "portfolio":
        slices = parts.by_portfolio(page.portfolios, each, whole.value, page.palette)
    else:
        slices = parts.by_asset(whole)
    return {"by": by, "slices": slices, "bar": parts.bar(slices)}


def _tiles(page: Desk) -> dict[str, Any]:
    return {"measured": parts.measured(page, page.portfolios, page.overviews[0])}


def _lists(page: Desk) -> dict[str, Any]:
    whole = page.overviews[0]
    lines = parts.lines(page)
    memory = page.memory(page.portfolios, whole, page.now)
    kept = Transaction.objects.owned_by(page.user).kept()
    rows = InOrder(kept.filter(occurred_at__lte=page.now)) if page.is_past else InOrder(kept, memory)
    held = whole.open_holdings
    return {
        "alone": page.portfolios[0] if len(page.portfolios) == 1 else None,
        "holdings": [(one, lines.prices[one.asset.pk]) for one in held[:TOP]],
        "more_holdings": max(len(held) - TOP, 0),
        "activity": parts.activity(rows[:RECENT]),
        "portfolios": parts.portfolio_lines(page, lines),
    }
