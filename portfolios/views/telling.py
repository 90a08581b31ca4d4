"""An explanation made ready for its template: every part with its unit and the address of its own one."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.http import HttpRequest
from django.urls import reverse

from portfolios.context import Unit
from portfolios.models import Portfolio, Transaction
from portfolios.selectors.explain import ExplainedRow, Explanation, Link, UsedPrice
from portfolios.selectors.explain import Unit as Shape
from portfolios.selectors.explain.scene import VALUED, is_signed
from portfolios.selectors.explain.scene import unit_of as shape_of
from portfolios.templatetags.explaining import addressed, explanation_of, gains_explanation_of
from prices.models import Asset
from prices.selectors import DAY, OLDEST_PRICE, grade_of

ROWS = 20  # on a page
KEPT = ("at", "in")  # what every nested explanation keeps of the address: the moment, the unit
FILTER = ("year", "asset", "method")  # and one of gains: which are asked for


@dataclass(frozen=True, slots=True)
class Told:
    """A value with what its text needs: `shape` is one of Shape's values, or "public", "rate" for prices."""

    value: Decimal | None
    shape: str
    unit: str  # a currency as shown, or a symbol
    signed: bool = False


@dataclass(frozen=True, slots=True)
class ToldTerm:
    name: str
    said: Told
    url: str


@dataclass(frozen=True, slots=True)
class ToldRow:
    row: ExplainedRow
    symbol: str
    adds: Told
    rate: Decimal | None  # what its amount was converted at; None where what it adds was not
    url: str  # of how what it realised came about; "" where it realised nothing


@dataclass(frozen=True, slots=True)
class ToldPrice:
    used: UsedPrice
    grade: str  # "" where it is older than any grade
    days: int  # how old it was


@dataclass(frozen=True, slots=True)
class Whence:
    """The page that shows the figure, where it is none of a portfolio or an asset: `about` what it is."""

    name: str
    url: str
    about: str


@dataclass(frozen=True, slots=True)
class Telling:
    """What the template shows. `exact` repeats the result in the currency itself, never in sats."""

    explanation: Explanation
    result: Told
    exact: Told
    terms: tuple[ToldTerm, ...]
    rows: tuple[ToldRow, ...]
    prices: tuple[ToldPrice, ...]
    portfolio: Portfolio | None
    asset: Asset | None
    of: Transaction | None
    before: str  # the address of the rows before these, "" where there are none
    after: str
    page: Whence | None

    @property
    def unknown(self) -> str:
        """Why there is no figure, where what is left out does not say it."""
        if self.explanation.result is not None or self.explanation.left_out:
            return ""
        if any(term.value is None for term in self.explanation.terms):
            return "One of its parts is unknown."
        return (
            "There is nothing to divide by."
            if self.explanation.terms
            else "Nothing that could tell it is stored."
        )

    @property
    def first(self) -> int:
        return self.explanation.rows.offset + 1

    @property
    def last(self) -> int:
        return self.explanation.rows.offset + len(self.rows)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the explanation stands: what the addresses of its terms begin with."""

    request: HttpRequest
    unit: Unit
    portfolio: Portfolio | None
    asset: Asset | None
    assets: Mapping[int, Asset]


def telling(
    explanation: Explanation,
    unit: Unit,
    request: HttpRequest,
    *,
    portfolio: Portfolio | None = None,
    asset: Asset | None = None,
    of: Transaction | None = None,
    assets: Mapping[int, Asset] | None = None,
    page: Whence | None = None,
) -> Telling:
    place = _Place(request, unit, portfolio, asset, assets or {})
    rows = explanation.rows
    has_more = rows.offset + len(rows.rows) < rows.count
    return Telling(
        explanation=explanation,
        result=_said(explanation.figure, explanation.result, place),
        exact=_said(explanation.figure, explanation.result, place, unit.currency),
        terms=tuple(_terms(explanation, place)),
        rows=tuple(_row(row, explanation.figure, place) for row in rows.rows),
        prices=tuple(_price(used, explanation) for used in explanation.prices),
        portfolio=portfolio,
        asset=asset,
        of=of,
        before=page_of_rows(request, rows.offset // ROWS) if rows.offset else "",
        after=page_of_rows(request, rows.offset // ROWS + 2) if has_more else "",
        page=page,
    )


def _said(figure: str, value: Decimal | None, place: _Place, currency: str = "") -> Told:
    shape = "public" if figure == "price" else shape_of(figure).value
    if shape == Shape.QUANTITY.value:
        return Told(value, shape, place.asset.symbol if place.asset else "")
    return Told(value, shape, currency or place.unit.shown, is_signed(figure))


def _terms(explanation: Explanation, place: _Place) -> Iterator[ToldTerm]:
    for number, term in enumerate(explanation.terms):
        if explanation.figure == "price":
            said = Told(term.value, *(("rate", place.unit.currency) if number else ("public", "USD")))
        elif explanation.figure == "day_change_ratio" and place.asset:
            said = Told(term.value, "public", place.unit.shown)
        else:
            figure = term.link.figure if term.link else term.figure
            said = _said(figure or explanation.figure, term.value, place)
        yield ToldTerm(term.name, said, _address(term.link, place) if term.link else "")


def _address(link: Link, place: _Place) -> str:
    """Of the explanation of a term, in the unit and at the moment of this one."""
    if link.disposal:
        transaction, leg = link.disposal
        path = reverse("transaction-explain", args=[transaction, link.figure])
        return _kept(path, place.request, leg=leg)
    if link.among:
        name, value = link.among
        path = gains_explanation_of(link.figure, place.portfolio)
        return addressed(path, kept(place.request, (*FILTER, *KEPT)) | {name: value})
    asset = place.assets.get(link.asset) if link.asset else None
    path = explanation_of(link.figure, link.portfolio or place.portfolio, asset.symbol if asset else "")
    return _kept(path, place.request, **({"in": place.unit.currency} if link.portfolio else {}))


def _kept(path: str, request: HttpRequest, **more: object) -> str:
    """The address of a nested explanation, and what it adds to what is kept."""
    return addressed(path, kept(request, KEPT) | more)


def kept(request: HttpRequest, names: Iterable[str]) -> dict[str, object]:
    return {name: request.GET[name] for name in names if request.GET.get(name)}


def _row(row: ExplainedRow, figure: str, place: _Place) -> ToldRow:
    """What a disposal added to gains is explained in turn, in the currency of this explanation."""
    asset = place.assets.get(row.asset) or place.asset
    url, plain = "", figure.removeprefix(VALUED)
    is_converted = row.transaction.currency != place.unit.currency and row.adds_at_its_rate(plain)
    rate = row.rate if is_converted else None
    if opens := "gain" if plain == "realised" else row.opens:
        path = reverse("transaction-explain", args=[row.transaction.pk, opens])
        url = _kept(path, place.request, leg=row.leg, **{"in": place.unit.currency})
    return ToldRow(row, asset.symbol if asset else "", _said(figure, row.adds, place), rate, url)


def _price(used: UsedPrice, explanation: Explanation) -> ToldPrice:
    age = max(explanation.as_of - used.quote.at, timedelta(0))
    return ToldPrice(used, grade_of(age) if age <= OLDEST_PRICE else "", age // DAY)


def rows_before(request: HttpRequest) -> int:
    """How many rows stand on the pages before this one; whatever is no page number is the first."""
    text = request.GET.get("rows", "")
    is_number = text.isascii() and text.isdigit() and len(text) < len("1000000000")
    return ROWS * max(int(text) - 1, 0) if is_number else 0


def page_of_rows(request: HttpRequest, number: int) -> str:
    """The address of this page at that page of its rows."""
    said = request.GET.copy()
    said["rows"] = str(number)
    return f"{request.path}?{said.urlencode()}"
