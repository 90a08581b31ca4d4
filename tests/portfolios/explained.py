"""Explanations as tests ask for them and compare them."""

from decimal import Decimal

from portfolios.models import Portfolio
from portfolios.selectors import Explanation, explain
from tests.factories import NOW, SnapshotFactory, record


def told(figure: str, *portfolios: Portfolio, currency: str = "USD", **wanted) -> Explanation:
    return explain(portfolios, figure, currency=currency, now=NOW, **wanted)


def terms(explanation: Explanation) -> dict[str, Decimal | None]:
    return {term.name: term.value for term in explanation.terms}


def g3(portfolio: Portfolio) -> None:
    record(portfolio, "buy", "1", "2024-01-01", unit_price="40000", fee="40")
    record(portfolio, "sell", "0.5", "2024-07-01", unit_price="60000", fee="30")
    record(portfolio, "buy", "0.5", "2024-10-01", unit_price="65000", fee="32.50")
    SnapshotFactory(price=Decimal(95000))
