"""A history in which everything happens: all kinds, fees of all sorts, two portfolios, coins and years."""

from decimal import Decimal

from accounts.models import User
from portfolios.models import Portfolio
from prices.fields import ONE_UNIT
from tests.factories import AssetFactory, FiatFactory, PortfolioFactory, SnapshotFactory, day, record

FIGURES = ("quantity", "cost_basis", "realised", "income", "fees", "money_in", "money_out")
# Between any two transactions, at the very instant of some, before the first and after the last.
MOMENTS = (
    "2021-12-31",
    "2022-01-01",
    "2022-07-01",
    "2023-03-01",
    "2023-04-15",
    "2023-07-01",
    "2023-10-01",
    "2024-01-15",
    "2024-03-01",
    "2024-09-01",
    "2025-01-01",
)


def _cut(price: Decimal) -> Decimal:
    return price.quantize(ONE_UNIT)


def eventful(owner: User, method: str = "fifo") -> tuple[Portfolio, Portfolio]:
    """Two portfolios in dollars, and prices of both coins and of the euro at every day that matters."""
    ether, bitcoin = AssetFactory(symbol="ETH"), AssetFactory()
    euro = FiatFactory()
    days = ("2022-01-01", "2022-06-01", "2023-01-15", "2023-04-01", "2023-06-01", "2023-09-01", "2024-02-01")
    days += ("2024-03-01", "2024-06-01", "2024-12-31", "2025-01-01")
    for number, at in enumerate(days):
        SnapshotFactory(asset=bitcoin, at=day(at), price=_cut(Decimal(100 + 37 * number) / 7))
        SnapshotFactory(asset=ether, at=day(at), price=_cut(Decimal(10 + 3 * number) / 3))
        SnapshotFactory(asset=euro, at=day(at), price=Decimal(107 + number % 4) / 100)
    first = PortfolioFactory(owner=owner, name="First", cost_method=method)
    second = PortfolioFactory(owner=owner, name="Second", cost_method=method)
    at_once = {"fee": "0.01"}
    record(first, "buy", "3", "2022-01-01", unit_price="17", fee="1")
    record(first, "buy", "20", "2022-01-02", total="70", asset=ether)
    record(first, "buy", "7", "2022-06-01", unit_price="13", fee="0.1", fee_asset=ether)
    record(first, "income", "0.3", "2022-06-02")
    record(first, "sell", "2.5", "2023-01-15", unit_price="31", fee="2")
    record(first, "swap", "1.7", "2023-04-01", to_asset=ether, to_quantity="11", **at_once)
    record(first, "transfer", "3", "2023-04-02", to_portfolio=second, fee="0.01", fee_asset=bitcoin)
    record(second, "deposit", "1.1", "2023-06-01", cost="19")
    record(second, "sell", "0.7", "2023-06-02", total="29", fee="1")
    record(first, "gift", "0.2", "2023-09-01")
    record(first, "lost", "0.1", "2023-09-01")
    record(first, "fee", "0.3", "2023-09-02", asset=ether)
    record(first, "withdrawal", "0.4", "2024-02-01", fee="0.05", fee_asset=ether)
    record(second, "buy", "2", "2024-03-01", unit_price="41")
    record(second, "spend", "0.9", "2024-03-01")
    record(first, "sell", "4", "2024-06-01", unit_price="7", asset=ether, fee="0.01", fee_asset=bitcoin)
    record(first, "sell", "0.5", "2024-12-31 23:30", unit_price="60")
    return first, second
