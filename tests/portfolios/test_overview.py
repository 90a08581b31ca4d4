"""Overviews: the golden figures, what is unknown, what a day brought, and all portfolios together."""

from datetime import timedelta
from decimal import Decimal

import pytest

from portfolios.ledger import total
from portfolios.models import Portfolio
from portfolios.selectors import books, overview, overviews
from tests.factories import NOW, AssetFactory, FiatFactory, PortfolioFactory, SnapshotFactory, day, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def portfolio(alice) -> Portfolio:
    return PortfolioFactory(owner=alice)


def seen(portfolio: Portfolio, currency: str = "USD", now=NOW):
    return overview(portfolio, currency=currency, now=now)


def g1(portfolio: Portfolio) -> None:
    record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    record(portfolio, "sell", "0.5", "2024-02-01", unit_price="150")
    record(portfolio, "buy", "0.5", "2024-03-01", unit_price="300")


def g3(portfolio: Portfolio) -> None:
    record(portfolio, "buy", "1", "2024-01-01", unit_price="40000", fee="40")
    record(portfolio, "sell", "0.5", "2024-07-01", unit_price="60000", fee="30")
    record(portfolio, "buy", "0.5", "2024-10-01", unit_price="65000", fee="32.50")
    SnapshotFactory(price=Decimal(95000))


def test_g1(portfolio) -> None:
    g1(portfolio)
    SnapshotFactory(price=Decimal(200))
    figures = seen(portfolio)
    assert (figures.average_price, figures.realised, figures.unrealised, figures.net_result) == (
        200,
        25,
        0,
        25,
    )


def test_g2(portfolio) -> None:
    g1(portfolio)
    record(portfolio, "sell", "1", "2024-04-01", unit_price="200")
    SnapshotFactory(price=Decimal(200))
    figures = seen(portfolio)
    (holding,) = figures.holdings
    assert (figures.realised, figures.cost_basis, figures.net_result, figures.value) == (25, 0, 25, 0)
    assert (holding.quantity, holding.is_open, figures.open_holdings) == (0, False, ())


def test_g3(portfolio) -> None:
    g3(portfolio)
    figures = seen(portfolio)
    assert figures.cost_basis == Decimal("52552.50")
    assert figures.average_price == Decimal("52552.50")
    assert figures.realised == Decimal("9950.00")
    assert figures.unrealised == Decimal("42447.50")
    assert figures.net_result == Decimal("52397.50")
    assert figures.money_in == Decimal("72572.50")
    assert round(figures.roi, 4) == Decimal("0.7220")
    assert round(figures.unrealised_ratio, 4) == Decimal("0.8077")
    assert figures.books_balance


def test_the_break_even_price_makes_the_net_result_nothing(portfolio) -> None:
    g3(portfolio)
    (holding,) = seen(portfolio).holdings
    assert holding.break_even_price == Decimal("42602.5")
    SnapshotFactory(at=NOW + timedelta(hours=1), price=holding.break_even_price)
    assert seen(portfolio, now=NOW + timedelta(hours=1)).net_result == 0


def test_an_asset_without_a_price_is_unknown_and_named_and_left_out_wholly(portfolio) -> None:
    g3(portfolio)
    record(portfolio, "buy", "7", "2024-01-01", unit_price="10", asset=AssetFactory(symbol="XYZ"))
    figures = seen(portfolio)
    unknown = next(each for each in figures.holdings if each.asset.symbol == "XYZ")
    assert (unknown.price, unknown.value, unknown.unrealised, unknown.weight, unknown.net_result) == (
        None,
    ) * 5
    assert unknown.cost_basis == 70
    assert figures.prices.missing == ("XYZ",)
    assert (figures.value, figures.net_result) == (95000, Decimal("52397.50"))
    assert round(figures.roi, 4) == Decimal("0.7220")
    assert figures.cost_basis == Decimal("52622.50")


def test_nothing_that_can_be_valued_is_unknown_not_nothing(portfolio) -> None:
    record(portfolio, "buy", "1", "2024-01-01", unit_price="10")
    figures = seen(portfolio)
    assert (figures.value, figures.unrealised, figures.net_result, figures.roi, figures.day_change) == (
        None,
    ) * 5
    assert figures.prices.missing == ("BTC",)


def test_an_empty_portfolio_is_worth_nothing(portfolio) -> None:
    figures = seen(portfolio)
    assert (figures.value, figures.net_result, figures.roi, figures.holdings) == (0, 0, None, ())


def test_old_prices_still_count_and_are_said_to_be_old(portfolio) -> None:
    record(portfolio, "buy", "1", "2024-01-01", unit_price="10")
    SnapshotFactory(at=day("2024-06-01"), price=Decimal(50))
    figures = seen(portfolio)
    assert (figures.value, figures.prices.stale, figures.prices.newest_at) == (50, True, day("2024-06-01"))


def test_the_days_result_leaves_out_what_flowed_in(portfolio) -> None:
    record(portfolio, "buy", "1", "2024-06-01", unit_price="10")
    SnapshotFactory(at=day("2024-12-31"), price=Decimal(100))
    SnapshotFactory(at=NOW, price=Decimal(110))
    record(portfolio, "buy", "1", "2024-12-31 12:00", unit_price="105")
    figures = seen(portfolio)
    assert (figures.value, figures.day_change, figures.day_start) == (220, 15, day("2024-12-31"))
    assert figures.day_change_ratio == Decimal(15) / Decimal(205)


def test_the_day_begins_after_what_happened_at_its_first_instant(portfolio) -> None:
    SnapshotFactory(at=day("2024-12-31"), price=Decimal(100))
    SnapshotFactory(at=NOW, price=Decimal(110))
    record(portfolio, "buy", "1", "2024-12-31", unit_price="70")
    assert seen(portfolio).day_change == 10


def test_with_old_prices_the_day_is_the_last_one_that_can_be_told(portfolio) -> None:
    record(portfolio, "buy", "1", "2024-01-01", unit_price="10")
    SnapshotFactory(at=day("2024-06-01"), price=Decimal(50))
    SnapshotFactory(at=day("2024-06-02"), price=Decimal(60))
    figures = seen(portfolio)
    assert (figures.day_start, figures.day_change) == (day("2024-06-01"), 10)


def test_the_day_of_a_portfolio_is_the_same_alone_and_with_the_others(alice, portfolio) -> None:
    quiet = PortfolioFactory(owner=alice)
    ether = AssetFactory(symbol="ETH")
    record(portfolio, "buy", "1", "2024-01-01", unit_price="10")
    record(quiet, "buy", "1", "2024-01-01", asset=ether, unit_price="10")
    for at, price in (("2024-06-01", 50), ("2024-06-02", 60)):
        SnapshotFactory(asset=ether, at=day(at), price=Decimal(price))
    for at, price in (("2024-06-09", 65), ("2024-06-10", 70)):
        SnapshotFactory(at=day(at), price=Decimal(price))
    whole, each = overviews([portfolio, quiet], currency="USD", now=NOW)
    alone = seen(quiet)
    assert (alone.day_start, alone.day_change) == (each[quiet.pk].day_start, each[quiet.pk].day_change)
    assert whole.day_change == sum(seen(one).day_change for one in (portfolio, quiet)) == 5
    then = day("2024-06-02")
    assert seen(quiet, now=then).day_change == 10  # when the other had no price and the day was its own


def test_a_deposit_is_never_a_profit(portfolio) -> None:
    SnapshotFactory(at=day("2024-12-31"), price=Decimal(100))
    SnapshotFactory(at=NOW, price=Decimal(100))
    record(portfolio, "deposit", "3", "2024-12-31 12:00")
    assert (seen(portfolio).day_change, seen(portfolio).net_result) == (0, 0)


def test_all_portfolios_together_are_the_sum(alice, portfolio) -> None:
    second = PortfolioFactory(owner=alice)
    g3(portfolio)
    g1(second)
    record(second, "buy", "2", "2024-01-01", unit_price="5", asset=AssetFactory(symbol="ETH"))
    SnapshotFactory(asset=AssetFactory(symbol="ETH"), price=Decimal(9))
    together, each = overviews([portfolio, second], currency="USD", now=NOW)
    for figure in (
        "value",
        "cost_basis",
        "unrealised",
        "realised",
        "income",
        "fees",
        "money_in",
        "net_result",
    ):
        assert getattr(together, figure) == sum(getattr(one, figure) for one in each.values())
    assert sum(one.weight for one in together.holdings) == pytest.approx(Decimal(1))
    assert together.books_balance


def test_figures_in_another_currency_use_the_rate_of_each_date(portfolio) -> None:
    euro = FiatFactory()
    SnapshotFactory(asset=euro, at=day("2024-01-01"), price=Decimal("1.25"))
    SnapshotFactory(asset=euro, at=NOW, price=Decimal(2))
    record(portfolio, "buy", "1", "2024-01-02", unit_price="100")
    SnapshotFactory(price=Decimal(300))
    figures = seen(portfolio, "EUR")
    assert (figures.cost_basis, figures.value, figures.unrealised) == (80, 150, 70)


def test_figures_can_be_measured_in_bitcoin(portfolio) -> None:
    SnapshotFactory(at=day("2024-01-01"), price=Decimal(100))
    SnapshotFactory(price=Decimal(200))
    record(portfolio, "buy", "2", "2024-01-01", unit_price="100")
    figures = seen(portfolio, "BTC")
    assert (figures.cost_basis, figures.value, figures.unrealised) == (2, 2, 0)


def test_a_cost_without_a_rate_at_its_date_is_unknown_but_the_value_is_told(portfolio) -> None:
    SnapshotFactory(asset=FiatFactory(), at=NOW, price=Decimal(2))
    SnapshotFactory(price=Decimal(300))
    record(portfolio, "buy", "1", "2024-01-02", unit_price="100")
    figures = seen(portfolio, "EUR")
    (holding,) = figures.holdings
    assert (holding.quantity, holding.value, figures.value) == (1, 150, 150)
    assert (holding.cost_basis, holding.unrealised, figures.unrealised, figures.net_result) == (None,) * 4
    assert (figures.prices.missing, figures.prices.unrated) == ((), ("BTC",))


def test_read_models_and_a_new_booking_agree(alice, portfolio) -> None:
    """In a currency that is worth a dollar, booking anew must say what the read models say."""
    g3(portfolio)
    for at in ("2024-01-01", "2024-07-01", "2024-10-01", "2025-01-01"):
        SnapshotFactory(asset=FiatFactory(symbol="CHF"), at=day(at), price=Decimal(1))
    stored, anew = books([portfolio], "USD", NOW), books([portfolio], "CHF", NOW)
    assert total(stored.positions.values()) == total(anew.positions.values())


def test_the_queries_do_not_grow_with_the_transactions(portfolio, django_assert_max_num_queries) -> None:
    SnapshotFactory(price=Decimal(200))
    record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    with django_assert_max_num_queries(7) as few:
        seen(portfolio)
    for number in range(1, 20):
        asset = AssetFactory(symbol=f"C{number % 3}")
        record(portfolio, "buy", "1", f"2024-02-{number:02}", unit_price="100", asset=asset)
    with django_assert_max_num_queries(len(few)):
        seen(portfolio)
