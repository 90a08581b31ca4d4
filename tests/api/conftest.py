"""Programs that ask the API: Alice's, with an access token of hers, and Charlie's. It is NOW."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from accounts.services import open_family
from portfolios.models import Portfolio
from tests.factories import NOW, AssetFactory, PortfolioFactory

JSON = "application/json"


class Program(Client):
    """Sends JSON with a bearer token, and reads what is said."""

    def __init__(self, user: User) -> None:
        token = open_family(user=user, device="", now=NOW).access
        super().__init__(headers={"authorization": f"Bearer {token}"}, raise_request_exception=False)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """A body that is bytes is sent as it is."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {} if body is None else {"data": data, "content_type": named.pop("content-type", JSON)}
        return getattr(self, method)(f"/api{path}", headers=named, **sent)


@pytest.fixture(autouse=True)
def frozen() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def program(alice: User) -> Program:
    return Program(alice)


@pytest.fixture
def stranger(charlie: User) -> Program:
    return Program(charlie)


@pytest.fixture
def portfolio(alice: User) -> Portfolio:
    AssetFactory()
    return PortfolioFactory(owner=alice, name="Savings")


@pytest.fixture
def address(portfolio: Portfolio) -> str:
    """Where its transactions are."""
    return f"/portfolios/{portfolio.pk}/transactions"


@pytest.fixture
def read(program: Program) -> Callable[..., Any]:
    """Ask for a figure, of a portfolio or of all: what a 200 says. `from_` stands for from."""

    def asked(name: str, of: Portfolio | None = None, **query: str) -> Any:
        start = f"/portfolios/{of.pk}" if of else "/analytics"
        named = {key.removesuffix("_"): value for key, value in query.items()}
        said = program.get(f"/api{start}/{name}", named)
        assert said.status_code == 200, said.json()
        return said.json()

    return asked
