"""Portfolios themselves."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from ninja import Query, Router, Status
from ninja.errors import HttpError

from portfolios import services
from portfolios.api.access import OwnPortfolio
from portfolios.models import Portfolio
from portfolios.schemas import PortfolioChange, PortfolioIn, PortfolioOut
from prices.schemas import Items, Window

FIXED = "The books are kept in {}; the currency of a portfolio can’t be changed."

router = Router()


@router.get("/portfolios/", response=Items[PortfolioOut])
def list_portfolios(request: HttpRequest, window: Query[Window]) -> object:
    """Your portfolios, oldest first."""
    rows = Portfolio.objects.owned_by(request.user)
    return {"items": list(window.of(rows)), "count": rows.count()}


@router.post("/portfolios/", response={201: PortfolioOut})
def create_portfolio(request: HttpRequest, body: PortfolioIn) -> Status:
    """A new portfolio."""
    currency = request.user.currency if body.currency is None else body.currency
    made = services.create_portfolio(
        owner=request.user, name=body.name, currency=currency, cost_method=body.cost_method
    )
    return Status(201, made)


@router.get("/portfolios/{int:portfolio}", response=PortfolioOut)
def read_portfolio(request: HttpRequest, portfolio: OwnPortfolio) -> Portfolio:
    """One of your portfolios."""
    return portfolio


@router.patch("/portfolios/{int:portfolio}", response=PortfolioOut)
def change_portfolio(request: HttpRequest, portfolio: OwnPortfolio, body: PortfolioChange) -> Portfolio:
    """Change what is given. Another cost method is applied from the first transaction on."""
    return _changed(portfolio, body)


@router.put("/portfolios/{int:portfolio}", response=PortfolioOut)
def replace_portfolio(request: HttpRequest, portfolio: OwnPortfolio, body: PortfolioIn) -> Portfolio:
    """Say all of it anew; without a cost method it is kept at average cost."""
    return _changed(portfolio, body)


@router.delete("/portfolios/{int:portfolio}", response={204: None})
def delete_portfolio(request: HttpRequest, portfolio: OwnPortfolio) -> Status:
    """Delete it with all its transactions. There is no way back; 409 while transfers tie it to another."""
    try:
        services.delete_portfolio(portfolio=portfolio)
    except ValidationError as error:
        raise HttpError(409, " ".join(error.messages)) from None
    return Status(204, None)


def _changed(portfolio: Portfolio, body: PortfolioIn | PortfolioChange) -> Portfolio:
    if body.currency not in {None, portfolio.currency}:
        raise ValidationError({"currency": FIXED.format(portfolio.currency)})
    return services.change_portfolio(portfolio=portfolio, name=body.name, cost_method=body.cost_method)
