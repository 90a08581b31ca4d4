"""Transactions through the API: recorded, read, changed, deleted; each with its figures and its version."""

from decimal import Decimal

import pytest

from portfolios.models import Transaction
from tests.factories import AssetFactory, PortfolioFactory, SnapshotFactory, record

pytestmark = pytest.mark.django_db
BUY = {
    "kind": "buy",
    "asset": "BTC",
    "quantity": "0.5",
    "occurred_at": "2024-06-01T10:30:00Z",
    "unit_price": "150",
}


def test_what_is_recorded_is_told_back_with_its_figures(program, portfolio, address) -> None:
    SnapshotFactory()
    response = program.send("post", address, BUY | {"fee": 1.5, "note": " cold ", "external_id": "x-1"})
    said = response.json()
    assert response.status_code == 201, said
    assert said == {
        "id": Transaction.objects.get().pk,
        "portfolio": portfolio.pk,
        "kind": "buy",
        "asset": "BTC",
        "quantity": "0.5",
        "occurred_at": "2024-06-01T10:30:00Z",
        "unit_price": "150",
        "total": None,
        "currency": "USD",
        "fee": "1.5",
        "fee_asset": None,
        "to_asset": None,
        "to_quantity": None,
        "to_portfolio": None,
        "note": "cold",
        "external_id": "x-1",
        "price_source": "manual",
        "cost": "76.5",
        "proceeds": None,
        "value_now": "100",
        "net_result": "23.5",
        "roi": said["roi"],
        "realised": None,
    }
    assert said["roi"].startswith("0.30718954")
    again = program.send("get", f"{address}/{said['id']}")
    assert (again.json(), again["ETag"]) == (said, '"1"')


def test_a_price_of_the_market_is_told_with_its_source(program, address) -> None:
    SnapshotFactory(at="2024-06-01T10:00:00Z")
    said = program.send("post", address, BUY | {"unit_price": None}).json()
    assert said["unit_price"] == "200"
    assert said["price_source"] == {"source": "pack", "at": "2024-06-01T10:00:00Z", "grade": "A"}


def test_the_list_is_newest_first_narrowed_and_counted(program, portfolio, address) -> None:
    eth = AssetFactory(symbol="ETH")
    for day in range(1, 6):
        record(portfolio, "buy", str(day), f"2024-01-0{day}", unit_price="100")
    record(portfolio, "buy", "9", "2024-01-03", asset=eth, unit_price="100")
    record(portfolio, "sell", "1", "2024-01-06", unit_price="100")

    def asked(query: str) -> list[str]:
        said = program.send("get", f"{address}?{query}").json()
        return [f"{one['asset']} {one['quantity']}" for one in said["items"]], said["count"]

    assert asked("limit=2") == (["BTC 1", "BTC 5"], 7)
    assert asked("limit=2&offset=6") == (["BTC 1"], 7)
    assert asked("asset=ETH") == (["ETH 9"], 1)
    assert asked("kind=sell") == (["BTC 1"], 1)
    assert asked("from=2024-01-02T00:00:00Z&to=2024-01-03&asset=BTC") == (["BTC 3", "BTC 2"], 2)
    assert asked("from=1704412800") == (["BTC 1", "BTC 5"], 2)


def test_at_a_moment_the_list_is_what_had_happened_at_the_prices_of_then(program, portfolio, address) -> None:
    for day, price in ((2, "150"), (6, "300")):
        SnapshotFactory(at=f"2024-01-0{day}T00:00:00Z", price=Decimal(price))
    for day in (1, 3, 5):
        record(portfolio, "buy", str(day), f"2024-01-0{day}", unit_price="100")

    def asked(query: str) -> list[tuple[str, str]]:
        said = program.send("get", f"{address}?{query}").json()
        assert said["count"] == len(said["items"])
        return [(one["quantity"], one["value_now"]) for one in said["items"]]

    assert asked("at=2024-01-03T00:00:00Z") == [("3", "450"), ("1", "150")]
    assert asked("at=2024-01-05T00:00:00Z&to=2024-01-03") == [("3", "450"), ("1", "150")]
    assert asked("at=2024-01-03T00:00:00Z&to=2024-01-06") == [("3", "450"), ("1", "150")]
    assert asked("") == [("5", "1500"), ("3", "900"), ("1", "300")]


def test_put_states_all_anew_and_patch_some_of_it(program, portfolio, address) -> None:
    row = record(portfolio, "buy", "1", "2024-01-01", unit_price="100", note="first")
    path = f"{address}/{row.pk}"
    said = program.send("patch", path, {"quantity": "2"}).json()
    assert (said["quantity"], said["unit_price"], said["note"]) == ("2", "100", "first")
    said = program.send("patch", path, {"unit_price": None, "total": "90"}).json()
    assert (said["unit_price"], said["total"], said["cost"]) == (None, "90", "90")
    said = program.send("put", path, BUY).json()
    assert (said["quantity"], said["total"], said["note"]) == ("0.5", None, "")
    row.refresh_from_db()
    assert row.version == 4


def test_a_change_of_another_version_is_refused(program, portfolio, address) -> None:
    row = record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    path = f"{address}/{row.pk}"
    assert program.send("patch", path, {"note": "a"}, If_Match='"1"')["ETag"] == '"2"'
    for method, body in (("patch", {"note": "b"}), ("put", BUY), ("delete", None)):
        assert program.send(method, path, body, If_Match='"1"').status_code == 412
    assert program.send("patch", path, {"note": "c"}, If_Match='"7", W/"2"').status_code == 200
    assert program.send("patch", path, {"note": "d"}, If_Match="*").status_code == 200
    assert program.send("delete", path, If_Match='"4"').status_code == 204
    assert program.send("get", path).status_code == 404
    row.refresh_from_db()
    assert row.deleted_at is not None


def test_a_holding_never_goes_negative(program, portfolio, address) -> None:
    bought = record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    sale = BUY | {"kind": "sell", "quantity": "2"}
    said = program.send("post", address, sale)
    assert said.status_code == 409
    assert "You held 1 BTC on 1 June 2024 at 10:30 UTC" in said.json()["detail"]
    assert program.send("post", address, sale | {"quantity": "1"}).status_code == 201
    said = program.send("delete", f"{address}/{bought.pk}")
    assert (said.status_code, said.json()["detail"][:40]) == (409, "Without it you would have held 0 BTC on ")


def test_a_transfer_shows_in_both_portfolios_and_goes_to_none_but_ones_own(
    program, portfolio, address, charlie
) -> None:
    record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    other, foreign = PortfolioFactory(owner=portfolio.owner), PortfolioFactory(owner=charlie)
    transfer = {"kind": "transfer", "asset": "BTC", "quantity": "1", "occurred_at": "2024-02-01T00:00:00Z"}
    refused = [
        program.send("post", address, transfer | {"to_portfolio": to}) for to in (foreign.pk, 10**12, -1)
    ]
    assert {(one.status_code, one.content) for one in refused} == {(422, refused[0].content)}
    said = program.send("post", address, transfer | {"to_portfolio": other.pk}).json()
    assert program.send("get", f"/portfolios/{other.pk}/transactions/{said['id']}").json() == said


def test_a_batch_is_all_or_nothing_and_its_errors_are_told_by_row(program, portfolio, address) -> None:
    items = [BUY | {"external_id": str(number)} for number in range(3)]
    said = program.send("post", f"{address}/batch", {"items": items})
    assert said.status_code == 201
    assert [one["external_id"] for one in said.json()["items"]] == ["0", "1", "2"]
    for wrong, errors, status in (
        ({"quantity": "-1"}, {"items.1.quantity": ["Enter a quantity above 0."]}, 422),
        ({"asset": "NOPE"}, {"items.1.asset": ["No coin of this symbol is known here."]}, 422),
        (
            {"quantity": "1e-19"},
            {"items.1.quantity": ["Use at most 20 digits before the point and 18 after it."]},
            422,
        ),
        ({"colour": 1}, {"items.1.colour": ["There is no such field."]}, 422),
        ({"kind": "sell", "quantity": "9"}, None, 409),
    ):
        said = program.send("post", f"{address}/batch", {"items": [BUY, BUY | wrong]})
        assert said.status_code == status, said.json()
        assert errors is None or said.json()["errors"] == errors
        assert next(iter(said.json()["errors"])).startswith("items.1.")
    assert portfolio.transactions.count() == 3


@pytest.mark.parametrize(
    "items", [[], [BUY] * 10_001, {}, None, "x"], ids=["none", "too many", "object", "null", "text"]
)
def test_a_batch_has_between_one_and_ten_thousand(program, address, items) -> None:
    said = program.send("post", f"{address}/batch", {"items": items})
    assert (said.status_code, list(said.json()["errors"])) == (422, ["items"])


def test_somebody_elses_are_not_found(program, stranger, portfolio, address) -> None:
    row = record(portfolio, "buy", "1", "2024-01-01", unit_price="100", note="mine")
    for method, path, body in (
        ("get", address, None), ("post", address, BUY), ("post", f"{address}/batch", {"items": [BUY]}),
        ("get", f"{address}/{row.pk}", None), ("put", f"{address}/{row.pk}", BUY),
        ("patch", f"{address}/{row.pk}", {"note": "x"}), ("delete", f"{address}/{row.pk}", None),
        ("get", f"/portfolios/{portfolio.pk}", None), ("delete", f"/portfolios/{portfolio.pk}", None),
        ("patch", f"/portfolios/{portfolio.pk}", {"name": "x"}),
    ):  # fmt: skip
        assert stranger.send(method, path, body).status_code == 404
    row.refresh_from_db()
    assert (row.version, row.deleted_at, portfolio.transactions.count()) == (1, None, 1)
