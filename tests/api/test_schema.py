"""Schemathesis against the API's own document: what fits it is taken, what does not is refused, as it says.

The short form, which every run of the tests has in it, asks the same of every operation each time: four
cases as whoever is signed in and four as nobody, of what fits the document and of what does not, over 600
in all. API_CASES=7500 asks so many, and others each time; `-s` shows how many it has been. Nothing of a case
stays: the next finds the same rows. It runs on SQLite alone, as a schema says nothing about databases.
"""

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, transaction
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from accounts.models import User
from accounts.services import open_family
from bitfolio.api import api
from bitfolio.wsgi import Handler
from portfolios.models import Portfolio
from tests.factories import NOW, SnapshotFactory, record

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="a schema says nothing about databases: once is enough"
)

CASES = int(os.environ.get("API_CASES", "0"))
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
ASKED: Counter[str] = Counter()
ANSWERED: Counter[str] = Counter()  # and found to be as the document says
ROLES = ["signed in", "anonymous"]
# Rules of the books are more than a schema says: what fits it may be refused all the same, with reasons.
BY_RULES = ["2xx", "401", "404", "409", "412", "422", "429"]
REFUSED = ["400", "401", "404", "405", "409", "412", "415", "422", "429"]
CONFIG = SchemathesisConfig.from_dict(
    {
        "checks": {
            "positive_data_acceptance": {"expected-statuses": BY_RULES},
            "negative_data_rejection": {"expected-statuses": REFUSED},
            "not_a_server_error": {"expected-statuses": ["2xx", "4xx"]},
        }
    }
)
SCHEMA = schemathesis.openapi.from_dict(api.get_openapi_schema(), config=CONFIG)
HANDLER = Handler()


def served(environ: dict[str, Any], start_response: Any) -> Any:
    """With what a server would add; and plain, as Schemathesis unpacks nothing here."""
    return HANDLER(
        {**environ, "REMOTE_ADDR": "192.0.2.1", "HTTP_ACCEPT_ENCODING": "identity"}, start_response
    )


SCHEMA.app = served
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]
ABOUT = [each for each in OPERATIONS if each.path != "/api/health"]  # which takes nothing; see tests/prices
EACH = CASES // (len(ABOUT) * len(ROLES) * len(MODES)) + 1 if CASES else 4
asked = settings(max_examples=EACH, derandomize=not CASES, phases=[Phase.generate])


@pytest.fixture
def portfolio(alice: User) -> Portfolio:
    """One with something in it."""
    SnapshotFactory()
    found = Portfolio.objects.create(owner=alice, name="Savings", currency="USD")
    record(found, "buy", "1", "2024-01-01", unit_price="100")
    record(found, "sell", "0.25", "2024-06-01", unit_price="150")
    return found


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """A server closes its connection after each request; the rows of a test are in one that stays."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", ABOUT, ids=lambda operation: operation.label)
def test_the_api_does_what_its_document_says(operation, mode, role, alice, portfolio) -> None:
    token = open_family(user=alice, device="", now=NOW).access
    headers = {"Authorization": f"Bearer {token}"} if role == "signed in" else None

    @asked
    @given(case=_cases(operation, mode, portfolio))
    def ask(case: Any) -> None:
        ASKED[role] += 1
        cache.clear()
        with transaction.atomic():
            answer = case.call_and_validate(headers=headers)
            ANSWERED[f"{answer.status_code // 100}xx"] += 1
            transaction.set_rollback(True)

    ask()
    print(f"in this process: asked {dict(ASKED)}, answered well {dict(ANSWERED)}")  # noqa: T201 - what a long run is for


def _cases(operation: Any, mode: GenerationMode, portfolio: Portfolio) -> Any:
    """About rows that are there, and about any."""
    known = {"portfolio": portfolio.pk, "transaction": portfolio.transactions.first().pk, "symbol": "BTC"}
    here = {name: value for name, value in known.items() if f"{{{name}}}" in operation.path}
    anywhere = operation.as_strategy(generation_mode=mode)
    if not here or (mode == GenerationMode.NEGATIVE and not operation.body and not operation.query):
        return anywhere
    return st.one_of(operation.as_strategy(generation_mode=mode, path_parameters=here), anywhere)
