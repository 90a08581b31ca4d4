"""Who may see what: every address of the site, by every method, as everybody who is not its owner.

The addresses come from the URL table (tests/security/routes.py), so that a page that is added is tried here
without being asked for.
"""

import re

import pytest
from django.test import Client
from django.urls import reverse

from portfolios.models import Portfolio
from prices.models import Asset
from tests.security.conftest import PORTFOLIO, TRANSACTION, WORD, hers, leaks
from tests.security.routes import METHODS, ROUTES, SITE, Route, address, named

pytestmark = pytest.mark.django_db

PUBLIC = {
    "dashboard",  # the landing page, to whoever is signed out
    "login", "logout", "register", "price-list", "price-page",
    "docs", "metrics", "password_reset", "password_reset_done", "password_reset_confirm",
    "password_reset_complete",
}  # fmt: skip
STAFF = {"status"}  # not there for anybody else
NOT_THERE = {"metrics", "transaction-explain"}  # without a token; for a purchase, which realises nothing
ABOUT_ONE_ROW = [route for route in SITE if "pk" in route.converters]
OFFICE = [route for route in ROUTES if route.is_admin]
OPEN_OFFICE = {"admin:login", "admin:logout", "admin:jsi18n"}
ROLES = ["anonymous", "disabled", "stranger", "staff"]
SIGNED_OUT = {"anonymous", "disabled"}


def bodies(client: Client) -> list[dict[str, object]]:
    """What names her rows in every way that a form could."""
    user = client.session.get("_auth_user_id")
    own = Portfolio.objects.filter(owner=user).values_list("pk", flat=True).first() or ""
    coin = Asset.objects.get(symbol="BTC").pk
    about = {"asset": coin, "quantity": "1", "occurred_at": "2024-02-01T00:00", "idempotency_key": ""}
    return [
        {},
        {"kind": "buy", "portfolio": PORTFOLIO, **about},
        {"kind": "transfer", "portfolio": own, "to_portfolio": PORTFOLIO, **about},
        {"kind": "buy", "portfolio": own, "amending": TRANSACTION, **about},
        {
            "offer": f"{TRANSACTION}:x",
            "mark": "x",
            "name": "Taken",
            "to": "fifo",
            "version": "1",
            "post": "yes",
        },
    ]


def answers(client: Client, method: str, path: str):
    """Answers to a method at an address, each with all that the request said."""
    if method == "GET":
        for query in ("", f"portfolio={PORTFOLIO}", "asset=BTC", f"q={WORD}", f"amending={TRANSACTION}"):
            whole = path + ("&" if "?" in path else "?") * bool(query) + query
            yield whole, client.get(whole)
    elif method == "POST":
        for body in bodies(client):
            yield f"{path} {body}", client.post(path, body)
    else:
        yield path, client.generic(method, path, '{"name": "Taken"}', content_type="application/json")


def is_shut(response, route: Route) -> bool:
    """Sent to sign in; programs hear 401 or 403."""
    if route.is_api:
        return response.status_code in {401, 403, 404, 405}
    sign_in = reverse("admin:login" if route.is_admin else "login")
    return response.status_code == 302 and response["Location"].startswith((sign_in, reverse("login")))


def test_every_route_of_the_site_has_a_name() -> None:
    assert [route.pattern for route in SITE if "without a name" in route.name] == []


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("route", SITE, ids=named)
def test_nobody_else_reads_or_changes_anything_of_hers(route, role, clients, transaction) -> None:
    path, before = address(route, transaction), hers()
    for method in METHODS:
        for said, response in answers(clients[role], method, path):
            assert response.status_code < 500 or route.name == "health", (method, said)
            assert leaks(response, said) == [], (method, said)
            if role in SIGNED_OUT and route.name not in PUBLIC:
                assert is_shut(response, route), (method, said, response.status_code)
            elif route in ABOUT_ONE_ROW and role not in SIGNED_OUT:
                assert response.status_code == 404, (method, said)
    assert hers() == before


@pytest.mark.parametrize("role", ROLES)
def test_the_administration_opens_to_nobody_without_the_right(role, clients, transaction) -> None:
    before = hers()
    for route in OFFICE:
        if route.name in OPEN_OFFICE:
            continue
        path = address(route, transaction)
        for method in METHODS:
            response = clients[role].generic(method, path)
            shown = route.name in {"admin:index", "admin:password_change", "admin:password_change_done"}
            assert leaks(response, path) == [], (method, path)
            shown = shown or method == "OPTIONS"  # which methods there are
            allowed = {200, 302, 403, 404, 405} if role == "staff" and shown else {301, 302, 403, 404, 405}
            assert response.status_code in allowed, (method, path, response.status_code)
            if role == "staff" and response.status_code == 302:
                own = ("/admin/", "/accounts/password_change/")  # whose own password it is
                assert response["Location"].startswith(own), (method, path)
                clients[role].get("/admin/")  # which repeats the number that was asked for, once
    assert hers() == before


@pytest.mark.parametrize("route", [route for route in SITE if route.name in STAFF], ids=named)
def test_pages_for_staff_are_not_there_for_others(route, clients, transaction) -> None:
    assert clients["stranger"].get(address(route, transaction)).status_code == 404
    assert clients["staff"].get(address(route, transaction)).status_code == 200


@pytest.mark.parametrize("route", SITE, ids=named)
def test_the_owner_is_served(route, transaction, owner) -> None:
    client = Client()
    client.force_login(owner, backend="accounts.backends.AccountBackend")
    for method in METHODS:
        code = client.generic(method, address(route, transaction)).status_code
        if method in {"GET", "HEAD"} and route.name not in STAFF:
            assert code in {200, 204, 301, 302, 405} or (code == 404 and route.name in NOT_THERE), method
        assert code < 500, (method, code)


@pytest.mark.parametrize("method", METHODS)
def test_an_administrator_meets_no_error_anywhere(method, root, transaction) -> None:
    for route in OFFICE:
        if route.name != "admin:logout":
            path = address(route, transaction)
            assert root.generic(method, path).status_code < 500, path


@pytest.mark.parametrize("pk", ["0", "-1", "9223372036854775808", "1" * 30])
@pytest.mark.parametrize("route", ABOUT_ONE_ROW, ids=named)
def test_impossible_numbers_are_not_found(route, pk, transaction, owner) -> None:
    client = Client()
    client.force_login(owner, backend="accounts.backends.AccountBackend")
    path = re.sub(r"/\d+/", f"/{pk}/", address(route, transaction))
    for method in ("get", "post"):
        assert getattr(client, method)(path).status_code in {404, 405}
