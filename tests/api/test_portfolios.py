"""Portfolios through the API."""

import pytest

from portfolios.models import Holding, Portfolio
from tests.factories import PortfolioFactory, record

pytestmark = pytest.mark.django_db


def test_one_is_made_read_renamed_and_deleted(program, alice) -> None:
    said = program.send("post", "/portfolios/", {"name": " Savings "})
    row = Portfolio.objects.get()
    assert said.status_code == 201
    assert said.json() == {
        "id": row.pk, "name": "Savings", "currency": "USD", "cost_method": "average",
        "created_at": "2025-01-01T00:00:00Z",
    }  # fmt: skip
    assert program.send("get", f"/portfolios/{row.pk}/").json() == said.json()
    assert program.send("get", "/portfolios").json() == {"items": [said.json()], "count": 1}
    assert program.send("patch", f"/portfolios/{row.pk}", {"name": "Cold"}).json()["name"] == "Cold"
    assert program.send("delete", f"/portfolios/{row.pk}").status_code == 204
    assert program.send("get", f"/portfolios/{row.pk}").status_code == 404


@pytest.mark.parametrize(
    "body,field",
    [({}, "name"), ({"name": ""}, "name"), ({"name": "x" * 81}, "name"), ({"name": "Savings"}, "name"),
     ({"name": 5}, "name"), ({"name": None}, "name"), ({"name": "A", "currency": "XXX"}, "currency"),
     ({"name": "A", "cost_method": "best"}, "cost_method"), ({"name": "A", "owner": 1}, "owner"),
     ([], "body"), ("x", "body"), (None, "body")],
)  # fmt: skip
def test_what_is_wrong_is_told_by_field(program, portfolio, body, field) -> None:
    said = program.send("post", "/portfolios/", b"null" if body is None else body)
    assert (said.status_code, list(said.json()["errors"])) == (422, [field]), said.json()
    assert Portfolio.objects.count() == 1


def test_another_cost_method_books_anew_and_is_changed_with_the_name_or_not_at_all(
    program, portfolio
) -> None:
    PortfolioFactory(owner=portfolio.owner, name="Taken")
    for price in ("100", "200"):
        record(portfolio, "buy", "1", "2024-01-01", unit_price=price)
    record(portfolio, "sell", "1", "2024-02-01", unit_price="300")
    path = f"/portfolios/{portfolio.pk}"
    assert program.send("patch", path, {"name": "Taken", "cost_method": "lifo"}).status_code == 422
    assert Holding.objects.get().realised == 150
    said = program.send("put", path, {"name": "New", "cost_method": "lifo"}).json()
    assert (said["name"], said["cost_method"], Holding.objects.get().realised) == ("New", "lifo", 100)


def test_its_currency_stays(program, portfolio) -> None:
    path = f"/portfolios/{portfolio.pk}"
    assert program.send("patch", path, {"currency": "USD"}).status_code == 200
    said = program.send("patch", path, {"currency": "EUR"})
    assert (said.status_code, list(said.json()["errors"])) == (422, ["currency"])


def test_one_that_a_transfer_ties_to_another_is_not_deleted(program, portfolio) -> None:
    other = PortfolioFactory(owner=portfolio.owner)
    record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    record(portfolio, "transfer", "1", "2024-01-02", to_portfolio=other)
    said = program.send("delete", f"/portfolios/{other.pk}")
    assert (said.status_code, "transferred" in said.json()["detail"]) == (409, True)
