"""How a figure came about: a page of its own, and the same in a dialog over the page with the figure."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from portfolios.context import Desk, Unit, desk, unit_of
from portfolios.models import FEE_LEG, Portfolio, Transaction
from portfolios.selectors import Explanation, Overview, UnknownFigure, explain, explain_gain, gain_of
from portfolios.selectors.explain import EARNED_FIGURES, explain_realised, explain_row
from portfolios.selectors.explain.scene import VALUED
from portfolios.selectors.overview import overviews
from portfolios.views.access import about_portfolio, about_transaction
from portfolios.views.answers import show, wanted_part
from portfolios.views.earned import explain_period
from portfolios.views.moments import through_time
from portfolios.views.scope import Scope, scope_of
from portfolios.views.telling import ROWS, Telling, rows_before, telling
from prices.models import Asset

PAGE = "portfolios/explanation.html"
DIALOG = "modal"
OF_A_ROW = ("value_now", "net_result")


@through_time
@require_safe
def explain_all(request: HttpRequest, figure: str, symbol: str = "") -> HttpResponse:
    """A figure of everything, or of one asset in everything."""
    page = desk(request)
    if figure in EARNED_FIGURES:
        return explain_period(request, page, scope_of(page), figure, symbol)
    seen, asset = page.overviews, _asset(page.overviews[0], symbol)
    found = _explained(request, page.portfolios, figure, page.unit, asset, seen)
    return shown(request, telling(found, page.unit, request, asset=asset, assets=_assets(seen[0])))


@through_time
@about_portfolio("GET")
def explain_portfolio(
    request: HttpRequest, portfolio: Portfolio, figure: str, symbol: str = ""
) -> HttpResponse:
    """A figure of one portfolio, or of one asset in it."""
    page = desk(request)
    unit = unit_for(request, page, portfolio)
    if figure in EARNED_FIGURES:
        return explain_period(request, page, Scope([portfolio], portfolio, unit), figure, symbol)
    seen = overviews([portfolio], currency=unit.currency, now=page.now)
    asset = _asset(seen[0], symbol)
    found = _explained(request, [portfolio], figure, unit, asset, seen)
    told = telling(found, unit, request, portfolio=portfolio, asset=asset, assets=_assets(seen[0]))
    return shown(request, told)


@through_time
@about_transaction("GET")
def explain_transaction(request: HttpRequest, transaction: Transaction, figure: str) -> HttpResponse:
    """What a transaction realised; or of one leg the gain, its proceeds, its cost; or what its row says.

    404 where it has no such figure.
    """
    if request.moment.is_past and transaction.occurred_at > desk(request).now:
        raise Http404("It had not happened by then")
    leg = FEE_LEG if request.GET.get("leg") == str(FEE_LEG) else 0
    if figure in OF_A_ROW or (figure == "cost" and transaction.is_acquisition and not leg):
        return _row(request, transaction, figure)
    unit = unit_for(request, desk(request), transaction.portfolio, own=True)
    if figure == "realised":
        return _realised(request, transaction, unit)
    gain = gain_of(transaction, leg, currency=unit.currency)
    if gain is None:
        raise Http404("It realised nothing")
    try:
        found = explain_gain(gain, figure, currency=unit.currency, offset=rows_before(request), limit=ROWS)
    except UnknownFigure as error:
        raise Http404("No such figure") from error
    told = telling(found, unit, request, portfolio=transaction.portfolio, asset=gain.asset, of=transaction)
    return shown(request, told)


def _row(request: HttpRequest, transaction: Transaction, figure: str) -> HttpResponse:
    """In the portfolio's currency, as rows are, whatever the unit; of a transfer in (leg 1) where it went."""
    now = desk(request).now
    here = transaction.to_portfolio if request.GET.get("leg") == "1" else None
    try:
        found = explain_row(transaction, figure, now=now, here=here)
    except UnknownFigure as error:
        raise Http404("It has no such figure") from error
    place = here or transaction.portfolio
    unit = Unit(place.currency, place.currency)
    told = telling(found, unit, request, portfolio=place, asset=transaction.asset, of=transaction)
    return shown(request, told)


def _realised(request: HttpRequest, transaction: Transaction, unit: Unit) -> HttpResponse:
    legs = (gain_of(transaction, leg, currency=unit.currency) for leg in (0, FEE_LEG))
    gains = [gain for gain in legs if gain]
    if not gains:
        raise Http404("It realised nothing")
    found = explain_realised(gains, currency=unit.currency)
    asset, owner = transaction.asset, transaction.portfolio
    return shown(request, telling(found, unit, request, portfolio=owner, asset=asset, of=transaction))


def unit_for(request: HttpRequest, page: Desk, portfolio: Portfolio, *, own: bool = False) -> Unit:
    """The unit of a portfolio's figures; `?in=` says it is that of everything, of which they are a part.

    `own`: figures of transactions stay in the portfolio's currency, whatever unit its page is in.
    """
    asked = request.GET.get("in", "")
    if asked and asked == page.unit.currency:
        return page.unit
    own_unit = Unit(portfolio.currency, portfolio.currency)
    return own_unit if own else unit_of(page.user, portfolio.currency)


def _explained(
    request: HttpRequest,
    portfolios: list[Portfolio],
    figure: str,
    unit: Unit,
    asset: Asset | None,
    seen: tuple[Overview, dict[int, Overview]],
) -> Explanation:
    asked = {"currency": unit.currency, "now": desk(request).now, "asset": asset, "seen": seen}
    if seen[0].valued == seen[0].position:  # all has a price: no need to say "of what has a price"
        figure = figure.removeprefix(VALUED)
    try:
        return explain(portfolios, figure, offset=rows_before(request), limit=ROWS, **asked)
    except UnknownFigure as error:
        raise Http404("No such figure") from error


def shown(request: HttpRequest, told: Telling) -> HttpResponse:
    is_dialog = bool(wanted_part(request, {DIALOG}))
    context = {"told": told, "is_dialog": is_dialog, "moment": request.moment}
    return show(request, PAGE, context, part="explanation" if is_dialog else "")


def _asset(figures: Overview, symbol: str) -> Asset | None:
    """Of what was ever held; None where the figure is about all of it."""
    if not symbol:
        return None
    found = next((each.asset for each in figures.holdings if each.asset.symbol == symbol), None)
    if found is None:
        raise Http404("No such asset here")
    return found


def _assets(figures: Overview) -> dict[int, Asset]:
    return {each.asset.pk: each.asset for each in figures.holdings}
