"""Performance: what the choice of coins earned, and what the money earned, in a period; beside Bitcoin."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.text import get_text_list
from django.views.decorators.http import require_safe

from portfolios.context import Desk, desk
from portfolios.forms import PeriodForm
from portfolios.models import Portfolio
from portfolios.selectors import Overview, Performance, bitcoin_instead, performance
from portfolios.selectors.unpriced import separable
from portfolios.templatetags.explaining import WITHOUT
from portfolios.views.access import about_portfolio
from portfolios.views.answers import show, wanted_part
from portfolios.views.charts import fall_chart, growth_chart
from portfolios.views.heat import heat
from portfolios.views.moments import through_time
from portfolios.views.remembered import remembered
from portfolios.views.scope import Scope, figures_of, scope_of, without
from portfolios.views.spans import PERIODS, Span, period, returns_end
from prices.models import Asset
from prices.selectors import DAY

PAGE = "portfolios/performance.html"
ENOUGH = 2 * DAY  # before that there is nothing to compare


@through_time
@require_safe
@remembered
def performance_page(request: HttpRequest) -> HttpResponse:
    return _page(request, scope_of(desk(request)))


@through_time
@about_portfolio("GET")
@remembered
def portfolio_performance(request: HttpRequest, portfolio: Portfolio) -> HttpResponse:
    return _page(request, scope_of(desk(request), portfolio))


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for: the performance `found` in the period `span`; `now` is when returns end.

    `lacking` are the assets that have no price, in `scope`, or left out of it.
    """

    form: PeriodForm
    overview: Overview
    span: Span
    now: datetime
    found: Performance
    scope: Scope
    lacking: tuple[Asset, ...]

    @property
    def named(self) -> str:
        """What has no price, within a sentence."""
        return get_text_list([asset.symbol for asset in self.lacking], "and")

    @property
    def is_without(self) -> bool:
        """Whether what has no price is left out."""
        return bool(self.lacking) and bool(self.scope.portfolios[0].left_out)

    @property
    def is_offered(self) -> bool:
        """Whether something is unknown that may be known without what has no price."""
        seen = (self.found.returns.twr, self.found.returns.xirr, self.found.bridge.result)
        return bool(self.lacking) and not self.is_without and None in seen

    @property
    def last_day(self) -> datetime:
        """Of the period, whose end may be the midnight after it."""
        return self.span.until - timedelta.resolution


def asked(request: HttpRequest, page: Desk, scope: Scope) -> Asked:
    """A period that can't be read is everything; the form says why."""
    form = PeriodForm(request.GET, today=page.now.date())
    whole = figures_of(page, scope)
    lacking = separable(whole)
    if lacking and request.GET.get(WITHOUT) == "1":
        scope, whole = without(page, scope, lacking)
    end = returns_end(scope.portfolios, whole, page.now)
    days = form.cleaned_data if form.is_valid() else {}
    name = request.GET.get("range", "")
    shown = period(name, days.get("from"), days.get("to"), until=end, zone=page.user.zone)
    found = performance(
        scope.portfolios,
        whole=whole,
        since=shown.since,
        until=shown.until,
        now=end,
        memory=page.memory(scope.portfolios, whole, end),
    )
    return Asked(form, whole, shown, end, found, scope, lacking)


def _page(request: HttpRequest, scope: Scope) -> HttpResponse:
    page = desk(request)
    told = asked(request, page, scope)
    part = wanted_part(request, {"period"})
    about = {"scope": scope, "portfolio": scope.portfolio, "unit": scope.unit, "form": told.form}
    context = about | _told(page, scope, told)
    if not part:
        context |= {"heat": heat(told.found.years, page.now.date())}
    response = show(request, PAGE, context, part=part)
    response.status_code = 200 if told.form.is_valid() else 422
    return response


def _told(page: Desk, scope: Scope, told: Asked) -> dict[str, Any]:
    found = told.found
    context = {"overview": told.overview, "span": told.span, "spans": PERIODS, "told": found, "asked": told}
    context["today"] = timezone.localdate(page.now)
    context |= {"is_empty": found.began is None or told.now - found.began < ENOUGH}
    if found.began and context["is_empty"]:
        context |= {"ready_at": found.began + ENOUGH, "is_waiting": found.began + ENOUGH > page.now}
    return context if context["is_empty"] else context | _drawn(scope, told)


def _drawn(scope: Scope, told: Asked) -> dict[str, Any]:
    found, line = told.found, told.found.grown.thinned()
    instead = bitcoin_instead(scope.unit.currency, line.at)
    return {
        "chart": growth_chart(line, instead),
        "falls": fall_chart(line),
        "bitcoin": instead[-1] - 1 if instead and instead[-1] is not None else None,
        "first_day": found.since and found.since.astimezone(UTC),
        "last_day": told.last_day,
    }
