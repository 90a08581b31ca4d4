"""Who may do what through the API: every operation of its document, as everybody who could ask.

The operations come from the document, and the document is held against the URL table: a route that is added
is tried here without being asked for. `bodies` of tests/security/doors.py names her rows in what is sent.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
import time_machine
from django.test import Client

from portfolios.models import Portfolio
from tests.conftest import signed_in
from tests.factories import NOW
from tests.security.conftest import PORTFOLIO, TRANSACTION, dump, hers, leaks
from tests.security.doors import (
    DOCUMENT,
    JSON,
    NOBODY,
    OPERATIONS,
    PATHS,
    SAFE,
    SOMEBODY_ELSE,
    access,
    address,
    ask,
    bearing,
    bodies,
    personal,
)
from tests.security.routes import METHODS, PLACEHOLDER, ROUTES

pytestmark = pytest.mark.django_db

UNDOCUMENTED = {"api", "api/", "api/docs", "api/openapi.json"}  # which belong to nobody
CLOSED = [each for each in OPERATIONS if each.is_closed]
NUMBERS_OF_ROWS = {"to_portfolio"}  # in bodies; `bodies` has to name hers in each of them
THOROUGH = {"anonymous", "stranger with a token", "administrator", "personal token to read"}
QUERIES = {"/api/prices/{symbol}": "?timestamp=1735689600"}  # what they can't be asked without
NOBODYS = 661_000_111_231
COUNTS = {"count", "limit", "offset", "timestamp", "quantity", "age_seconds"}


@pytest.fixture(autouse=True)
def frozen() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def _some(role: str, answers: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Every body is tried as some; as the others who are treated like them, two."""
    return answers if role in THOROUGH else islice(answers, 2)


def test_the_document_tells_of_every_route_there_is() -> None:
    table = {PLACEHOLDER.sub(r"{\1}", route.pattern).replace("\\", "") for route in ROUTES if route.is_api}
    told = {path.strip("/") for path in PATHS}
    assert {path.rstrip("/") for path in table - UNDOCUMENTED} - {"api/docs", "api/openapi.json"} == told
    assert {f"{path}/" for path in told} | told <= table


def test_no_body_names_rows_that_are_not_tried_here() -> None:
    shapes = DOCUMENT["components"]["schemas"]
    asked = {name for name in shapes if re.search("(In|Change|Replacement)$", name)}
    numbers = {
        field
        for name in asked
        for field, told in shapes[name].get("properties", {}).items()
        for each in told.get("anyOf", [told])
        if each.get("type") == "integer"
    }
    assert numbers - COUNTS - {"occurred_at"} == NUMBERS_OF_ROWS


@pytest.mark.parametrize("role", NOBODY)
def test_nobody_hears_or_changes_anything_without_a_good_name(role, transaction, owner) -> None:
    client = NOBODY[role](owner)
    before = dump()
    for operation in CLOSED:
        for said, response in _some(role, ask(client, operation, address(operation.path))):
            assert response.status_code == 401, said
            assert response["WWW-Authenticate"] == "Bearer"
            assert leaks(response, said) == [], said
    assert _but_for_visits(dump()) == _but_for_visits(before)


@pytest.mark.parametrize("role", SOMEBODY_ELSE)
def test_somebody_else_neither_reads_nor_changes_anything_of_hers(role, transaction) -> None:
    _, client = SOMEBODY_ELSE[role]()
    before = hers()
    for operation in OPERATIONS:
        for said, response in _some(role, ask(client, operation, address(operation.path))):
            assert response.status_code < 500 or operation.path == "/api/health", said
            assert leaks(response, said) == [], said
            if operation.is_about_a_row:
                assert response.status_code == 404, said
        assert hers() == before, operation


@pytest.mark.parametrize("role", SOMEBODY_ELSE)
def test_her_rows_are_refused_like_rows_that_nobody_has(role, transaction) -> None:
    """In addresses, also beside a portfolio of one's own, and in bodies."""
    user, client = SOMEBODY_ELSE[role]()
    own = Portfolio.objects.get(owner=user).pk
    before = dump()
    for operation in CLOSED:
        if operation.is_about_a_row and operation.method != "DELETE":
            for hers_, nobodys in (
                ((PORTFOLIO, TRANSACTION), (NOBODYS, NOBODYS)),
                *([((own, TRANSACTION), (own, NOBODYS))] if "{transaction}" in operation.path else []),
            ):
                heard = [
                    client.generic(operation.method, address(operation.path, *pair))
                    for pair in (hers_, nobodys)
                ]
                assert {each.status_code for each in heard} == {404}, operation
                assert heard[0].content == heard[1].content, operation
    for path in PATHS:
        if path.endswith(("/transactions", "/batch")) and "post" in DOCUMENT["paths"][path]:
            for mine, nobodys in zip(bodies(PORTFOLIO), bodies(NOBODYS), strict=True):
                heard = [client.post(address(path, own), body, content_type=JSON) for body in (mine, nobodys)]
                assert {each.status_code for each in heard} == {422}, (path, mine)
                assert heard[0].content == heard[1].content, (path, mine)
    visits = {"accounts.ApiToken"}  # when it was last used
    assert _but_for_visits(dump(), visits) == _but_for_visits(before, visits)


def _but_for_visits(rows: dict[str, list[tuple]], more: set[str] = frozenset()) -> dict[str, list[tuple]]:
    """Without the list of sessions, which a browser's first request is noted in."""
    return {name: told for name, told in rows.items() if name not in {"accounts.SignIn", *more}}


def _may_read_alone(name: str, owner) -> Client:
    if name == "personal token to read":
        return bearing(personal(owner, may_write=False))
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in(owner).cookies
    if name == "session with a wrong CSRF token":
        client.cookies["csrftoken"] = "a" * 32
        client.defaults["HTTP_X_CSRFTOKEN"] = "b" * 32
    return client


@pytest.mark.parametrize(
    "role", ["personal token to read", "session without a CSRF token", "session with a wrong CSRF token"]
)
def test_who_may_read_alone_reads_and_changes_nothing(role, transaction, owner) -> None:
    client = _may_read_alone(role, owner)
    before = hers()
    for operation in CLOSED:
        for said, response in _some(role, ask(client, operation, address(operation.path))):
            if operation.method not in SAFE:
                assert response.status_code == 403, said
            else:
                assert response.status_code in {200, 422}, said  # 422: what is not declared, or is needed
    assert hers() == before


def test_the_owner_is_served_and_reading_changes_nothing(transaction, owner) -> None:
    client = bearing(access(owner))
    before, told = dump(), set()
    for operation in CLOSED:
        if operation.method == "GET":
            response = client.get(address(operation.path) + QUERIES.get(operation.path, ""))
            assert response.status_code == 200, (operation, response.content)
            told |= {operation.path} if leaks(response, operation.path) else set()
    assert dump() == before
    rows = {path for path in PATHS if "{portfolio}" in path and "get" in DOCUMENT["paths"][path]}
    # What names her marks to her: the tests above look for something that is there.
    assert {"/api/auth/me", "/api/portfolios/", "/api/portfolios/{portfolio}/transactions"} <= told
    assert len(told & rows) >= 5, told


@pytest.mark.parametrize("role", ["anonymous", "owner"])
def test_methods_that_an_address_does_not_take_are_refused_in_json(role, transaction, owner) -> None:
    client = Client() if role == "anonymous" else bearing(access(owner))
    before = dump()
    taken = {(each.method, each.path) for each in OPERATIONS}
    for path in PATHS:
        for method in {*METHODS, "TRACE", "PROPFIND"}:
            if (method, path) not in taken:
                response = client.generic(method, address(path))
                assert (response.status_code, response["Content-Type"]) == (405, JSON), (method, path)
                assert method == "HEAD" or response.json()["errors"] == {}
                assert response["Allow"], path
    assert dump() == before
