"""The read models as tests compare them: short, and without what is 0."""

from decimal import Decimal

from accounts.models import User
from portfolios.models import Booking, Holding, Portfolio, Transaction
from portfolios.selectors import differences, preview
from portfolios.services import record_transaction
from tests.factories import NOW, draft


def figures(**stated: str) -> dict[str, Decimal]:
    return {name: Decimal(value) for name, value in stated.items()}


def told(row: Booking | Holding) -> dict[str, Decimal]:
    position = row.change if isinstance(row, Booking) else row.position
    return {name: value for name, value in position._asdict().items() if value}


def stands(portfolio: Portfolio, symbol: str = "BTC") -> dict[str, Decimal]:
    return told(portfolio.holdings.get(asset__symbol=symbol))


def legs(row: Transaction) -> list[tuple]:
    """Leg, coin and portfolio of each booking, and what it changed."""
    return [
        (one.leg, one.asset.symbol, one.portfolio, told(one))
        for one in row.bookings.select_related("asset", "portfolio").order_by("leg")
    ]


def lots(portfolio: Portfolio, symbol: str = "BTC") -> list[tuple]:
    """Number, day of acquisition, quantity and cost, and what of them is open."""
    return [
        (one.number, f"{one.acquired_at:%m-%d}", one.quantity, one.cost, one.open_quantity, one.open_cost)
        for one in portfolio.lots.filter(asset__symbol=symbol).order_by("number")
    ]


def left(row: Transaction) -> list[tuple]:
    """Leg and lot of each slice that left, its quantity, cost and proceeds."""
    rows = row.disposals.order_by("leg", "lot")
    return [(one.leg, one.lot, one.quantity, one.cost, one.proceeds) for one in rows]


def done(portfolio: Portfolio, kind: str, quantity: str, at: str = "2024-03-01", **stated) -> Transaction:
    """Record, having previewed it; the preview must say what the books then say."""
    drafted = draft(kind, quantity, at, **stated)
    foreseen = preview(drafted, portfolio=portfolio, now=NOW)
    row = record_transaction(portfolio=portfolio, draft=drafted, now=NOW)
    assert foreseen.after == portfolio.holdings.get(asset=drafted.asset).position
    assert foreseen.gain == row.realised
    return row


def assert_sound(owner: User) -> None:
    """What is stored is what follows, every figure balances, and nothing moved in from nowhere."""
    for portfolio in owner.portfolios.all():
        positions = [row.position for row in portfolio.holdings.all()]
        assert differences(portfolio) == []
        for one in [*positions, *(row.change for row in portfolio.bookings.all())]:
            assert one.cost_basis == one.money_in - one.money_out + one.moved + one.realised + one.income
        assert sum(position.moved for position in positions) == 0
