"""Summary, holdings, lots and gains through the API, computed by hand; under every cost method."""

from decimal import Decimal

import pytest

from portfolios.models import DailyPosition, Portfolio
from portfolios.services import change_portfolio
from prices.fields import canonical
from tests.api.golden import ROUTES, g1, g2, g3, g4, market, some
from tests.factories import AssetFactory, FiatFactory, PortfolioFactory, SnapshotFactory, day, record
from tests.portfolios.eventful import eventful

pytestmark = pytest.mark.django_db
METHODS = ("average", "fifo", "lifo", "hifo")


def of_all(portfolio: Portfolio):
    """A user with one portfolio is told the same of it and of all."""
    return (portfolio, None)


def test_g1_the_average_price_and_the_gain(read, portfolio) -> None:
    g1(portfolio)
    for of in of_all(portfolio):
        told = read("summary", of)
        assert some(told, "average_price", "realised", "unrealised", "net_result") == ("200", "25", "0", "25")
        assert some(told, "value", "cost_basis", "money_in", "money_out") == ("200", "200", "250", "75")
        assert told["roi"] == "0.1"


def test_g2_selling_the_rest_leaves_nothing_but_the_result(read, portfolio) -> None:
    g2(portfolio)
    told = read("summary", portfolio)
    names = ("value", "cost_basis", "realised", "unrealised", "net_result", "average_price")
    assert some(told, *names) == ("0", "0", "25", "0", "25", None)
    assert told["unrealised_ratio"] is None
    assert read("holdings", portfolio) == {"items": [], "count": 0}
    (closed,) = read("holdings", portfolio, status="closed")["items"]
    assert some(closed, "asset", "quantity", "cost_basis", "realised") == ("BTC", "0", "0", "25")
    assert read("holdings", portfolio, status="all")["count"] == 1
    assert read("lots", portfolio) == {"items": [], "count": 0}


def test_g3_with_fees_comes_out_to_the_last_digit(read, portfolio) -> None:
    g3(portfolio)
    for of in of_all(portfolio):
        told = read("summary", of)
        assert told == {
            "as_of": "2025-01-01T00:00:00Z",
            "currency": "USD",
            "cost_method": "average",
            "value": "95000",
            "cost_basis": "52552.5",
            "average_price": "52552.5",
            "unrealised": "42447.5",
            "unrealised_ratio": "0.807716093430379145",
            "realised": "9950",
            "income": "0",
            "fees": "102.5",
            "money_in": "72572.5",
            "money_out": "29970",
            "net_result": "52397.5",
            "roi": "0.722002135795239244",
            "day_change": told["day_change"],
            "day_change_ratio": told["day_change_ratio"],
            "prices": {
                "newest_at": "2025-01-01T00:00:00Z",
                "oldest_at": "2025-01-01T00:00:00Z",
                "stale": False,
                "missing": [],
            },
            "books_balance": True,
        }
        assert some(told, "day_change", "day_change_ratio") == ("30000", "0.461538461538461538")
        (holding,) = read("holdings", of)["items"]
        assert holding == {
            "asset": "BTC",
            "name": "Bitcoin",
            "quantity": "1",
            "average_price": "52552.5",
            "cost_basis": "52552.5",
            "price": "95000",
            "price_at": "2025-01-01T00:00:00Z",
            "value": "95000",
            "weight": "1",
            "unrealised": "42447.5",
            "unrealised_ratio": "0.807716093430379145",
            "realised": "9950",
            "income": "0",
            "net_result": "52397.5",
            "break_even_price": "42602.5",
            "day_change_ratio": "0.461538461538461538",
        }
        found = read("gains", of)
        assert [some(one, "quantity", "proceeds", "cost", "gain") for one in found["items"]] == [
            ("0.5", "29970", "20020", "9950")
        ]
        assert found["totals"] == {"proceeds": "29970", "cost": "20020", "gain": "9950"}


G4 = {"average": ("25", "0"), "fifo": ("75", "-50"), "lifo": ("-25", "50"), "hifo": ("-25", "50")}


@pytest.mark.parametrize("kept", METHODS)
def test_g4_under_every_method_whichever_the_books_are_kept_by(read, alice, kept) -> None:
    """The figures are booked anew: nothing of it is stored."""
    portfolio = PortfolioFactory(owner=alice, cost_method=kept)
    g4(portfolio)
    for of in of_all(portfolio):
        for method in METHODS:
            realised, unrealised = G4[method]
            told = read("summary", of, method=method)
            assert some(told, "realised", "unrealised", "net_result") == (realised, unrealised, "25")
            assert some(told, "cost_method", "books_balance") == (method, True)
            (holding,) = read("holdings", of, method=method)["items"]
            assert some(holding, "realised", "unrealised", "net_result") == (realised, unrealised, "25")
            found = read("gains", of, method=method)
            assert some(found["totals"] | {"method": found["cost_method"]}, "gain", "method") == (
                realised,
                method,
            )
            lots = read("lots", of, method=method)["items"]
            cost = sum(Decimal(lot["cost"]) for lot in lots)
            assert (canonical(cost), sum(Decimal(lot["quantity"]) for lot in lots)) == (
                holding["cost_basis"],
                Decimal("0.5"),
            )
            assert read("performance", of, method=method)["net_result"] == "25"
            assert read("history", of, method=method)["net_result"][-1] == "25"
        assert read("summary", of)["realised"] == G4[kept][0]


LOTS = {
    "average": [("2024-01-01T00:00:00Z", "0.5", "100")],
    "fifo": [("2024-03-01T00:00:00Z", "0.5", "150")],
    "lifo": [("2024-01-01T00:00:00Z", "0.5", "50")],
    "hifo": [("2024-01-01T00:00:00Z", "0.5", "50")],
}


@pytest.mark.parametrize("method", ["fifo", "lifo", "hifo"])
def test_the_lots_that_are_open_are_those_that_the_method_leaves(read, portfolio, method) -> None:
    g4(portfolio)
    told = read("lots", portfolio, method=method, asset="BTC")
    assert [some(lot, "acquired_at", "quantity", "cost") for lot in told["items"]] == LOTS[method]
    assert told["items"][0]["unit_cost"] == canonical(Decimal(LOTS[method][0][2]) * 2)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("currency", ["USD", "EUR"])
def test_asked_under_a_method_is_what_books_kept_by_it_say(read, alice, method, currency) -> None:
    """Two portfolios in which everything happens, transfers too: first only asked so, then kept so."""
    portfolios = eventful(alice, "fifo" if method == "average" else "average")
    moments = ("2022-06-02", "2023-04-15", "2024-03-01", "2025-01-01")

    def told(**query: str) -> list[dict]:
        asked = {"currency": currency, **query}
        return [read(name, at=at, **asked) for name in ROUTES for at in moments]

    asked = told(method=method)
    assert asked != told()
    for each in portfolios:
        change_portfolio(portfolio=each, cost_method=method)
    assert asked == told()
    assert asked == told(method=method)


def test_of_one_portfolio_the_others_keep_their_method(read, alice) -> None:
    first, _ = eventful(alice, "fifo")
    asked = [read(name, first, method="lifo", at="2024-06-02") for name in ROUTES]
    change_portfolio(portfolio=first, cost_method="lifo")
    assert asked == [read(name, first, at="2024-06-02") for name in ROUTES]


def test_at_a_moment_of_the_past_nothing_later_is_known(read, portfolio) -> None:
    g3(portfolio)
    told = read("summary", portfolio, at="2024-07-01T00:00:00Z")
    names = ("as_of", "value", "cost_basis", "realised", "unrealised", "money_in", "money_out")
    assert some(told, *names) == (
        "2024-07-01T00:00:00Z", "30000", "20020", "9950", "9980", "40040", "29970"
    )  # fmt: skip
    before = read("summary", portfolio, at=str(int(day("2024-06-30 23:59").timestamp())))
    assert some(before, "value", "realised", "money_in") == ("40000", "0", "40040")
    assert before["prices"]["stale"] is True
    assert read("gains", portfolio, at="2024-06-30")["count"] == 0
    (lot,) = read("lots", portfolio, at="2024-06-30")["items"]
    assert some(lot, "quantity", "cost", "days_held") == ("1", "40040", 181)
    assert read("holdings", portfolio, at="2023-12-31") == {"items": [], "count": 0}
    assert some(read("summary", portfolio, at="2023-12-31"), "value", "net_result") == ("0", "0")


def test_in_euros_each_transaction_counts_at_the_rate_of_its_date(read, portfolio) -> None:
    g3(portfolio)
    euro = FiatFactory()
    for at, rate in {"2024-01-01": "1.25", "2024-07-01": "1.6", "2024-10-01": "2", "2025-01-01": "1"}.items():
        SnapshotFactory(asset=euro, at=day(at), price=Decimal(rate))
    told = read("summary", portfolio, currency="EUR")
    assert some(told, "currency", "value", "money_in", "money_out") == (
        "EUR",
        "95000",
        "48298.25",
        "18731.25",
    )
    assert some(told, "realised", "cost_basis") == ("2715.25", "32282.25")
    assert told["net_result"] == "65433"
    (holding,) = read("holdings", portfolio, currency="EUR")["items"]
    assert some(holding, "price", "cost_basis") == ("95000", "32282.25")
    assert read("gains", portfolio, currency="EUR")["totals"]["gain"] == "2715.25"
    assert [lot["cost"] for lot in read("lots", portfolio, currency="EUR", method="fifo")["items"]] == [
        "16016", "16266.25"
    ]  # fmt: skip


def test_over_all_it_is_the_users_currency_and_transfers_are_no_money(read, alice, portfolio) -> None:
    other = PortfolioFactory(owner=alice, cost_method="fifo")
    market(d2024_01_01="100", d2025_01_01="200")
    record(portfolio, "buy", "2", "2024-01-01", unit_price="100")
    record(portfolio, "transfer", "1", "2024-06-01", to_portfolio=other)
    told = read("summary")
    assert some(told, "money_in", "money_out", "value", "cost_method") == ("200", "0", "400", None)
    assert some(read("summary", other), "money_in", "value", "cost_method") == ("100", "200", "fifo")
    assert some(read("summary", portfolio), "money_in", "money_out") == ("200", "100")
    assert [lot["portfolio"] for lot in read("lots")["items"]] == [portfolio.pk, other.pk]
    alice.currency = "EUR"
    alice.save()
    assert some(read("summary"), "currency", "value") == ("EUR", None)
    assert read("summary", portfolio)["currency"] == "USD"


def test_what_has_no_price_is_unknown_and_named(read, portfolio) -> None:
    g1(portfolio)
    record(portfolio, "buy", "3", "2024-05-01", unit_price="7", asset=AssetFactory(symbol="ODD"))
    told = read("summary", portfolio)
    assert some(told, "value", "cost_basis", "net_result", "average_price") == ("200", "221", "25", None)
    assert told["prices"]["missing"] == ["ODD"]
    odd = read("holdings", portfolio)["items"][1]
    assert some(odd, "asset", "cost_basis", "average_price", "income") == ("ODD", "21", "7", "0")
    unknown = ("price", "price_at", "value", "weight", "unrealised", "unrealised_ratio", "net_result")
    assert some(odd, *unknown, "day_change_ratio") == (None,) * 8
    assert some(told, "day_change", "day_change_ratio") == (None, None)


def test_nothing_recorded_is_nothing_not_unknown(read, portfolio) -> None:
    told = read("summary", portfolio)
    assert some(told, "value", "money_in", "net_result", "roi") == ("0", "0", "0", None)
    assert told["prices"] == {"newest_at": None, "oldest_at": None, "stale": False, "missing": []}
    assert read("gains", portfolio)["totals"] == {"proceeds": "0", "cost": "0", "gain": "0"}


def test_a_user_without_a_portfolio_is_told_the_same(stranger) -> None:
    for name in ROUTES:
        for query in ("", "?method=lifo", "?at=2024-05-01", "?currency=USD"):
            assert stranger.get(f"/api/analytics/{name}{query}").status_code == 200
    assert stranger.get("/api/analytics/summary").json()["value"] == "0"


def test_the_books_are_balanced_by_looking_at_them(read, portfolio) -> None:
    g1(portfolio)
    row = DailyPosition.objects.latest("day")
    row.realised += 1
    row.save()
    assert read("summary", portfolio)["books_balance"] is False
