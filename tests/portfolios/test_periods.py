"""The result in a period: a bridge that adds up exactly."""

from decimal import Decimal

import pytest

from portfolios.selectors import bridge
from portfolios.services import change_cost_method
from tests.factories import AssetFactory, FiatFactory, PortfolioFactory, SnapshotFactory, day, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def portfolio(alice):
    """A bit of everything, at prices that do not divide."""
    made = PortfolioFactory(owner=alice)
    ether = AssetFactory(symbol="ETH")
    for number in range(1, 13):
        SnapshotFactory(at=day(f"2024-{number:02}-01"), price=Decimal("100.07") * number)
        SnapshotFactory(at=day(f"2024-{number:02}-01"), price=Decimal("3.1") * number, asset=ether)
        SnapshotFactory(at=day(f"2024-{number:02}-01"), price=Decimal("1.07"), asset=FiatFactory())
    record(made, "buy", "3", "2024-01-01 12:00", unit_price="101", fee="2.5")
    record(made, "sell", "0.7", "2024-03-01 12:00", unit_price="301", fee="1.1")
    record(made, "buy", "1", "2024-04-01 12:00", unit_price="401", fee="0.001", fee_asset=AssetFactory())
    record(
        made, "swap", "0.5", "2024-05-01 12:00", unit_price="500", to_asset=ether, to_quantity="17", fee="3"
    )
    record(made, "income", "0.3", "2024-06-01 12:00", unit_price="600")
    record(made, "withdrawal", "0.2", "2024-07-01 12:00", fee="0.01", fee_asset=AssetFactory())
    record(made, "fee", "0.1", "2024-08-01 12:00")
    record(made, "lost", "0.1", "2024-09-01 12:00")
    return made


@pytest.mark.parametrize("currency", ["USD", "EUR"])
@pytest.mark.parametrize("method", ["average", "hifo"])
@pytest.mark.parametrize(
    "since, until", [("01", "12"), ("02", "04"), ("03", "06"), ("06", "11"), ("11", "12")]
)
def test_the_steps_lead_from_one_value_to_the_other(portfolio, currency, method, since, until) -> None:
    change_cost_method(portfolio=portfolio, cost_method=method)
    found = bridge(
        [portfolio], currency=currency, since=day(f"2024-{since}-02"), until=day(f"2024-{until}-02")
    )
    assert found.start_value + sum(found.steps) == found.end_value
    assert found.result == sum(found.steps[1:])


def test_each_step_says_what_it_is(alice) -> None:
    portfolio = PortfolioFactory(owner=alice)
    for at, price in (("2024-01-01", 100), ("2024-02-01", 150), ("2024-03-01", 200)):
        SnapshotFactory(at=day(at), price=Decimal(price))
    record(portfolio, "buy", "2", "2024-01-01", unit_price="100", fee="4")
    record(portfolio, "sell", "1", "2024-02-15", unit_price="180", fee="3")
    record(portfolio, "buy", "1", "2024-02-16", unit_price="190", fee="5")
    found = bridge([portfolio], currency="USD", since=day("2024-02-01"), until=day("2024-03-01"))
    assert (found.start_value, found.end_value) == (300, 400)
    assert found.net_flows == 195 - 177
    assert found.realised == 180 - 102
    assert found.unrealised == (400 - (102 + 190)) - (300 - 204)
    assert (found.income, found.fees, found.result) == (0, -8, 82)


def test_a_period_without_a_price_at_its_start_has_no_result(alice) -> None:
    portfolio = PortfolioFactory(owner=alice)
    record(portfolio, "buy", "2", "2024-01-01", unit_price="100")
    SnapshotFactory(at=day("2024-03-01"), price=Decimal(200))
    found = bridge([portfolio], currency="USD", since=day("2024-02-01"), until=day("2024-03-01"))
    assert (found.result, found.start_value, found.missing) == (None, None, ("BTC",))
    assert found.end.value == 400


def test_a_deposit_is_no_profit_and_before_the_first_transaction_the_value_is_nothing(alice) -> None:
    portfolio = PortfolioFactory(owner=alice)
    SnapshotFactory(at=day("2024-03-01"), price=Decimal(200))
    record(portfolio, "deposit", "1", "2024-03-01", cost="150")
    found = bridge([portfolio], currency="USD", since=day("2024-02-01"), until=day("2024-03-02"))
    assert (found.start_value, found.net_flows, found.result) == (0, 150, 50)
    assert found.result_ratio == Decimal(50) / 150


def test_over_all_time_it_is_the_roi_however_much_was_taken_out_again(alice) -> None:
    """Over what flowed in net it would be the more, the more is taken out."""
    portfolio = PortfolioFactory(owner=alice)
    SnapshotFactory(at=day("2024-03-01"), price=Decimal(200))
    record(portfolio, "buy", "2", "2024-01-02", unit_price="100")
    record(portfolio, "sell", "1", "2024-02-02", unit_price="190")
    found = bridge([portfolio], currency="USD", since=day("2024-01-01"), until=day("2024-03-02"))
    assert (found.net_flows, found.result) == (10, 190)
    assert found.result_ratio == found.end.roi == Decimal(190) / 200
