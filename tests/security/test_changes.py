"""Reading changes nothing, and nothing changes without the token of our own page: at every address."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.conftest import LOGIN_BACKEND
from tests.security.conftest import dump
from tests.security.routes import ROUTES, SITE, Route, address, named

pytestmark = pytest.mark.django_db

READING = ("GET", "HEAD", "OPTIONS")
CHANGING = ("POST", "PUT", "PATCH", "DELETE")
BY_TOKEN: set[str] = set()  # routes that take no cookie, so that nobody's browser can be made to use them
ELSEWHERE = "https://evil.example"
BODY = {
    "name": "Taken",
    "currency": "USD",
    "username": "x",
    "password": "x",
    "email": "x@example.org",
    "post": "yes",
}
OFFICE = [route for route in ROUTES if route.is_admin]


def strict(user) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user, backend=LOGIN_BACKEND)
    return client


def readings(path: str):
    join = "&" if "?" in path else "?"
    yield from (path, f"{path}{join}range=1W&page=2&q=x&asset=BTC&post=yes&action=delete_selected")


@pytest.mark.parametrize("route", SITE, ids=named)
def test_reading_a_page_changes_no_row_of_any_table(route, transaction, owner) -> None:
    client = Client()
    client.force_login(owner, backend=LOGIN_BACKEND)
    path, before = address(route, transaction), dump()
    for method in READING:
        for read in readings(path):
            for headers in ({}, {"HX-Request": "true"}):
                client.generic(method, read, headers=headers)
    assert dump() == before


@pytest.mark.parametrize("method", READING)
def test_reading_the_administration_changes_no_row_of_any_table(method, transaction, root) -> None:
    before = dump()
    for route in OFFICE:
        for path in readings(address(route, transaction)):
            root.generic(method, path)
        assert dump() == before, route.name


def forged(path: str, client: Client, method: str):
    """The ways in which a foreign page could make a browser send a change."""
    yield client.generic(method, path, "name=Taken", content_type="application/x-www-form-urlencoded")
    if method == "POST":
        htmx = {"HX-Request": "true", "X-Requested-With": "XMLHttpRequest"}
        yield client.post(path, BODY, headers=htmx)
        yield client.post(path, BODY | {"csrfmiddlewaretoken": "x" * 64}, headers={"Origin": ELSEWHERE})
        yield client.generic(method, path, '{"name": "Taken"}', content_type="application/json")
        yield client.generic(method, path, "name=Taken", content_type="text/plain")


@pytest.mark.parametrize("route", SITE, ids=named)
def test_no_change_without_the_token_of_our_page(route: Route, transaction, owner) -> None:
    client, path, before = strict(owner), address(route, transaction), dump()
    for method in CHANGING:
        for response in forged(path, client, method):
            assert response.status_code == 403 or route.name in BY_TOKEN, method
    assert dump() == before


@pytest.mark.parametrize("route", SITE, ids=named)
def test_no_change_by_a_visitor_without_the_token_either(route: Route, transaction) -> None:
    client, path, before = Client(enforce_csrf_checks=True), address(route, transaction), dump()
    for method in CHANGING:
        for response in forged(path, client, method):
            assert response.status_code == 403 or route.name in BY_TOKEN, method
    assert dump() == before


def test_no_change_in_the_administration_without_the_token(transaction, root) -> None:
    client, before = Client(enforce_csrf_checks=True), dump()
    client.cookies = root.cookies
    for route in OFFICE:
        for method in CHANGING:
            for response in forged(address(route, transaction), client, method):
                assert response.status_code == 403, (route.name, method)
    assert dump() == before


def test_a_token_alone_does_not_help_a_page_from_elsewhere(transaction, owner) -> None:
    client, path = strict(owner), reverse("portfolio-new")
    client.get(path)
    form = BODY | {"csrfmiddlewaretoken": client.cookies["csrftoken"].value}
    assert client.post(path, form, headers={"Origin": ELSEWHERE}).status_code == 403
    assert client.post(path, form, headers={"Origin": "null"}).status_code == 403
    assert client.post(path, form, headers={"Origin": "http://testserver"}).status_code in {302, 303}
