"""How a lot stands: a page of its own, and the same in a dialog over the page of its asset."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from portfolios.context import Unit, desk
from portfolios.models import Portfolio, Transaction
from portfolios.selectors import HoldingFigures, UnknownFigure
from portfolios.selectors.explain import Explanation, LotStory, explain_lot
from portfolios.selectors.explain import Unit as Shape
from portfolios.selectors.explain.lot import CAME, OPEN, Piece
from portfolios.selectors.explain.scene import is_signed
from portfolios.selectors.explain.scene import unit_of as shape_of
from portfolios.templatetags.explaining import addressed, explanation_of
from portfolios.views.access import about_portfolio
from portfolios.views.answers import show, wanted_part
from portfolios.views.explained import DIALOG
from portfolios.views.moments import through_time
from portfolios.views.portfolio import Sheet, sheet_of
from portfolios.views.telling import KEPT, ROWS, Told, kept, page_of_rows, rows_before

PAGE = "portfolios/lot.html"


@dataclass(frozen=True, slots=True)
class Line:
    """A figure of the lot with its formula, what its text needs, and the address of its own explanation."""

    title: str
    formula: str
    said: Told
    url: str = ""


@dataclass(frozen=True, slots=True)
class Gone:
    """A part that left; `url` is of how its disposal's gain came about, "" where it realised nothing."""

    row: Transaction
    piece: Piece
    url: str


@through_time
@about_portfolio("GET")
def lot_page(request: HttpRequest, portfolio: Portfolio, symbol: str, number: int) -> HttpResponse:
    """404 for a lot that had not come by the moment."""
    page = desk(request)
    sheet = sheet_of(page, portfolio)
    one = next((each for each in sheet.figures.holdings if each.asset.symbol == symbol), None)
    if one is None:
        raise Http404("No such asset in this portfolio")
    asked = {"currency": sheet.unit.currency, "at": page.now, "price": one.price}
    try:
        story = explain_lot(portfolio, one.asset, number, offset=rows_before(request), limit=ROWS, **asked)
    except UnknownFigure as error:
        raise Http404("No such lot") from error
    is_dialog = bool(wanted_part(request, {DIALOG}))
    context = {
        "portfolio": portfolio,
        "asset": one.asset,
        "unit": sheet.unit,
        "story": story,
        "lot": story.lot,
        "has_price": one.price_at is not None,
        "came": [Line(term.name, "", _money(term.value, sheet.unit)) for term in story.came.terms],
        "stands": list(_stands(request, story, sheet, one)),
        "realised": [_line(each, sheet.unit, symbol) for each in story.realised],
        "before": _before(request, story, symbol),
        "is_dialog": is_dialog,
        "moment": request.moment,
    }
    return show(request, PAGE, context | _rows(request, story, sheet.unit), part="explanation" * is_dialog)


def _money(value: Decimal | None, unit: Unit) -> Told:
    return Told(value, Shape.MONEY.value, unit.shown)


def _line(figure: Explanation, unit: Unit, symbol: str) -> Line:
    shown = symbol if figure.unit is Shape.QUANTITY else unit.shown
    said = Told(figure.result, figure.unit.value, shown, is_signed(figure.figure))
    return Line(figure.title, figure.formula, said)


def _stands(request: HttpRequest, story: LotStory, sheet: Sheet, one: HoldingFigures) -> Iterator[Line]:
    """What is left, each figure after what it is made of beside the other figures."""
    symbol = one.asset.symbol

    def part(name: str, value: Decimal | None, figure: str, shape: str) -> Line:
        path = explanation_of(figure, sheet.portfolio, symbol) if figure else ""
        said = Told(value, shape, symbol if shape == Shape.QUANTITY.value else sheet.unit.shown)
        return Line(name, "", said, path and addressed(path, kept(request, ("at",))))

    for each in story.stands:
        if each.figure == "value":
            yield part("Latest price", one.price, "price", "public")
        if each.figure == "open_cost":
            for term in each.terms:
                figure = term.link.figure if term.link else ""
                if term.name not in (OPEN.title, CAME.title):
                    yield part(term.name, term.value, figure, shape_of(figure).value)
        yield _line(each, sheet.unit, symbol)


def _before(request: HttpRequest, story: LotStory, symbol: str) -> str:
    """The page of the lot that it was where it was transferred from."""
    if story.before is None:
        return ""
    portfolio, number = story.before
    return addressed(reverse("lot", args=[portfolio, symbol, number]), kept(request, ("at",)))


def _rows(request: HttpRequest, story: LotStory, unit: Unit) -> dict[str, object]:
    """One page of what left, newest first, and where the pages beside it are."""
    number, end = story.offset // ROWS + 1, story.offset + len(story.left)
    return {
        "left": [_gone(request, each.row, each.piece, unit) for each in story.left],
        "first": story.offset + 1,
        "last": end,
        "earlier": page_of_rows(request, number - 1) if story.offset else "",
        "later": page_of_rows(request, number + 1) if end < story.count else "",
    }


def _gone(request: HttpRequest, row: Transaction, piece: Piece, unit: Unit) -> Gone:
    if not piece.realises:
        return Gone(row, piece, "")
    path = reverse("transaction-explain", args=[row.pk, "gain"])
    said = kept(request, KEPT) | {"leg": piece.leg, "in": unit.currency}
    return Gone(row, piece, addressed(path, said))
