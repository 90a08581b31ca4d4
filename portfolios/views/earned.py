"""How a figure of a period came about, made ready for its template, in the period that its address names."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from portfolios.context import Desk
from portfolios.models import Portfolio, Transaction
from portfolios.selectors import explain_earned
from portfolios.selectors.explain import EARNED_FIGURES, Earned, Line, Part, UnknownFigure
from portfolios.selectors.explain.flowed import flowed_on
from portfolios.templatetags.explaining import PERIOD, WITHOUT, addressed, explanation_of
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
class Flowed:
    """What came or went on a day: one transaction, named, or how many, and where they are listed."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class ToldLine:
    """`last` is the last day of a stretch, None where it is that of one day or of a moment. `flowed` are the
    transactions of a day of flows.
    """

    at: datetime
    last: datetime | None
    is_day: bool
    cells: tuple[tuple[object, str], ...]
    url: str
    flowed: Flowed | None = None


def explain_period(
    request: HttpRequest, page: Desk, scope: Scope, figure: str, symbol: str = ""
) -> HttpResponse:
    """404 for an unknown figure. A period that can't be read is everything, as on the page of performance."""
    told = asked(request, page, scope)
    scope = told.scope
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
    context |= _rows(found, told, request, scope)
    return show(request, PAGE, context, part="explanation" if is_dialog else "")


def _rows(found: Earned, told: Asked, request: HttpRequest, scope: Scope) -> dict[str, Any]:
    """One page of its lines, newest first, and where the pages beside it are."""
    lines, offset = found.lines[::-1], rows_before(request)
    end, number = offset + ROWS, offset // ROWS + 1
    shown = [_line(each, request, scope.portfolio) for each in lines[offset:end]]
    if found.figure == "xirr":
        shown = _with_transactions(shown, told, scope)
    return {
        "lines": shown,
        "first": offset + 1,
        "last": min(end, len(lines)),
        "before": page_of_rows(request, number - 1) if offset else "",
        "after": page_of_rows(request, number + 1) if end < len(lines) else "",
    }


def _with_transactions(lines: list[ToldLine], told: Asked, scope: Scope) -> list[ToldLine]:
    """Each day of flows leads to what came or went on it."""
    rows = flowed_on(told.found, scope.portfolios, {line.at.date() for line in lines})
    return [
        replace(line, flowed=_flowed(rows[line.at.date()], scope.portfolio))
        if line.at.date() in rows
        else line
        for line in lines
    ]


def _flowed(rows: list[Transaction], portfolio: Portfolio | None) -> Flowed:
    """The list is one of the reader's days, which a UTC day may lie across."""
    if len(rows) == 1:
        return Flowed(rows[0].get_kind_display(), reverse("transaction-history", args=[rows[0].pk]))
    days = [timezone.localdate(row.occurred_at).isoformat() for row in (rows[0], rows[-1])]
    said = {"portfolio": portfolio.pk if portfolio else "", "since": days[0], "until": days[1]}
    return Flowed(f"{len(rows)} transactions", addressed(reverse("transaction-list"), said))


def _asset(told: Asked, symbol: str) -> Asset | None:
    if not symbol:
        return None
    held = (each.asset for each in told.found.bridge.end.holdings)
    found = next((each for each in held if each.symbol == symbol), None)
    if found is None:
        raise UnknownFigure(symbol)
    return found


def _parts(found: Earned, told: Asked, request: HttpRequest, scope: Scope, symbol: str) -> Iterator[ToldPart]:
    """A figure of the period keeps the period; any other is as of one end of it. That of everything has no
    explanation without what is left out here.
    """
    for part in found.parts:
        is_earned = part.figure in EARNED_FIGURES
        if not part.figure or (told.is_without and not is_earned and not symbol):
            yield ToldPart(part, "")
            continue
        said = kept(request, (*PERIOD, *KEPT) if is_earned else KEPT)
        if not is_earned and part.at and part.at < told.now:
            said["at"] = part.at.isoformat()
        yield ToldPart(part, addressed(explanation_of(part.figure, scope.portfolio, symbol), said))


def _line(line: Line, request: HttpRequest, portfolio: Portfolio | None) -> ToldLine:
    """A stretch of whole days is told by its first and its last day, and explained in turn."""
    if line.until is None:
        return ToldLine(line.at, None, line.is_day, line.cells, "")
    last = line.until - timedelta.resolution
    said = kept(request, (WITHOUT, *KEPT)) | {"from": f"{line.at:{DAY}}", "to": f"{last:{DAY}}"}
    is_long = line.at.date() != last.date()
    url = addressed(explanation_of("twr", portfolio), said)
    return ToldLine(line.at, last if is_long else None, True, line.cells, url)
