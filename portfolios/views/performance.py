"""Performance: what the choice of coins earned, and what the money earned, in a period; beside Bitcoin."""

from datetime import UTC, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from portfolios.context import Desk, desk
from portfolios.forms import PeriodForm
from portfolios.models import Portfolio
from portfolios.selectors import Performance, bitcoin_instead, performance
from portfolios.views.access import about_portfolio
from portfolios.views.answers import show, wanted_part
from portfolios.views.charts import fall_chart, growth_chart
from portfolios.views.heat import MONTHS, heat
from portfolios.views.scope import Scope, figures_of, scope_of
from portfolios.views.spans import PERIODS, Span, period, returns_end
from prices.selectors import DAY

PAGE = "portfolios/performance.html"
ENOUGH = 2 * DAY  # before that there is nothing to compare


@require_safe
def performance_page(request: HttpRequest) -> HttpResponse:
    return _page(request, scope_of(desk(request)))


@about_portfolio("GET")
def portfolio_performance(request: HttpRequest, portfolio: Portfolio) -> HttpResponse:
    return _page(request, scope_of(desk(request), portfolio))


def _page(request: HttpRequest, scope: Scope) -> HttpResponse:
    page = desk(request)
    form = PeriodForm(request.GET, today=page.now.date())
    is_valid = form.is_valid()
    part = wanted_part(request, {"period"})
    context = {"scope": scope, "unit": scope.unit, "form": form} | _told(request, page, scope, form)
    if not part:
        context |= {"heat": heat(context["told"].years), "month_names": MONTHS}
    response = show(request, PAGE, context, part=part)
    response.status_code = 200 if is_valid else 422
    return response


def _told(request: HttpRequest, page: Desk, scope: Scope, form: PeriodForm) -> dict[str, Any]:
    whole = figures_of(page, scope)
    end = returns_end(scope.portfolios, whole, page.now)
    days = form.cleaned_data if form.is_valid() else {}
    asked = request.GET.get("range", "")
    shown = period(asked, days.get("from"), days.get("to"), until=end, zone=page.user.zone)
    found = performance(
        scope.portfolios,
        whole=whole,
        since=shown.since,
        until=shown.until,
        now=end,
        memory=page.memory(scope.portfolios, whole, end),
    )
    context = {"overview": whole, "span": shown, "spans": PERIODS, "told": found}
    context["today"] = timezone.localdate(page.now)
    context |= {"is_empty": found.began is None or end - found.began < ENOUGH}
    if found.began and context["is_empty"]:
        context |= {"ready_at": found.began + ENOUGH, "is_waiting": found.began + ENOUGH > page.now}
    return context if context["is_empty"] else context | _drawn(scope, shown, found)


def _drawn(scope: Scope, shown: Span, found: Performance) -> dict[str, Any]:
    line = found.grown.thinned()
    instead = bitcoin_instead(scope.unit.currency, line.at)
    return {
        "chart": growth_chart(line, instead),
        "falls": fall_chart(line),
        "bitcoin": instead[-1] - 1 if instead and instead[-1] is not None else None,
        "first_day": found.since and found.since.astimezone(UTC),
        "last_day": shown.until - timedelta.resolution,
    }
