"""Without coins that have no price, performance is that of portfolios that hold the others alone, exactly."""

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from portfolios.models import Portfolio
from portfolios.selectors import (
    Performance,
    asked_under,
    asked_without,
    overviews,
    performance,
    returns,
)
from portfolios.selectors.explain import EARNED_FIGURES
from portfolios.selectors.explain.flowed import flowed_on
from portfolios.selectors.explain.returned import explain_earned
from portfolios.selectors.memory import forgetful, memory
from prices.models import Asset, PriceSnapshot
from tests.factories import NOW, AssetFactory, FiatFactory, PortfolioFactory, SnapshotFactory, day, record

pytestmark = pytest.mark.django_db
PERIODS = [
    (None, "2025-01-01"),
    ("2024-05-20", "2025-01-01"),
    ("2024-05-05", "2024-06-05"),
    (None, "2024-05-09"),
]


@pytest.fixture
def odd() -> Asset:
    return AssetFactory(symbol="XYZ")


@pytest.fixture
def prices(odd) -> None:
    """Bitcoin and ether swing, the euro too; XYZ had a price until what happened had been recorded."""
    rows = []
    for number in range(257):
        at, swing = day("2024-04-20") + timedelta(days=number), Decimal(number % 17)
        known = {"BTC": 100 + 3 * swing, "ETH": 50 - swing, "XYZ": Decimal(1)}
        rows += [priced(AssetFactory(symbol=symbol), at, price) for symbol, price in known.items()]
        rows.append(priced(FiatFactory(), at, Decimal("1.1") + swing / 100))
    PriceSnapshot.objects.bulk_create(rows)


def priced(asset: Asset, at: datetime, price: Decimal) -> PriceSnapshot:
    return SnapshotFactory.build(asset=asset, at=at, price=price)


@pytest.fixture
def everything(alice, prices, odd) -> list[Portfolio]:
    """Two portfolios with bitcoin, ether and XYZ, which pays for coins and for fees."""
    one, two = PortfolioFactory(owner=alice), PortfolioFactory(owner=alice)
    coin, ether = {"asset": odd}, AssetFactory(symbol="ETH")
    record(one, "buy", "1000", "2024-05-01", unit_price="1", **coin)
    record(one, "buy", "1", "2024-05-02 12:00", unit_price="103", fee="2", fee_asset=odd)
    swapped = {"unit_price": "1", "to_quantity": "0.5"}
    record(one, "swap", "50", "2024-05-07", to_asset=AssetFactory(), **swapped, fee="1", **coin)
    ether_for = {"unit_price": "110", "to_asset": ether, "to_quantity": "0.4"}
    record(one, "swap", "0.2", "2024-05-09 10:00", **ether_for, fee="3", fee_asset=odd)
    record(one, "swap", "0.1", "2024-05-20 10:00", unit_price="120", to_asset=odd, to_quantity="12")
    record(one, "buy", "10", "2024-05-21", unit_price="1", fee="0.01", fee_asset=AssetFactory(), **coin)
    record(one, "transfer", "100", "2024-05-22", to_portfolio=two, **coin)
    record(one, "transfer", "0.3", "2024-05-23", to_portfolio=two, fee="1", fee_asset=odd)
    record(two, "sell", "0.1", "2024-06-01 09:00", unit_price="130", fee="2", fee_asset=odd)
    record(two, "deposit", "1", "2024-06-03", cost="90", asset=ether)
    record(two, "income", "5", "2024-06-03", unit_price="1", **coin)
    record(two, "withdrawal", "0.5", "2024-06-10", asset=ether, fee="3", fee_asset=odd)
    record(one, "sell", "100", "2024-07-01", unit_price="2", **coin)
    record(two, "swap", "20", "2024-12-31 18:00", unit_price="1", to_asset=ether, to_quantity="0.4", **coin)
    PriceSnapshot.objects.filter(asset=odd).delete()
    return [one, two]


@pytest.fixture
def others(charlie, prices) -> list[Portfolio]:
    """The same without XYZ: what came from it was bought, what went to it sold, fees were paid in money."""
    one, two = PortfolioFactory(owner=charlie), PortfolioFactory(owner=charlie)
    ether = AssetFactory(symbol="ETH")
    record(one, "buy", "1", "2024-05-02 12:00", unit_price="103", fee="2")
    record(one, "buy", "0.5", "2024-05-07", unit_price="100", fee="1")
    ether_for = {"unit_price": "110", "to_asset": ether, "to_quantity": "0.4"}
    record(one, "swap", "0.2", "2024-05-09 10:00", **ether_for, fee="3")
    record(one, "sell", "0.1", "2024-05-20 10:00", unit_price="120")
    record(one, "sell", "0.01", "2024-05-21", unit_price=str(bitcoin_on("2024-05-21")))
    record(one, "transfer", "0.3", "2024-05-23", to_portfolio=two)
    record(two, "sell", "0.1", "2024-06-01 09:00", unit_price="130", fee="2")
    record(two, "deposit", "1", "2024-06-03", cost="90", asset=ether)
    record(two, "withdrawal", "0.5", "2024-06-10", asset=ether)
    record(two, "buy", "0.4", "2024-12-31 18:00", unit_price="50", asset=ether)
    return [one, two]


def bitcoin_on(text: str) -> Decimal:
    return PriceSnapshot.objects.get(asset=AssetFactory(), at=day(text)).price


def told(
    portfolios: Sequence[Portfolio],
    currency: str = "USD",
    since=None,
    until="2025-01-01",
    *,
    kept: bool = False,
) -> Performance:
    whole = overviews(portfolios, currency=currency, now=NOW)[0]
    assets = [each.asset for each in whole.holdings]
    recall = memory(portfolios, assets, currency, NOW) if kept else forgetful(NOW)
    since = since and day(since)
    return performance(portfolios, whole=whole, since=since, until=day(until), now=NOW, memory=recall)


def figures(found: Performance) -> tuple:
    led, returned = found.bridge, found.returns
    contributed = [(each.asset, each.result, each.ratio) for each in found.contributions]
    in_all = (led.result, led.base, led.result_ratio, led.end.money_in, led.end.money_out, led.end.roi)
    times = (found.began, found.since, found.until)
    return (
        times,
        returned,
        led.start_value,
        *led.steps,
        led.end_value,
        in_all,
        contributed,
        found.grown,
        (
            found.flows,
            found.years,
        ),
    )


def blurred(found: object) -> object:
    """In a converted currency a fee in coins and its trade are cut to 18 places one by one."""
    if isinstance(found, tuple | list):
        return [blurred(each) for each in found]
    if is_dataclass(found):
        return [blurred(getattr(found, each.name)) for each in fields(found)]
    return round(found, 10) if isinstance(found, float | Decimal) else found


def which(portfolios: list[Portfolio], scope: str) -> list[Portfolio]:
    return {"one": portfolios[:1], "two": portfolios[1:], "all": portfolios}[scope]


@pytest.mark.parametrize(("since", "until"), PERIODS)
@pytest.mark.parametrize("scope", ["one", "two", "all"])
@pytest.mark.parametrize("currency", ["USD", "EUR"])
def test_it_is_that_of_portfolios_that_hold_only_the_others(
    everything, others, odd, currency, scope, since, until
) -> None:
    rest = asked_without(which(everything, scope), [odd])
    found = told(rest, currency, since, until)
    same = told(which(others, scope), currency, since, until)
    if currency == "USD":
        assert figures(found) == figures(same)
    assert blurred(figures(found)) == blurred(figures(same))
    assert overviews(rest, currency=currency, now=NOW)[0].books_balance
    if scope != "two" and (since, until) == PERIODS[0]:
        assert None not in (found.returns.twr, found.returns.xirr, found.returns.volatility)


@pytest.mark.parametrize("currency", ["USD", "EUR"])
@pytest.mark.parametrize("scope", ["one", "two", "all"])
def test_so_are_the_result_and_the_flow_of_the_last_day(everything, others, odd, currency, scope) -> None:
    rest = asked_without(which(everything, scope), [odd])
    found, same = (overviews(each, currency=currency, now=NOW)[0] for each in (rest, which(others, scope)))
    assert found.day_change is not None
    changes = [(each.day_change, each.day_change_ratio) for each in (found, same)]
    assert blurred(changes[0]) == blurred(changes[1])


def test_and_under_another_cost_method(everything, others, odd) -> None:
    rest = asked_under(asked_without(everything, [odd]), "fifo")
    assert figures(told(rest)) == figures(told(asked_under(others, "fifo")))


def test_with_everything_it_stays_unknown_for_that_reason(everything) -> None:
    found = told(everything)
    assert (found.returns.twr, found.returns.xirr, found.bridge.result) == (None, None, None)
    assert "XYZ" in str(found.returns.twr_reason)


def test_what_lacks_a_price_at_some_moment_is_as_unknown_as_before(everything, odd) -> None:
    gone = PriceSnapshot.objects.filter(at__gt=day("2024-05-01"), at__lt=day("2024-06-20"))
    gone.filter(asset__symbol="BTC").delete()
    found = told(asked_without(everything, [odd]))
    assert found.returns.twr is None
    assert "BTC" in str(found.returns.twr_reason)


@pytest.mark.parametrize("currency", ["USD", "EUR"])
@pytest.mark.parametrize("is_first", [True, False])
def test_what_is_remembered_of_the_one_is_not_told_for_the_other(everything, odd, currency, is_first) -> None:
    both = [everything, asked_without(everything, [odd])]
    asked = (both if is_first else both[::-1]) * 2
    for each in asked:
        for since, until in PERIODS:
            seen = told(each, currency, since, until, kept=True)
            assert figures(seen) == figures(told(each, currency, since, until))


def test_returns_until_now_are_the_same_as_those_of_all_the_time(everything, odd) -> None:
    rest = asked_without(everything, [odd])
    value = overviews(rest, currency="USD", now=NOW)[0].value
    seen, found = returns(rest, currency="USD", value=value, now=NOW), told(rest).returns
    assert (seen.twr, seen.xirr) == pytest.approx((found.twr, found.xirr), rel=1e-12)


@pytest.mark.parametrize(("since", "until"), PERIODS)
def test_every_figure_is_explained_as_it_stands_and_adds_up(everything, others, odd, since, until) -> None:
    rest = asked_without(everything, [odd])
    found, same = told(rest, since=since, until=until), told(others, since=since, until=until)
    for figure in EARNED_FIGURES:
        if figure != "contribution":
            explained = explain_earned(found, figure, rest)
            assert explained == explain_earned(same, figure, others), figure
    flows = explain_earned(found, "period_flows", rest)
    assert flows.result == flows.parts[0].value - flows.parts[1].value == found.bridge.net_flows


def test_within_a_day_it_is_explained_from_flow_to_flow(everything, others, odd) -> None:
    rest, period = asked_without(everything, [odd]), {"since": "2024-05-09", "until": "2024-05-10"}
    found = explain_earned(told(rest, **period), "twr", rest)
    assert found == explain_earned(told(others, **period), "twr", others)
    assert len(found.lines) > 1


def test_the_flows_of_a_day_lead_to_the_swap_that_they_came_by(everything, odd) -> None:
    rest = asked_without(everything, [odd])
    rows = flowed_on(told(rest), rest, {day("2024-05-20").date(), day("2024-05-22").date()})
    assert [row.kind for row in rows[day("2024-05-20").date()]] == ["swap"]
    assert day("2024-05-22").date() not in rows  # XYZ alone moved
