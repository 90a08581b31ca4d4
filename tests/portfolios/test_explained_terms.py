"""What explanations say: terms by name, prices with source and time, transactions with what they added."""

from datetime import UTC, timedelta
from decimal import Decimal

import pytest

from portfolios.models import Portfolio
from portfolios.selectors import UnknownFigure, explain_gain, gains
from portfolios.selectors.explain import Unit
from tests.factories import NOW, AssetFactory, FiatFactory, PortfolioFactory, SnapshotFactory, day, record
from tests.portfolios.explained import g3, terms, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def portfolio(alice) -> Portfolio:
    return PortfolioFactory(owner=alice, cost_method="fifo")


def test_a_result_names_its_terms(portfolio) -> None:
    g3(portfolio)
    explanation = told("net_result", portfolio)
    assert (explanation.title, explanation.formula) == ("Net result", "realised + unrealised + income")
    assert terms(explanation) == {
        "Realised gain": 9950,
        "Unrealised gain": Decimal("42447.5"),
        "Income": 0,
    }
    assert (explanation.result, explanation.unit) == (Decimal("52397.5"), Unit.MONEY)
    roi = told("roi", portfolio)
    assert terms(roi) == {"Net result": Decimal("52397.5"), "Money in": Decimal("72572.5")}
    assert (roi.unit, roi.result) == (Unit.RATIO, Decimal("52397.5") / Decimal("72572.5"))


def test_nothing_is_rounded(portfolio) -> None:
    record(portfolio, "buy", "3", "2024-01-01", total="100")
    SnapshotFactory(price=Decimal("0.123456789012345678"))
    explanation = told("average_price", portfolio, asset=AssetFactory())
    assert explanation.result == Decimal(100) / 3
    value = told("value", portfolio, asset=AssetFactory())
    assert value.result == Decimal("0.370370367037037034")


def test_a_value_names_its_price_with_source_and_time(portfolio) -> None:
    g3(portfolio)
    explanation = told("value", portfolio, asset=AssetFactory())
    (used,) = explanation.prices
    assert (used.quote.price, used.quote.source, used.quote.at, used.price) == (95000, "pack", NOW, 95000)
    assert (used.rate, used.rate_quote) == (1, None)
    assert terms(explanation) == {"Quantity": 1, "Latest price": 95000}


def test_a_price_in_another_currency_names_the_rate_and_who_fixed_it(portfolio) -> None:
    g3(portfolio)
    fixed = SnapshotFactory(
        asset=FiatFactory(), at=NOW - timedelta(hours=9), price=Decimal("1.25"), source="ecb"
    )
    explanation = told("price", portfolio, currency="EUR", asset=AssetFactory())
    assert terms(explanation) == {"Price in US dollars": 95000, "US dollars per EUR": Decimal("1.25")}
    (used,) = explanation.prices
    assert (used.rate_quote.source, used.rate_quote.at) == ("ecb", fixed.at)
    assert explanation.result == 76000


def test_the_rows_name_each_transaction_with_what_it_added(portfolio) -> None:
    g3(portfolio)
    rows = told("money_in", portfolio, asset=AssetFactory()).rows
    assert [
        (row.transaction.kind, row.transaction.occurred_at, row.quantity, row.adds) for row in rows.rows
    ] == [
        ("buy", day("2024-10-01"), Decimal("0.5"), Decimal("32532.5")),
        ("buy", day("2024-01-01"), 1, 40040),
    ]
    (newest, _) = rows.rows
    assert (newest.amount, newest.unit_price, newest.rate, newest.price_source) == (
        Decimal("32532.5"),
        65000,
        1,
        "",
    )


def test_a_row_names_the_source_of_a_price_that_nobody_stated(portfolio) -> None:
    SnapshotFactory(at=day("2024-02-01"), price=Decimal(50), source="binance")
    record(portfolio, "income", "2", "2024-02-01 00:20")
    (row,) = told("income", portfolio).rows.rows
    assert (row.adds, row.unit_price, row.price_source, row.price_at) == (
        100,
        50,
        "binance",
        day("2024-02-01"),
    )


def test_a_row_in_another_currency_names_the_rate_of_its_date(portfolio) -> None:
    SnapshotFactory(asset=FiatFactory(), at=day("2024-01-01"), price=Decimal("1.25"))
    record(portfolio, "buy", "1", "2024-01-02", unit_price="100", currency="EUR")
    (row,) = told("cost_basis", portfolio).rows.rows
    assert (row.amount, row.rate, row.converted, row.adds) == (100, Decimal("1.25"), 125, 125)
    (row,) = told("cost_basis", portfolio, currency="EUR").rows.rows
    assert (row.amount, row.rate, row.converted, row.adds) == (100, 1, 100, 100)


def test_the_days_result_names_what_was_held_and_what_flowed(portfolio) -> None:
    record(portfolio, "buy", "1", "2024-06-01", unit_price="10")
    SnapshotFactory(at=day("2024-12-31"), price=Decimal(100))
    SnapshotFactory(at=NOW, price=Decimal(110))
    bought = record(portfolio, "buy", "1", "2024-12-31 12:00", unit_price="105")
    explanation = told("day_change", portfolio)
    assert explanation.result == 15
    assert list(terms(explanation).values()) == [220, 100, 105]
    flow = told("day_flow", portfolio)
    assert [row.transaction for row in flow.rows.rows] == [bought]
    assert flow.rows.sums_to == flow.result == 105


def test_with_old_prices_the_day_ends_with_the_newest_of_them(portfolio) -> None:
    record(portfolio, "buy", "1", "2024-01-01", unit_price="10")
    SnapshotFactory(at=day("2024-06-01"), price=Decimal(50))
    SnapshotFactory(at=day("2024-06-02"), price=Decimal(60))
    record(portfolio, "buy", "1", "2024-07-01", unit_price="70")
    explanation = told("day_change", portfolio)
    assert (list(terms(explanation).values()), explanation.result) == ([60, 50, 0], 10)
    assert explanation.adds_up


def test_a_figure_of_the_books_is_told_year_by_year(portfolio) -> None:
    record(portfolio, "buy", "2", "2022-03-01", unit_price="100")
    record(portfolio, "sell", "0.5", "2022-12-31 23:59", unit_price="120")
    record(portfolio, "sell", "0.5", "2024-01-01", unit_price="160")
    record(portfolio, "sell", "0.5", "2024-07-01", unit_price="180")
    asset = AssetFactory()
    assert terms(told("realised", portfolio, asset=asset)) == {"2022": 10, "2024": 70}
    assert terms(told("quantity", portfolio, asset=asset)) == {"2022": Decimal("1.5"), "2024": -1}
    assert terms(told("money_in", portfolio, asset=asset)) == {"2022": 200}


def test_together_what_was_transferred_between_portfolios_is_taken_off(alice, portfolio) -> None:
    other = PortfolioFactory(owner=alice, name="Other")
    record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    record(portfolio, "transfer", "1", "2024-02-01", to_portfolio=other)
    explanation = told("money_in", portfolio, other, asset=AssetFactory())
    assert terms(explanation) == {
        portfolio.name: 100,
        "Other": 100,
        "Transferred between portfolios": -100,
    }
    assert [row.transaction.kind for row in explanation.rows.rows] == ["buy"]


def test_a_gain_names_its_lots_and_what_it_brought(portfolio) -> None:
    g3(portfolio)
    ((gain,),) = [year.gains for year in gains([portfolio], currency="USD", at=NOW, zone=UTC).years]
    whole = explain_gain(gain, currency="USD")
    assert (whole.title, terms(whole), whole.result) == ("Gain", {"Proceeds": 29970, "Cost": 20020}, 9950)
    assert [term.link.figure for term in whole.terms] == ["proceeds", "cost"]
    cost = explain_gain(gain, "cost", currency="USD")
    assert (cost.formula, terms(cost)) == (
        "the oldest lots, each at its cost × quantity ÷ the lot's quantity",
        {"Lot 1": 20020},
    )
    assert [(row.transaction.kind, row.change.cost_basis, row.adds) for row in cost.rows.rows] == [
        ("buy", 40040, 20020)
    ]
    brought = explain_gain(gain, "proceeds", currency="USD")
    assert (brought.formula, terms(brought)) == ("quantity × price − fee", {"Received": 29970})
    assert brought.rows.rows[0].converted == 29970
    with pytest.raises(UnknownFigure):
        explain_gain(gain, "luck", currency="USD")


def test_a_fee_in_coins_lowers_what_a_sale_brings(portfolio) -> None:
    record(portfolio, "buy", "2", "2024-01-01", unit_price="100")
    record(portfolio, "sell", "1", "2024-02-01", unit_price="150", fee="0.1", fee_asset=AssetFactory())
    (year,) = gains([portfolio], currency="USD", at=NOW, zone=UTC).years
    sale, fee = year.gains
    assert terms(explain_gain(sale, "proceeds", currency="USD")) == {
        "Received": 150,
        "Fee in coins, at its value": -15,
    }
    assert explain_gain(fee, "proceeds", currency="USD").result == 15
