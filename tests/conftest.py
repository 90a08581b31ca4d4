"""The cast: Alice owns what a test is about, Charlie is a stranger to it. And the moment it happens at."""

import decimal
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis

from accounts.models import User
from bitfolio import PRECISION
from tests.effort import THOROUGH

# The same examples each time, however slow the machine; what a test asks for beyond this it says itself.
hypothesis.register_profile(
    "calm",
    deadline=None,
    derandomize=not THOROUGH,
    database=None,
    suppress_health_check=list(HealthCheck),
)
hypothesis.load_profile("calm")

# Axes' backend stands first in the settings but only guards: it knows no users.
LOGIN_BACKEND = "accounts.backends.AccountBackend"


@pytest.fixture
def now() -> datetime:
    """The moment that tests pass in where a door would read the clock."""
    return datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice", "alice@example.org", "alice-has-a-long-password")


@pytest.fixture
def charlie(db: None) -> User:
    return User.objects.create_user("charlie", "charlie@example.org", "charlie-has-a-long-password")


@pytest.fixture
def alice_client(alice: User) -> Client:
    return signed_in(alice)


@pytest.fixture
def charlie_client(charlie: User) -> Client:
    return signed_in(charlie)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=LOGIN_BACKEND)
    return client


@pytest.fixture(autouse=True)
def nothing_is_remembered() -> None:
    """Rows of different tests may have the same numbers."""
    cache.clear()


@pytest.fixture(autouse=True)
def exact_decimals() -> Iterator[None]:
    """Money is computed with 60 digits everywhere; a test that changes that must put it back."""
    assert decimal.getcontext().prec == PRECISION
    yield
    assert decimal.getcontext().prec == PRECISION
