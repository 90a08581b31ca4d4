"""How a figure of a period came about, made ready for its template, in the period that its address names."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from portfolios.context import Desk
from portfolios.models import Portfolio
from portfolios.selectors import explain_earned
from portfolios.selectors.explain import EARNED_FIGURES, Earned, Line, Part, UnknownFigure
from portfolios.templatetags.explaining import PERIOD, addressed, explanation_of
from portfolios.views.answers import show, wanted_part
from portfolios.views.performance import Asked, asked
from portfolios.views.scope import Scope
from portfolios.views.telling import KEPT, ROWS, kept, page_of_rows, rows_before
from prices.models import Asset

PAGE = "portfolios/earned.html"
DIALOG = "modal"
DAY = "%Y-%m-%d"


@dataclass(frozen=True, slots=True)
class ToldPart:
    part: Part
    url: str


@dataclass(frozen=True, slots=True)
class ToldLine:
    """`last` is the last day of a stretch, None where it is that of one day or of a moment."""

    at: datetime
    last: datetime | None
    is_day: bool
    cells: tuple[tuple[object, str], ...]
    url: str


def explain_period(
    request: HttpRequest, page: Desk, scope: Scope, figure: str, symbol: str = ""
) -> HttpResponse:
    """404 for an unknown figure. A period that can't be read is everything, as on the page of performance."""
    told = asked(request, page, scope)
    try:
        asset = _asset(told, symbol)
        found = explain_earned(told.found, figure, scope.portfolios, asset)
    except UnknownFigure as error:
        raise Http404("No such figure") from error
    is_dialog = bool(wanted_part(request, {DIALOG}))
    context = {
        "e": found,
        "told": told,
        "portfolio": scope.portfolio,
        "asset": asset,
        "unit": scope.unit,
        "is_dialog": is_dialog,
        "moment": request.moment,
        "parts": list(_parts(found, told, request, scope, symbol)),
    }
    context |= _rows(found, request, scope.portfolio)
    return show(request, PAGE, context, part="explanation" if is_dialog else "")


def _rows(found: Earned, request: HttpRequest, portfolio: Portfolio | None) -> dict[str, Any]:
    """One page of its lines, newest first, and where the pages beside it are."""
    lines, offset = found.lines[::-1], rows_before(request)
    end, number = offset + ROWS, offset // ROWS + 1
    return {
        "lines": [_line(each, request, portfolio) for each in lines[offset:end]],
        "first": offset + 1,
        "last": min(end, len(lines)),
        "before": page_of_rows(request, number - 1) if offset else "",
        "after": page_of_rows(request, number + 1) if end < len(lines) else "",
    }


def _asset(told: Asked, symbol: str) -> Asset | None:
    if not symbol:
        return None
    held = (each.asset for each in told.found.bridge.end.holdings)
    found = next((each for each in held if each.symbol == symbol), None)
    if found is None:
        raise UnknownFigure(symbol)
    return found


def _parts(found: Earned, told: Asked, request: HttpRequest, scope: Scope, symbol: str) -> Iterator[ToldPart]:
    """A figure of the period keeps the period; any other is as of one end of it."""
    for part in found.parts:
        if not part.figure:
            yield ToldPart(part, "")
            continue
        is_earned = part.figure in EARNED_FIGURES
        said = kept(request, (*PERIOD, *KEPT) if is_earned else KEPT)
        if not is_earned and part.at and part.at < told.now:
            said["at"] = part.at.isoformat()
        yield ToldPart(part, addressed(explanation_of(part.figure, scope.portfolio, symbol), said))


def _line(line: Line, request: HttpRequest, portfolio: Portfolio | None) -> ToldLine:
    """A stretch of whole days is told by its first and its last day, and explained in turn."""
    if line.until is None:
        return ToldLine(line.at, None, line.is_day, line.cells, "")
    last = line.until - timedelta.resolution
    said = kept(request, KEPT) | {"from": f"{line.at:{DAY}}", "to": f"{last:{DAY}}"}
    is_long = line.at.date() != last.date()
    url = addressed(explanation_of("twr", portfolio), said)
    return ToldLine(line.at, last if is_long else None, True, line.cells, url)
