"""The routes of the first system, word for word, on the default portfolio."""

import pytest

from portfolios.models import Holding, Portfolio, Transaction
from tests.factories import AssetFactory, SnapshotFactory, day, record

pytestmark = pytest.mark.django_db
BITCOIN = {"symbol": "BTC", "quantity": 0.5, "average_buy_price": 40000}


@pytest.fixture(autouse=True)
def coins() -> None:
    AssetFactory()
    AssetFactory(symbol="ETH")
    SnapshotFactory(price=60000)


def test_a_coin_is_stated_whole_and_told_with_its_figures(program, alice) -> None:
    said = program.send("post", "/assets/", BITCOIN)
    assert (said.status_code, said.json()) == (201, {
        "symbol": "BTC", "quantity": "0.5", "average_buy_price": "40000", "current_price": "60000",
        "current_value": "30000", "profit_loss": "10000", "profit_loss_ratio": "0.5",
        "price_at": "2025-01-01T00:00:00Z",
    })  # fmt: skip
    row = Transaction.objects.get()
    assert (row.kind, row.cost, row.portfolio.owner) == ("deposit", 20000, alice)
    assert program.send("get", "/assets/btc").json() == said.json()
    assert program.send("get", "/assets").json() == {"items": [said.json()], "count": 1}


def test_reading_makes_no_portfolio(program) -> None:
    assert program.send("get", "/assets/").json() == {"items": [], "count": 0}
    assert program.send("get", "/assets/BTC").status_code == 404
    assert program.send("delete", "/assets/BTC").status_code == 404
    assert program.send("get", "/analytics/portfolio_summary").json() == {
        "total_value": "0", "total_cost": "0", "total_profit_loss": "0", "profit_loss_ratio": None,
        "assets": [], "as_of": "2025-01-01T00:00:00Z",
    }  # fmt: skip
    assert not Portfolio.objects.exists()


def test_the_opening_deposit_is_adjusted_and_taken_back(program) -> None:
    program.send("post", "/assets/", BITCOIN)
    assert program.send("patch", "/assets/BTC", {"quantity": "2"}).json()["average_buy_price"] == "40000"
    assert program.send("patch", "/assets/BTC", {"average_buy_price": "10"}).json()["quantity"] == "2"
    said = program.send("put", "/assets/BTC", {"symbol": "BTC", "quantity": 1, "average_buy_price": 5}).json()
    assert (said["quantity"], said["average_buy_price"]) == ("1", "5")
    assert Transaction.objects.get().version == 4
    assert program.send("put", "/assets/BTC", {"quantity": 1}).status_code == 422
    assert program.send("patch", "/assets/BTC", {"symbol": "ETH"}).status_code == 422
    assert program.send("delete", "/assets/BTC").status_code == 204
    assert program.send("get", "/assets/BTC").status_code == 404
    assert not Holding.objects.exists()


def test_once_there_are_other_transactions_it_is_refused(program, alice) -> None:
    program.send("post", "/assets/", BITCOIN)
    portfolio = Portfolio.objects.get()
    record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    for method, path, body in (
        ("post", "/assets/", BITCOIN),
        ("patch", "/assets/BTC", {"quantity": 1}),
        ("put", "/assets/BTC", {"quantity": 1, "average_buy_price": 1}),
        ("delete", "/assets/BTC", None),
    ):
        said = program.send(method, path, body)
        assert (said.status_code, "BTC has other transactions" in said.json()["detail"]) == (409, True)
    assert Transaction.objects.kept().count() == 2


@pytest.mark.parametrize(
    "wrong,field",
    [({"symbol": "NOPE"}, "symbol"), ({"symbol": None}, "symbol"), ({"quantity": 0}, "quantity"),
     ({"quantity": "1e30"}, "quantity"), ({"average_buy_price": -1}, "average_buy_price"),
     ({"average_buy_price": "9" * 20}, "quantity"), ({"price": 1}, "price")],
)  # fmt: skip
def test_what_is_wrong_is_told_in_the_words_of_these_routes(program, wrong, field) -> None:
    said = program.send("post", "/assets/", BITCOIN | {"quantity": 2} | wrong)
    assert (said.status_code, list(said.json()["errors"])) == (422, [field])
    assert not Transaction.objects.exists()


def test_the_summary(program) -> None:
    program.send("post", "/assets/", BITCOIN)
    program.send("post", "/assets/", {"symbol": "ETH", "quantity": 1, "average_buy_price": 100})
    said = program.send("get", "/analytics/portfolio_summary").json()
    assert [one["symbol"] for one in said.pop("assets")] == ["BTC", "ETH"]
    assert said == {
        "total_value": "30000", "total_cost": "20100", "total_profit_loss": "10000",
        "profit_loss_ratio": "0.5", "as_of": "2025-01-01T00:00:00Z",
    }  # fmt: skip


def test_historical_prices(program) -> None:
    for hour in range(1, 4):
        SnapshotFactory(at=day(f"2024-12-31 0{hour}:00"), price=hour)
    path = "/analytics/historical_prices/BTC"
    said = program.send(
        "get", f"{path}?interval=hour&from=2024-12-31T02:00:00Z&to=2024-12-31T09:00:00Z"
    ).json()
    assert (said["symbol"], said["currency"], said["interval"]) == ("BTC", "USD", "hour")
    assert said["prices"] == [
        {"at": "2024-12-31T02:00:00Z", "price": "2"}, {"at": "2024-12-31T03:00:00Z", "price": "3"}
    ]  # fmt: skip
    assert program.send("get", path).json()["prices"] == [{"at": "2025-01-01T00:00:00Z", "price": "60000"}]
    assert program.send("get", f"{path}?interval=hour&from=2010-01-01").status_code == 422
    assert program.send("get", f"{path}?interval=week").status_code == 422
    assert program.send("get", f"{path}?from=2024-12-02&to=2024-12-01").status_code == 422
    assert program.send("get", "/analytics/historical_prices/NOPE").status_code == 404
