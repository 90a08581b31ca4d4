"""The books: they balance, asset by asset, to the last digit, and what is stored follows from the rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portfolios.context import desk
from portfolios.forms import refused
from portfolios.ledger import HoldingWouldBeNegative, Position
from portfolios.models import Booking, Portfolio
from portfolios.selectors import Overview, differences
from portfolios.selectors.formulas import less, plus
from portfolios.views.access import about_portfolio
from portfolios.views.moments import through_time
from portfolios.views.portfolio import sheet_of
from prices.models import Asset

PAGE = "portfolios/books.html"
AT_ONCE = 200  # so many bookings are compared whenever the page is shown; more when the reader asks


@dataclass(frozen=True, slots=True)
class Identity:
    """Both sides of realised + unrealised + income = value + money out − money in − what others brought.

    `value` and `unrealised` are None where there is no price; the cost of what is held then stands for them.
    `asset` is None for all together.
    """

    asset: Asset | None
    position: Position
    value: Decimal | None
    unrealised: Decimal | None

    @property
    def earned(self) -> Decimal | None:
        return plus(self.position.realised, self.unrealised, self.position.income)

    @property
    def left(self) -> Decimal | None:
        """What is there and what was taken out, less what was put in."""
        had = plus(self.value, self.position.money_out)
        return less(had, self.position.money_in, self.position.moved)

    @property
    def balances(self) -> bool:
        return self.earned == self.left and self.position.balances()


@through_time
@require_safe
def all_books(request: HttpRequest) -> HttpResponse:
    """All portfolios together, in the user's unit; transfers between them are no money in or out."""
    page = desk(request)
    whole = page.overviews[0]
    context = {"identities": list(identities(whole)), "overview": whole, "unit": page.unit}
    return render(request, PAGE, context | {"portfolios": page.portfolios})


@through_time
@about_portfolio("GET")
def portfolio_books(request: HttpRequest, portfolio: Portfolio) -> HttpResponse:
    """One portfolio; where `?check=1` asks for it, or it is little work, stored books are compared too."""
    page = desk(request)
    sheet = sheet_of(page, portfolio)
    context = {
        "portfolio": portfolio,
        "identities": list(identities(sheet.figures)),
        "overview": sheet.figures,
        "unit": sheet.unit,
    }
    if request.GET.get("check") == "1" or Booking.objects.of([portfolio]).count() <= AT_ONCE:
        context |= {"is_checked": True, "differences": _differences(portfolio)}
    return render(request, PAGE, context)


def identities(figures: Overview) -> Iterator[Identity]:
    """All that has a price together, then each asset whose cost is known."""
    yield Identity(None, figures.valued, figures.value, figures.unrealised)
    for each in figures.holdings:
        if each.position:
            value = each.rated_value
            yield Identity(each.asset, each.position, value, each.unrealised)


def _differences(portfolio: Portfolio) -> Sequence[str]:
    """What stored books say otherwise than the rows, which is nothing, unless something is broken."""
    try:
        return differences(portfolio)
    except HoldingWouldBeNegative as error:
        return [refused(error)]
