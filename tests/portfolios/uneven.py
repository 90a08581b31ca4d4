"""The eventful history, and a third portfolio in euros into which its coins came, by thirds and with fees."""

from accounts.models import User
from portfolios.models import Portfolio
from tests.factories import AssetFactory, PortfolioFactory, record
from tests.portfolios.eventful import eventful


def uneven(owner: User, method: str = "fifo") -> tuple[Portfolio, Portfolio, Portfolio]:
    """Two portfolios in dollars and one in euros, under one cost method; both coins moved between them."""
    first, second = eventful(owner, method)
    third = PortfolioFactory(owner=owner, name="Third", cost_method=method, currency="EUR")
    ether, bitcoin = AssetFactory(symbol="ETH"), AssetFactory()
    record(third, "buy", "0.7", "2023-06-03", unit_price="29", fee="0.3", currency="EUR")
    record(third, "buy", "3", "2023-06-04", total="11", currency="USD", asset=ether)
    record(first, "transfer", "0.3", "2024-03-02", to_portfolio=third, fee="0.001", fee_asset=ether)
    record(third, "sell", "0.77", "2024-06-02", unit_price="37", currency="EUR", fee="0.1", fee_asset=ether)
    record(second, "transfer", "0.7", "2024-06-03", to_portfolio=third, fee="0.003", fee_asset=bitcoin)
    record(third, "sell", "0.31", "2024-12-31 23:50", unit_price="43", currency="USD", fee="1")
    return first, second, third
