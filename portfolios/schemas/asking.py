"""How figures are asked for: of when, in which currency, under which cost method; and narrower."""

from typing import Literal

from pydantic import BaseModel, Field

from portfolios.models import Portfolio
from portfolios.schemas.portfolios import Code
from portfolios.schemas.transactions import Symbol
from prices.schemas import Moment

FROM = "From this moment on, included."
TO = "Until this moment, included; left out: `at`."


class Asking(BaseModel):
    """What every figure may be asked with."""

    at: Moment | None = Field(
        None, description="The figures as of then: what had happened, at the prices of then. Left out: now."
    )
    currency: Code | None = Field(
        None,
        description="Any currency with exchange rates, or BTC. Left out: the portfolio's; of all, yours.",
    )
    method: Portfolio.CostMethod | None = Field(
        None, description="As if the books were kept by this cost method. Left out: the portfolio's own."
    )


class AskingHoldings(Asking):
    """Which holdings."""

    status: Literal["open", "closed", "all"] = Field("open", description="Whether something is held now.")


class AskingLots(Asking):
    """Whose lots."""

    asset: Symbol | None = Field(None, description="Of this asset alone.")


class AskingSpan(Asking):
    """From when to when."""

    since: Moment | None = Field(None, alias="from", description=FROM)
    until: Moment | None = Field(None, alias="to", description=TO)


class AskingGains(AskingSpan):
    """Disposed of in a time."""

    asset: Symbol | None = Field(None, description="Of this asset alone.")


class AskingHistory(AskingSpan):
    """How closely."""

    interval: Literal["day", "hour"] = Field(
        "day",
        description="A row at each UTC midnight, or each full hour (of at most 92 days), and at both ends.",
    )


class AskingPerformance(AskingSpan):
    """In a period that begins with a UTC day."""

    since: Moment | None = Field(
        None, alias="from", description="A UTC midnight. Left out: the first transaction."
    )
