"""A database that acknowledges what it may still lose is told of."""

import pytest
from django.db import connection

from operations.checks import acknowledged_writes_survive

pytestmark = pytest.mark.django_db


def told() -> list[str]:
    return [each.msg for each in acknowledged_writes_survive(databases=["default"]) if "synch" in each.msg]


def test_by_default_nothing_is_said() -> None:
    assert told() == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is told to be durable by the settings")
def test_a_commit_that_does_not_wait_is_told() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
    assert told() == [
        "PostgreSQL has synchronous_commit switched off: what was saved may be lost when it is killed."
    ]
