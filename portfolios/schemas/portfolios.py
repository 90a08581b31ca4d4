"""A portfolio itself."""

from typing import Annotated

from pydantic import Field, StringConstraints

from portfolios.models import Portfolio
from prices.schemas import Instant, Shown, Statement

Name = Annotated[str, StringConstraints(strip_whitespace=True), Field(examples=["Savings"])]
Code = Annotated[str, Field(examples=["USD"])]
CostMethod = Portfolio.CostMethod


class PortfolioIn(Statement):
    """A new portfolio. Without a currency it is kept in yours; it can't be changed later."""

    name: Name
    currency: Code | None = None
    cost_method: CostMethod = CostMethod.AVERAGE


class PortfolioChange(Statement):
    """What is left out stays as it is."""

    name: Name | None = None
    currency: Code | None = Field(None, description="The books are kept in it: the same, or nothing.")
    cost_method: CostMethod | None = None


class PortfolioOut(Shown):
    """A portfolio."""

    id: int
    name: str
    currency: str
    cost_method: str
    created_at: Instant
