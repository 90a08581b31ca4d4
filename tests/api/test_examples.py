"""The examples of the document: each body shows one that is taken, each answer one of its own shape."""

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from tests.api.golden import g3
from tests.factories import AssetFactory
from tests.security.doors import DOCUMENT

pytestmark = pytest.mark.django_db
SHAPES = DOCUMENT["components"]["schemas"]
BODIES = sorted(
    (path, method)
    for path, methods in DOCUMENT["paths"].items()
    for method, said in methods.items()
    if "requestBody" in said
)
TOKENS = {"/api/auth/token", "/api/auth/token/refresh", "/api/auth/token/revoke"}  # of somebody, or of nobody


def named(said: dict[str, Any]) -> dict[str, Any]:
    """The shape of a body or an answer."""
    return SHAPES[said["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]]


def example(shape: dict[str, Any]) -> Any:
    """What Swagger UI shows of it. A KeyError says that there is nothing to show."""
    if "example" in shape:
        return shape["example"]
    if "$ref" in shape:
        return example(SHAPES[shape["$ref"].rsplit("/", 1)[1]])
    if shape.get("type") == "array":
        return [example(shape["items"])]
    if shape.get("title") == "Count":
        return 1
    if "properties" in shape:
        return {name: example(each) for name, each in shape["properties"].items()}
    return shape["examples"][0]


def answers() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            for status, said in operation["responses"].items():
                if said.get("content"):
                    yield f"{method} {path} {status}", named(said)


def test_every_answer_has_an_example_of_its_shape() -> None:
    for said, shape in answers():
        told = example(shape)
        whole = Draft202012Validator(shape | {"components": DOCUMENT["components"]})
        assert [error.message for error in whole.iter_errors(told)] == [], said
        assert told.keys() >= set(shape["required"]), said


@pytest.mark.parametrize(("path", "method"), BODIES)
def test_the_example_of_a_body_is_taken(path, method, program, portfolio) -> None:
    """As it stands in `try it out`."""
    AssetFactory()
    body = example(named(DOCUMENT["paths"][path][method]["requestBody"]))
    if path in TOKENS:
        return
    if "transaction" in path:
        g3(portfolio)
    if "{symbol}" in path:
        program.send("post", "/assets/", {"symbol": "BTC", "quantity": "1", "average_buy_price": "1"})
    row = portfolio.transactions.order_by("pk").first()
    place = path.format(portfolio=portfolio.pk, transaction=row and row.pk, symbol="BTC")
    said = program.send(method, place.removeprefix("/api"), body)
    assert said.status_code in {200, 201}, said.content
