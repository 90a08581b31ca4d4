"""The API describes itself: every route of the contract is there, with its parameters and its refusals."""

import pytest
from django.test import Client
from pydantic import BaseModel

from bitfolio.api import api
from bitfolio.api.reading import read_json

pytestmark = pytest.mark.django_db
OPEN = {
    "/api/health",
    "/api/auth/register",
    "/api/auth/token",
    "/api/auth/token/refresh",
    "/api/auth/token/revoke",
}
FIGURES = ("summary", "holdings", "lots", "gains", "history", "performance")
CONTRACT = {
    "/api/health": {"get"},
    "/api/auth/register": {"post"},
    "/api/auth/token": {"post"},
    "/api/auth/token/refresh": {"post"},
    "/api/auth/token/revoke": {"post"},
    "/api/auth/me": {"get", "patch"},
    "/api/portfolios/": {"get", "post"},
    "/api/portfolios/{portfolio}": {"get", "patch", "put", "delete"},
    "/api/portfolios/{portfolio}/transactions": {"get", "post"},
    "/api/portfolios/{portfolio}/transactions/batch": {"post"},
    "/api/portfolios/{portfolio}/transactions/{transaction}": {"get", "put", "patch", "delete"},
    "/api/assets/": {"get", "post"},
    "/api/assets/{symbol}": {"get", "put", "patch", "delete"},
    "/api/analytics/portfolio_summary": {"get"},
    "/api/analytics/historical_prices/{symbol}": {"get"},
    **{f"/api/portfolios/{{portfolio}}/{name}": {"get"} for name in FIGURES},
    **{f"/api/analytics/{name}": {"get"} for name in FIGURES},
    "/api/prices/{symbol}": {"get"},
    "/api/prices/{symbol}/latest": {"get"},
}


@pytest.fixture
def document() -> dict:
    return read_json(Client().get("/api/openapi.json").content)  # which takes nothing that is said twice


def operations() -> list:
    return [
        operation
        for router in api._get_bound_routers()
        for view in router.path_operations.values()
        for operation in view.operations
    ]


def models_of(model: type[BaseModel]) -> set[type[BaseModel]]:
    """A model and the models within it."""
    found, open_ends = set(), [model]
    while open_ends:
        one = open_ends.pop()
        if isinstance(one, type) and issubclass(one, BaseModel) and one not in found:
            found.add(one)
            open_ends += [field.annotation for field in one.model_fields.values()]
        open_ends += getattr(one, "__args__", ())
    return found


def test_every_route_of_the_contract_is_in_it(document) -> None:
    told = {path: set(methods) for path, methods in document["paths"].items()}
    assert {path: told.get(path) for path in CONTRACT} == CONTRACT


def test_what_needs_nobody_to_sign_in_is_listed_here_alone(document) -> None:
    found = {
        path
        for path, methods in document["paths"].items()
        for operation in methods.values()
        if "security" not in operation
    }
    assert found == OPEN


def test_every_operation_says_how_it_refuses(document) -> None:
    for methods in document["paths"].values():
        for operation in methods.values():
            assert {"4XX", "503"} <= operation["responses"].keys()


def test_every_post_that_creates_takes_a_key(document) -> None:
    for path, methods in document["paths"].items():
        if "201" in methods.get("post", {}).get("responses", {}) and path not in OPEN:
            assert "Idempotency-Key" in [each["name"] for each in methods["post"]["parameters"]]


def test_no_body_passes_over_a_field_that_it_does_not_know() -> None:
    bodies = [model for one in operations() for model in one.models if model.__ninja_param_source__ == "body"]
    shapes = {shape for body in bodies for shape in models_of(body)} - set(bodies)
    assert shapes
    assert [shape for shape in shapes if shape.model_config.get("extra") != "forbid"] == []


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_nobody_gets_in_without_a_name(document, method) -> None:
    for path, methods in document["paths"].items():
        if method in methods and path not in OPEN:
            address = (
                path.replace("{portfolio}", "1").replace("{transaction}", "1").replace("{symbol}", "BTC")
            )
            assert getattr(Client(), method)(address).status_code == 401, path


@pytest.mark.parametrize("start", ["/api/portfolios/{portfolio}", "/api/analytics"])
@pytest.mark.parametrize("name", FIGURES)
def test_figures_say_what_they_may_be_asked_with_and_give_an_example(document, start, name) -> None:
    operation = document["paths"][f"{start}/{name}"]["get"]
    asked = {each["name"] for each in operation["parameters"] if each["in"] == "query"}
    assert asked >= {"at", "currency", "method"}
    told = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    shape = document["components"]["schemas"][told.rsplit("/", 1)[1]]
    if name in {"holdings", "lots", "gains"}:
        assert asked >= {"limit", "offset"}
        item = shape["properties"]["items"]["items"]["$ref"]
        shape = document["components"]["schemas"][item.rsplit("/", 1)[1]]
    assert shape["example"].keys() == shape["properties"].keys()


def test_amounts_are_text_in_it(document) -> None:
    told = document["components"]["schemas"]["TransactionOut"]["properties"]["quantity"]
    assert told["type"] == "string"
