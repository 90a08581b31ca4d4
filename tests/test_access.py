"""Who may see what: every address of the site is tried as anonymous, stranger and owner.

The addresses come from the URL table, so that a page that is added is tried here without being asked for.
"""

import re
from collections.abc import Iterator

import pytest
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from portfolios.models import Portfolio, Transaction
from tests.factories import (
    ApiTokenFactory,
    AssetFactory,
    PortfolioFactory,
    SignInFactory,
    SnapshotFactory,
    TokenFamilyFactory,
    record,
)

pytestmark = pytest.mark.django_db

SECRET = "Alices-own-words"
PUBLIC = {
    "dashboard",  # the landing page, to whoever is signed out
    "login", "logout", "register", "price-list", "price-page",
    "docs", "password_reset", "password_reset_done", "password_reset_confirm", "password_reset_complete",
}  # fmt: skip
STAFF = {"status"}  # not there for anybody else
LETS_IN = {"place-end": SignInFactory, "program-end": TokenFamilyFactory, "api-token-revoke": ApiTokenFactory}
QUERIES = {"portfolio-method": "?to=fifo"}  # what a page can't be asked without


def routes(patterns=None) -> Iterator[URLPattern]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            if pattern.app_name not in {"admin", "api"}:  # tests/api tries the addresses of the API
                yield from routes(pattern.url_patterns)
        elif pattern.name != "api":
            yield pattern


NAMES = sorted({route.name for route in routes() if route.name})
ABOUT_ONE_ROW = sorted({route.name for route in routes() if route.name and "pk" in route.pattern.converters})


@pytest.fixture
def portfolio(alice) -> Portfolio:
    return PortfolioFactory(owner=alice, name=f"{SECRET} portfolio")


@pytest.fixture
def transaction(portfolio) -> Transaction:
    SnapshotFactory()
    return record(portfolio, "buy", "1.23456789", "2024-01-01", unit_price="4321", note=SECRET)


def number(name: str, transaction: Transaction) -> int:
    """Of the row that an address is about; every one belongs to the transaction's owner."""
    if name in LETS_IN:
        return LETS_IN[name](owner=transaction.portfolio.owner).pk
    return transaction.pk if name.startswith("transaction") else transaction.portfolio_id


def address(name: str, transaction: Transaction) -> str:
    route = next(each for each in routes() if each.name == name)
    values = {
        "pk": number(name, transaction),
        "symbol": "BTC",
        "uidb64": "MQ",
        "token": "set-password",
    }
    path = reverse(name, kwargs={key: values[key] for key in route.pattern.converters})
    return path + QUERIES.get(name, "")


def text_of(response: HttpResponseBase) -> str:
    """What an answer says, be it a page or a file that is sent in pieces."""
    return b"".join(response).decode()


def test_every_route_has_a_name() -> None:
    assert [route for route in routes() if not route.name] == []


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", NAMES)
def test_anonymous_visitors_are_sent_to_sign_in(name, method, transaction) -> None:
    response = getattr(Client(), method)(address(name, transaction))
    assert SECRET not in text_of(response)
    if name not in PUBLIC:
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("login"))


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", ABOUT_ONE_ROW)
def test_a_stranger_finds_nothing(name, method, transaction, charlie_client) -> None:
    response = getattr(charlie_client, method)(address(name, transaction))
    assert response.status_code in ({404} if name != "price-page" else {200, 405})


@pytest.mark.parametrize("name", NAMES)
def test_a_stranger_never_reads_somebody_elses_words(name, transaction, charlie, charlie_client) -> None:
    PortfolioFactory(owner=charlie, name="Charlies")
    for query in ("", f"?portfolio={transaction.portfolio_id}", "?asset=BTC", f"?q={SECRET}"):
        path = address(name, transaction)
        text = text_of(charlie_client.get(path + (query.replace("?", "&") if "?" in path else query)))
        assert f"{SECRET} portfolio" not in text
        assert "1.23456789" not in text
    transaction.refresh_from_db()
    assert (transaction.version, transaction.deleted_at) == (1, None)


@pytest.mark.parametrize("name", NAMES)
def test_the_owner_is_served(name, transaction, alice_client) -> None:
    AssetFactory()
    response = alice_client.get(address(name, transaction))
    assert response.status_code in ({404} if name in STAFF else {200, 204, 302, 405, 503})


@pytest.mark.parametrize("name", NAMES)
def test_reading_changes_nothing(name, transaction, alice_client) -> None:
    before = list(Transaction.objects.values()), list(Portfolio.objects.values())
    alice_client.get(address(name, transaction))
    assert (list(Transaction.objects.values()), list(Portfolio.objects.values())) == before


@pytest.mark.parametrize("name", NAMES)
def test_every_change_needs_a_csrf_token(name, transaction, alice) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice, backend="accounts.backends.AccountBackend")
    assert client.post(address(name, transaction), {"name": "x"}).status_code in {403, 405}


@pytest.mark.parametrize("pk", ["0", "-1", "9223372036854775808", "1" * 30])
@pytest.mark.parametrize("name", ABOUT_ONE_ROW)
def test_impossible_numbers_are_not_found(name, pk, transaction, alice_client) -> None:
    path = re.sub(r"/\d+/", f"/{pk}/", address(name, transaction))
    for method in ("get", "post"):
        assert getattr(alice_client, method)(path).status_code in {404, 405}
