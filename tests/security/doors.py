"""Every operation of the API, read from its document, and everybody who could ask for it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.test import Client

from accounts import services
from accounts.models import ApiToken, User
from bitfolio.api import api
from tests.api.test_document import OPEN
from tests.conftest import signed_in
from tests.factories import NOW, PortfolioFactory
from tests.security.conftest import PORTFOLIO, TRANSACTION

JSON = "application/json"
SAFE = {"GET", "HEAD"}
DOCUMENT: dict[str, Any] = api.get_openapi_schema()


@dataclass(frozen=True)
class Operation:
    """A method at a path of the document; `is_closed` is whether one has to sign in for it."""

    method: str
    path: str
    is_closed: bool
    has_body: bool
    query: frozenset[str] = frozenset()

    @property
    def is_about_a_row(self) -> bool:
        return "{portfolio}" in self.path

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def operations() -> Iterator[Operation]:
    for path, methods in DOCUMENT["paths"].items():
        for method, said in methods.items():
            for name in ("GET", "HEAD") if method == "get" else (method.upper(),):
                asked = {one["name"] for one in said.get("parameters", []) if one["in"] == "query"}
                yield Operation(name, path, path not in OPEN, "requestBody" in said, frozenset(asked))


OPERATIONS = list(operations())
PATHS = sorted(DOCUMENT["paths"])


def address(path: str, portfolio: int = PORTFOLIO, transaction: int = TRANSACTION) -> str:
    """A KeyError says that a path has a part that is not known here: say what of hers it stands for."""
    return path.format_map({"portfolio": portfolio, "transaction": transaction, "symbol": "BTC"})


def bodies(portfolio: int = PORTFOLIO) -> list[dict[str, Any]]:
    """What fits each shape there is, and names a portfolio of hers wherever one may be named."""
    transfer = {"kind": "transfer", "asset": "BTC", "quantity": "1", "occurred_at": "2024-02-01T00:00:00Z"}
    transfer["to_portfolio"] = portfolio
    return [
        {},
        transfer,
        {"items": [transfer]},
        {"name": "Taken", "currency": "USD"},
        {"cost_method": "fifo", "to_portfolio": portfolio},
        {"symbol": "BTC", "quantity": "1", "average_buy_price": "1"},
        {"quantity": "1", "average_buy_price": "1"},
        {"email": "taken@example.org", "portfolio": portfolio},
    ]


def ask(client: Client, operation: Operation, path: str) -> Iterator[tuple[str, Any]]:
    """Answers, each with all that the request said: with every body, and once with the path's other end."""
    for body in bodies() if operation.has_body else [None]:
        said = f"{operation.method} {path} {body}"
        yield said, client.generic(operation.method, path, *_sent(body))
    twin = path.removesuffix("/") if path.endswith("/") else f"{path}/"
    asked = f"{twin}?portfolio={PORTFOLIO}" if operation.method in SAFE else twin
    yield f"{operation.method} {asked}", client.generic(operation.method, asked)


def _sent(body: dict[str, Any] | None) -> tuple[str, ...]:
    return () if body is None else (json.dumps(body), JSON)


def bearing(token: str) -> Client:
    return Client(headers={"authorization": f"Bearer {token}"}, raise_request_exception=False)


def access(user: User) -> str:
    return services.open_family(user=user, device="", now=NOW).access


def personal(user: User, may_write: bool = True, days: int | None = None, now: Any = NOW) -> str:
    name = f"Script {ApiToken.objects.count()}"
    return services.make_api_token(owner=user, name=name, may_write=may_write, days=days, now=now)


def _disabled(owner: User, client: Client) -> Client:
    User.objects.filter(pk=owner.pk).update(is_active=False)
    return client


def _run_out(owner: User) -> Client:
    long_ago = NOW - timedelta(minutes=10)
    return bearing(services.open_family(user=owner, device="", now=long_ago).access)


def _revoked(owner: User) -> Client:
    pair = services.open_family(user=owner, device="", now=NOW)
    services.revoke_family(refresh=pair.refresh, now=NOW)
    return bearing(pair.access)


def _stolen(owner: User) -> Client:
    """A refresh token was used twice: what came of it is dead."""
    first = services.open_family(user=owner, device="", now=NOW)
    second = services.refresh_tokens(refresh=first.refresh, now=NOW)
    assert second
    assert services.refresh_tokens(refresh=first.refresh, now=NOW) is None
    return bearing(second.access)


def _revoked_personal(owner: User) -> Client:
    secret = personal(owner)
    services.revoke_api_token(token=ApiToken.objects.get(owner=owner))
    return bearing(secret)


def _changed_password(owner: User) -> Client:
    client = bearing(access(owner))
    owner.set_password("another-long-password")
    owner.save()
    return client


def _beside_a_session(owner: User) -> Client:
    """A bad token is not made good by a session."""
    client = signed_in(owner)
    client.defaults["HTTP_AUTHORIZATION"] = "Bearer x"
    return client


# Each lets nobody in, though it once was Alice's.
NOBODY: dict[str, Callable[[User], Client]] = {
    "anonymous": lambda _: Client(),
    "disabled with a session": lambda owner: _disabled(owner, signed_in(owner)),
    "disabled with a token": lambda owner: _disabled(owner, bearing(access(owner))),
    "disabled with a personal token": lambda owner: _disabled(owner, bearing(personal(owner))),
    "token that ran out": _run_out,
    "token that was revoked": _revoked,
    "token of a family that was stolen": _stolen,
    "token of an old password": _changed_password,
    "refresh token": lambda owner: bearing(services.open_family(user=owner, device="", now=NOW).refresh),
    "personal token that ran out": lambda owner: bearing(
        personal(owner, days=1, now=NOW - timedelta(days=1))
    ),
    "personal token that was revoked": _revoked_personal,
    "bad token beside a session": _beside_a_session,
}


def _other(name: str, **rights: bool) -> User:
    user = User.objects.create_user(name, f"{name}@example.org", "a-long-password", **rights)
    PortfolioFactory(owner=user, name="Others")
    return user


# Each lets somebody in who is not Alice.
SOMEBODY_ELSE: dict[str, Callable[[], tuple[User, Client]]] = {
    "stranger with a token": lambda: (user := _other("charlie"), bearing(access(user))),
    "stranger with a personal token": lambda: (user := _other("charlie"), bearing(personal(user))),
    "stranger with a session": lambda: (user := _other("charlie"), signed_in(user)),
    "staff": lambda: (user := _other("office", is_staff=True), bearing(access(user))),
    "staff with a session": lambda: (user := _other("office", is_staff=True), signed_in(user)),
    "administrator": lambda: (
        user := _other("root", is_staff=True, is_superuser=True),
        bearing(access(user)),
    ),
}
