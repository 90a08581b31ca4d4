"""A portfolio itself."""

from typing import Annotated

from pydantic import Field, StringConstraints

from portfolios.models import Portfolio
from prices.schemas import Instant, Shown, Statement, like

Name = Annotated[str, StringConstraints(strip_whitespace=True), Field(examples=["Savings"])]
Code = Annotated[str, Field(examples=["USD"])]
CostMethod = Portfolio.CostMethod
PORTFOLIO = {"name": "Cold storage", "currency": "USD", "cost_method": "average"}


class PortfolioIn(Statement):
    """A new portfolio. Without a currency it is kept in yours; it can't be changed later."""

    model_config = like(PORTFOLIO)

    name: Name
    currency: Code | None = None
    cost_method: CostMethod = CostMethod.AVERAGE


class PortfolioChange(Statement):
    """What is left out stays as it is."""

    model_config = like({"name": "Cold storage", "cost_method": "fifo"})

    name: Name | None = None
    currency: Code | None = Field(None, description="The books are kept in it: the same, or nothing.")
    cost_method: CostMethod | None = None


class PortfolioOut(Shown):
    """A portfolio."""

    model_config = like({"id": 1, **PORTFOLIO, "created_at": "2024-01-01T00:00:00Z"})

    id: int
    name: str
    currency: str
    cost_method: str
    created_at: Instant
