"""Reads beside the overview: per transaction, previews, values over time, returns."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from portfolios.ledger import HoldingWouldBeNegative
from portfolios.models import Portfolio, Transaction
from portfolios.selectors import figures_of, overview, preview, price_with_trades, returns, value_history
from tests.factories import (
    NOW,
    AssetFactory,
    FiatFactory,
    PortfolioFactory,
    SnapshotFactory,
    day,
    draft,
    record,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def portfolio(alice) -> Portfolio:
    return PortfolioFactory(owner=alice)


def figures(transaction: Transaction):
    row = (
        Transaction.objects.select_related("asset", "portfolio")
        .prefetch_related("bookings")
        .get(pk=transaction.pk)
    )
    return figures_of([row], now=NOW)[0]


def returned(portfolio: Portfolio, now=NOW, currency: str = "USD"):
    value = overview(portfolio, currency=currency, now=now).value
    return returns([portfolio], currency=currency, value=value, now=now)


def history(portfolio: Portfolio, since=None, until=NOW, currency: str = "USD"):
    return value_history([portfolio], currency=currency, since=since, until=until)


def test_a_purchase_shows_its_cost_its_value_now_and_what_it_earned(portfolio) -> None:
    SnapshotFactory(price=Decimal(150))
    seen = figures(record(portfolio, "buy", "2", "2024-01-01", unit_price="90", fee="20"))
    assert (seen.cost, seen.amount, seen.value_now, seen.net_result, seen.roi) == (
        200,
        200,
        300,
        100,
        Decimal("0.5"),
    )
    assert seen.since_then == Decimal(60) / Decimal(90)


def test_a_sale_shows_what_it_realised(portfolio) -> None:
    SnapshotFactory(price=Decimal(150))
    record(portfolio, "buy", "2", "2024-01-01", unit_price="100")
    seen = figures(record(portfolio, "sell", "1", "2024-01-02", unit_price="130", fee="5"))
    assert (seen.cost, seen.proceeds, seen.net_result, seen.roi) == (100, 125, 25, Decimal("0.25"))
    assert seen.signed_quantity == -1


def test_a_withdrawal_has_no_result_of_its_own(portfolio) -> None:
    record(portfolio, "buy", "2", "2024-01-01", unit_price="100")
    seen = figures(record(portfolio, "withdrawal", "1", "2024-01-02"))
    assert (seen.cost, seen.amount, seen.net_result, seen.roi) == (100, None, None, None)


@pytest.mark.parametrize("kind", ["swap", "transfer", "sell", "buy"])
def test_a_preview_and_a_row_count_what_a_fee_in_coins_realises(alice, portfolio, kind) -> None:
    record(portfolio, "buy", "2", "2024-01-01", unit_price="100")
    ether = AssetFactory(symbol="ETH")
    record(portfolio, "buy", "5", "2024-01-01", unit_price="20", asset=ether)
    SnapshotFactory(asset=ether, at=day("2024-02-01"), price=Decimal(15))
    stated = {
        "swap": {"unit_price": "90", "to_asset": AssetFactory(symbol="XMR"), "to_quantity": "1"},
        "transfer": {"to_portfolio": PortfolioFactory(owner=alice)},
    }.get(kind, {"unit_price": "90"})
    stated |= {"fee": "1", "fee_asset": ether}
    seen = preview(draft(kind, "1", "2024-02-01", **stated), portfolio=portfolio, now=NOW)
    before = overview(portfolio, currency="USD", now=NOW).realised
    saved = record(portfolio, kind, "1", "2024-02-01", **stated)
    realised = overview(portfolio, currency="USD", now=NOW).realised - before
    assert realised == {"swap": -15, "transfer": -20, "sell": -30, "buy": -5}[kind]
    assert seen.gain == saved.realised == realised
    if kind != "buy":
        assert figures(saved).net_result == realised


def test_without_a_price_the_value_now_is_unknown(portfolio) -> None:
    seen = figures(record(portfolio, "buy", "2", "2024-01-01", unit_price="100"))
    assert (seen.value_now, seen.net_result, seen.roi, seen.since_then) == (None,) * 4


def test_a_unit_price_is_worked_back_from_a_total(portfolio) -> None:
    assert figures(record(portfolio, "buy", "2", "2024-01-01", total="205", fee="5")).unit_price == 100


def test_figures_are_in_the_portfolios_currency(portfolio) -> None:
    SnapshotFactory(asset=FiatFactory(), at=day("2024-01-01"), price=Decimal("1.5"))
    SnapshotFactory(price=Decimal(300))
    seen = figures(record(portfolio, "buy", "1", "2024-01-01", unit_price="100", currency="EUR"))
    assert (seen.amount, seen.cost, seen.net_result) == (100, 150, 150)


def test_a_preview_books_what_saving_would_book(portfolio) -> None:
    record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    drafted = draft("sell", "0.5", "2024-02-01", unit_price="150")
    seen = preview(drafted, portfolio=portfolio, now=NOW)
    assert portfolio.transactions.count() == 1
    saved = record(portfolio, "sell", "0.5", "2024-02-01", unit_price="150")
    assert (seen.amount, seen.gain) == (75, 25)
    assert seen.after == saved.portfolio.holdings.get().position


def test_a_preview_of_an_amendment_replaces_what_was(portfolio) -> None:
    bought = record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    seen = preview(
        draft("buy", "3", "2024-01-01", unit_price="10"), portfolio=portfolio, now=NOW, amending=bought
    )
    assert (seen.before.quantity, seen.after.quantity, seen.after.cost_basis) == (1, 3, 30)


def test_a_preview_refuses_what_saving_would_refuse(portfolio) -> None:
    with pytest.raises(HoldingWouldBeNegative):
        preview(draft("sell", "1", "2024-01-01", unit_price="1"), portfolio=portfolio, now=NOW)
    with pytest.raises(ValidationError):
        preview(draft("buy", "1", "2024-01-01"), portfolio=portfolio, now=NOW)


def test_the_value_is_drawn_from_the_first_transaction(portfolio) -> None:
    for number in range(1, 11):
        SnapshotFactory(at=day(f"2024-12-{number:02}"), price=Decimal(number * 100))
    record(portfolio, "buy", "2", "2024-12-02 12:00", unit_price="250")
    record(portfolio, "sell", "1", "2024-12-05 12:00", unit_price="550")
    line = history(portfolio, until=day("2024-12-12"))
    assert line.at[0] == day("2024-12-02 12:00")
    assert line.at[1:] == tuple(day(f"2024-12-{number:02}") for number in range(3, 13))
    assert line.value == (400, 600, 800, 1000, 600, 700, 800, 900, 1000, 1000, 1000)
    assert line.net_money_in == (500, 500, 500, 500, *[-50] * 7)


def test_a_gap_in_the_prices_is_a_gap_in_the_line(portfolio) -> None:
    SnapshotFactory(at=day("2024-12-01"), price=Decimal(100))
    SnapshotFactory(at=day("2024-12-20"), price=Decimal(100))
    record(portfolio, "buy", "1", "2024-12-01", unit_price="100")
    line = history(portfolio, until=day("2024-12-21"))
    unknown = [at.day for at, value in zip(line.at, line.value, strict=True) if value is None]
    assert unknown == list(range(9, 20))


def test_a_week_is_drawn_from_every_snapshot(portfolio) -> None:
    for hour in range(24):
        SnapshotFactory(at=day(f"2024-12-31 {hour:02}:00"), price=Decimal(100 + hour))
    record(portfolio, "buy", "1", "2024-12-01", unit_price="100")
    line = history(portfolio, since=day("2024-12-31"))
    assert len(line.at) == 25
    assert line.value[-1] == 123


def test_a_long_line_has_at_most_400_points_and_keeps_both_ends(portfolio) -> None:
    SnapshotFactory(at=day("2024-12-31"), price=Decimal(1))
    record(portfolio, "buy", "1", "2020-01-01", unit_price="100")
    line = history(portfolio)
    assert (len(line.at), line.at[0], line.at[-1]) == (400, day("2020-01-01"), NOW)


def test_there_is_no_line_before_the_first_transaction(portfolio) -> None:
    assert history(portfolio).at == ()


def test_trades_stand_on_the_price_line(portfolio) -> None:
    SnapshotFactory(at=day("2024-12-01"), price=Decimal(100))
    record(portfolio, "buy", "2", "2024-12-01 12:00", unit_price="110")
    record(portfolio, "sell", "1", "2024-12-03 12:00", unit_price="120")
    line = price_with_trades([portfolio], AssetFactory(), currency="USD", since=None, until=day("2024-12-05"))
    assert line.marks == (
        (day("2024-12-01 12:00"), 110, "buy", 2),
        (day("2024-12-03 12:00"), 120, "sell", -1),
    )
    assert line.price[-1] == 100


def test_g3_returns(portfolio) -> None:
    record(portfolio, "buy", "1", "2024-01-01", unit_price="40000", fee="40")
    record(portfolio, "sell", "0.5", "2024-07-01", unit_price="60000", fee="30")
    record(portfolio, "buy", "0.5", "2024-10-01", unit_price="65000", fee="32.50")
    SnapshotFactory(price=Decimal(95000))
    seen = returned(portfolio)
    assert round(seen.twr, 4) == 1.3703
    assert round(seen.xirr, 3) == 1.535
    assert seen.annualised


def test_a_deposit_and_a_withdrawal_at_the_market_never_move_the_time_weighted_return(portfolio) -> None:
    for at, price in (("2024-01-01", 100), ("2024-06-01", 150), ("2024-09-01", 120), ("2025-01-01", 200)):
        SnapshotFactory(at=day(at), price=Decimal(price))
    record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    assert returned(portfolio).twr == 1
    record(portfolio, "deposit", "5", "2024-06-01", cost="1")
    record(portfolio, "withdrawal", "2", "2024-09-01")
    assert round(returned(portfolio).twr, 30) == 1


def test_other_assets_are_valued_at_the_time_of_each_flow(portfolio) -> None:
    ether = AssetFactory(symbol="ETH")
    SnapshotFactory(asset=ether, at=day("2024-05-31"), price=Decimal(20))
    SnapshotFactory(asset=ether, at=NOW, price=Decimal(40))
    SnapshotFactory(at=NOW, price=Decimal(100))
    record(portfolio, "buy", "1", "2024-01-01", unit_price="10", asset=ether)
    record(portfolio, "buy", "1", "2024-06-01", unit_price="80")
    assert returned(portfolio).twr == pytest.approx(2 * 140 / 100 - 1)


def test_a_return_needs_every_price_it_is_made_of(portfolio) -> None:
    SnapshotFactory(at=NOW, price=Decimal(100))
    SnapshotFactory(asset=AssetFactory(symbol="ETH"), at=NOW, price=Decimal(40))
    record(portfolio, "buy", "1", "2024-01-01", unit_price="10", asset=AssetFactory(symbol="ETH"))
    record(portfolio, "buy", "1", "2024-06-01", unit_price="80")
    seen = returned(portfolio)
    assert (seen.twr, seen.xirr) == (None, None)
    lacking = "No price of ETH is known in the week before 1 Jun 2024 00:00 UTC."
    assert (str(seen.twr_reason), str(seen.xirr_reason)) == (lacking, lacking)


def test_a_span_below_90_days_is_not_blown_up_to_a_year(portfolio) -> None:
    SnapshotFactory(at=NOW, price=Decimal(110))
    record(portfolio, "buy", "1", "2024-12-02", unit_price="100")
    seen = returned(portfolio)
    assert seen.xirr == pytest.approx(0.1)
    assert not seen.annualised


def test_on_the_first_day_there_is_no_rate_and_it_is_said(portfolio) -> None:
    SnapshotFactory(at=NOW, price=Decimal(110))
    record(portfolio, "buy", "1", "2025-01-01", unit_price="100")
    seen = returned(portfolio, now=NOW + timedelta(hours=1))
    assert (seen.xirr, seen.xirr_reason) == (None, "No rate turns these flows into today's value.")


def test_income_is_no_flow_from_outside(portfolio) -> None:
    SnapshotFactory(at=day("2024-06-01"), price=Decimal(100))
    SnapshotFactory(at=NOW, price=Decimal(100))
    record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    record(portfolio, "income", "1", "2024-06-01")
    assert returned(portfolio).twr == 1


def test_what_began_as_income_grows_like_the_rest(portfolio) -> None:
    SnapshotFactory(at=day("2024-01-01"), price=Decimal(100))
    SnapshotFactory(at=NOW, price=Decimal(300))
    record(portfolio, "income", "1", "2024-01-01")
    record(portfolio, "buy", "1", "2024-06-01", unit_price="150")
    assert returned(portfolio).twr == 2


def test_a_trade_in_another_currency_stands_at_its_price_in_the_portfolios(portfolio) -> None:
    SnapshotFactory(asset=FiatFactory(), at=day("2024-12-01"), price=Decimal("1.5"))
    SnapshotFactory(at=day("2024-12-01"), price=Decimal(100))
    record(portfolio, "buy", "1", "2024-12-01 12:00", unit_price="80", currency="EUR")
    line = price_with_trades([portfolio], AssetFactory(), currency="USD", since=None, until=day("2024-12-05"))
    assert line.marks[0][1] == 120
