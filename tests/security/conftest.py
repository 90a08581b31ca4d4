"""Alice's rows carry words and numbers that stand nowhere else: wherever one turns up, it came from her."""

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from accounts.models import User
from portfolios.models import Portfolio, Transaction
from tests.conftest import signed_in
from tests.factories import PortfolioFactory, SnapshotFactory, record

WORD = "Zqxalice"
PORTFOLIO, TRANSACTION, OWNER = 771_000_111_223, 881_000_111_227, 991_000_111_229
MARKS = [
    *(f"{WORD}{end}".lower() for end in (" portfolio", " note", " name", "-external", "-login", "@mail")),
    *("1.23456789", "4321.0987", str(PORTFOLIO), str(TRANSACTION), str(OWNER)),
]
EPHEMERAL = {"sessions.Session", "accounts.SignIn"}  # that a browser is signed in, and was seen


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create_user(
        f"{WORD}-login",
        f"{WORD}@mail.example.org",
        "alice-has-a-long-password",
        pk=OWNER,
        first_name=f"{WORD} name",
    )


@pytest.fixture
def transaction(owner: User) -> Transaction:
    """One purchase of hers, its ids moved to numbers that can be searched for."""
    SnapshotFactory()
    portfolio = PortfolioFactory(pk=PORTFOLIO, owner=owner, name=f"{WORD} portfolio")
    _count_on_from(Transaction, TRANSACTION)
    stated = {"unit_price": "4321.0987", "note": f"{WORD} note", "external_id": f"{WORD}-external"}
    found = record(portfolio, "buy", "1.23456789", "2024-01-01", **stated)
    assert found.pk == TRANSACTION
    return found


def _count_on_from(model: type[Transaction], number: int) -> None:
    """Let the database give the next row this number."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, number - 1])
        else:
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, number - 1])


@pytest.fixture
def stranger(charlie: User) -> Client:
    PortfolioFactory(owner=charlie, name="Charlies")
    return signed_in(charlie)


@pytest.fixture
def clients(transaction: Transaction, owner: User, stranger: Client) -> dict[str, Client]:
    """Everybody who is not Alice: a visitor, a stranger, herself once disabled, and staff without rights."""
    staff = User.objects.create_user("office", "o@example.org", "a-long-password", is_staff=True)
    PortfolioFactory(owner=staff, name="Offices")
    disabled = signed_in(owner)
    User.objects.filter(pk=owner.pk).update(is_active=False)
    return {
        "anonymous": Client(),
        "stranger": stranger,
        "disabled": disabled,
        "staff": signed_in(staff),
    }


@pytest.fixture
def root(transaction: Transaction) -> Client:
    return signed_in(User.objects.create_superuser("root", "root@example.org", "a-long-password"))


def dump() -> dict[str, list[tuple]]:
    """All rows of all tables."""
    models = (
        model for model in apps.get_models(include_auto_created=True) if model._meta.label not in EPHEMERAL
    )
    return {
        model._meta.label: sorted(model._base_manager.values_list(), key=repr)
        for model in models
        if model._meta.managed
    }


def hers() -> dict[str, list[tuple]]:
    """What is Alice's: her portfolios with all that hangs on them, and her account."""
    return {
        "portfolios": list(Portfolio.objects.filter(owner=OWNER).values_list()),
        "transactions": list(Transaction.objects.filter(portfolio__owner=OWNER).values_list()),
        "holdings": [list(each.holdings.values_list()) for each in Portfolio.objects.filter(owner=OWNER)],
        "user": list(User.objects.filter(pk=OWNER).values_list("username", "email", "password", "is_active")),
    }


def leaks(response, said: str) -> list[str]:
    """Her marks in an answer, body or headers, but for those that the request itself said."""
    told = f"{response.headers}\n{response.cookies}\n"
    body = b"".join(response.streaming_content) if response.streaming else response.content
    text = (told + body.decode("utf-8", "replace")).lower()
    return [mark for mark in MARKS if mark in text and mark not in said.lower()]
