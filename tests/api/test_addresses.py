"""Every address under /api/ answers in JSON, with and without a slash, whatever is asked of it."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/api/docs", "/api/docs/", "/api/openapi.json", "/api/openapi.json/"])
def test_the_documents_are_open_to_all(path) -> None:
    assert Client().get(path).status_code == 200


@pytest.mark.parametrize("path", ["/docs", "/docs/"])
def test_docs_leads_there(path) -> None:
    response = Client().get(path)
    assert (response.status_code, response["Location"]) == (302, "/api/docs")


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/nope", "/api/nope/", "/api/a%00b", "/api/portfolios/0x1"]
)
@pytest.mark.parametrize("method", ["get", "post", "delete", "options"])
def test_what_is_not_there_is_a_404_in_json(method, path) -> None:
    response = getattr(Client(), method)(path)
    assert response.status_code == 404
    assert response.json() == {"detail": "There is nothing here.", "errors": {}}


def test_a_method_that_an_address_does_not_take_is_a_405_in_json() -> None:
    response = Client().post("/api/health")
    assert (response.status_code, response["Allow"]) == (405, "GET")
    assert response.json()["errors"] == {}


def test_head_is_answered_as_get() -> None:
    assert Client().head("/api/health").status_code == Client().get("/api/health").status_code
