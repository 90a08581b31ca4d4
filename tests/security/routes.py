"""Every address of the site, read from the URL table: a page that is added is tried without being asked for.

SOURCES may be added to: whatever else names addresses (a schema of an API) hands over more of them.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.conf import settings
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver

from portfolios.models import Portfolio, Transaction
from tests.factories import ApiTokenFactory, SignInFactory, TokenFamilyFactory

QUERIES = {"portfolio-method": "?to=fifo"}  # what a page can't be asked without
LETS_IN = {"place-end": SignInFactory, "program-end": TokenFamilyFactory, "api-token-revoke": ApiTokenFactory}
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
PLACEHOLDER = re.compile(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)")


@dataclass(frozen=True)
class Route:
    """One line of the URL table: its name with its namespaces, its whole pattern, what it is made of."""

    name: str
    pattern: str
    converters: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_admin(self) -> bool:
        return self.name.startswith("admin:")

    @property
    def is_api(self) -> bool:
        return self.pattern == "api" or self.pattern.startswith("api/")


def walk(patterns=None, prefix: str = "", space: str = "") -> Iterator[Route]:
    for each in get_resolver().url_patterns if patterns is None else patterns:
        whole = prefix + each.pattern.regex.pattern.lstrip("^").replace("\\Z", "").rstrip("$")
        if isinstance(each, URLResolver):
            inner = f"{space}{each.namespace}:" if each.namespace else space
            yield from walk(each.url_patterns, whole, inner)
        elif isinstance(each, URLPattern):
            yield Route(space + (each.name or f"(without a name) {whole}"), whole, _names(whole))


def _names(pattern: str) -> frozenset[str]:
    return frozenset(re.findall(r"\(\?P<(\w+)>", pattern))


SOURCES: list[Callable[[], Iterator[Route]]] = [walk]
ROUTES = sorted(
    {route for source in SOURCES for route in source()}, key=lambda route: (route.name, route.pattern)
)
# Those of the API are tried in tests/api, by its own document.
SITE = [route for route in ROUTES if not route.is_admin and not route.is_api]
NAMES = sorted({route.name for route in SITE})


def named(route: Route) -> str:
    return route.name


def address(route: Route, transaction: Transaction) -> str:
    """The address of a route, about the owner's rows. A part it does not know fails the test that asks."""

    def value(match: re.Match[str]) -> str:
        known = _values(route, transaction)
        assert match[1] in known, f"{route.name}: say in tests/security/routes.py what “{match[1]}” is"
        return str(known[match[1]])

    path = PLACEHOLDER.sub(value, route.pattern)
    path = re.sub(r"\\(.)", r"\1", path.replace("/?", "/"))
    assert not re.search(r"[()^$|]", path), f"{route.name}: {route.pattern} was not understood"
    return "/" + path.lstrip("/") + QUERIES.get(route.name, "")


def _values(route: Route, transaction: Transaction) -> dict[str, object]:
    about_a_transaction = "transaction" in route.name or "transactions/" in route.pattern
    row = transaction if about_a_transaction else transaction.portfolio
    if route.name in LETS_IN:
        row = LETS_IN[route.name](owner=transaction.portfolio.owner)
    return {
        "pk": row.pk,
        "id": row.pk,
        "portfolio_id": transaction.portfolio_id,
        "transaction_id": transaction.pk,
        "symbol": "BTC",
        "number": 1,  # of a lot
        "figure": "gain" if about_a_transaction or "gains" in route.name else "value",
        "uidb64": "MQ",
        "token": "set-password",
        "object_id": _object(route, transaction),
        "history_id": 1,
        "app_label": "portfolios",
        "content_type_id": ContentType.objects.get_for_model(Portfolio).pk,
        "url": "no/such/page",
    }


def _object(route: Route, transaction: Transaction) -> object:
    """The row that a page of the admin is about: the owner's, else any that there is, else none."""
    app, _, rest = route.name.removeprefix("admin:").partition("_")
    for model in admin.site._registry:
        if model._meta.app_label == app and rest.startswith(f"{model._meta.model_name}_"):
            return _row_of(model, transaction)
    return transaction.pk


def _row_of(model: type[Model], transaction: Transaction) -> object:
    known = {Portfolio: transaction.portfolio_id, Transaction: transaction.pk}
    if str(model._meta.label) == settings.AUTH_USER_MODEL:
        return transaction.portfolio.owner_id
    found = known.get(model) or model._default_manager.values_list("pk", flat=True).first()
    return found if found is not None else 1
