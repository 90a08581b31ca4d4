"""The golden cases of docs/definitions.md, recorded in a portfolio, and the prices that they happen at."""

from decimal import Decimal
from typing import Any

from portfolios.models import Portfolio
from tests.factories import SnapshotFactory, day, record

ROUTES = ("summary", "holdings", "lots", "gains", "history", "performance")


def market(**prices: str) -> None:
    """Prices on days: `market(d2024_01_01="100")`."""
    for name, price in prices.items():
        SnapshotFactory(at=day(name[1:].replace("_", "-")), price=Decimal(price))


def g1(portfolio: Portfolio) -> None:
    market(d2024_01_01="100", d2024_02_01="150", d2024_03_01="300", d2024_04_01="200", d2025_01_01="200")
    record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    record(portfolio, "sell", "0.5", "2024-02-01", unit_price="150")
    record(portfolio, "buy", "0.5", "2024-03-01", unit_price="300")


def g2(portfolio: Portfolio) -> None:
    g1(portfolio)
    record(portfolio, "sell", "1", "2024-04-01", unit_price="200")


def g3(portfolio: Portfolio) -> None:
    market(d2024_01_01="40000", d2024_07_01="60000", d2024_10_01="65000", d2025_01_01="95000")
    record(portfolio, "buy", "1", "2024-01-01", unit_price="40000", fee="40")
    record(portfolio, "sell", "0.5", "2024-07-01", unit_price="60000", fee="30")
    record(portfolio, "buy", "0.5", "2024-10-01", unit_price="65000", fee="32.50")


def g4(portfolio: Portfolio) -> None:
    g1(portfolio)
    record(portfolio, "sell", "0.5", "2024-04-01", unit_price="200")


def some(told: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(told[name] for name in names)
