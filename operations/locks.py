"""One at a time: who changes the schema, or reads it whole, waits for whoever does so already.

The lock goes with the process that holds it, also when that one is killed.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db.backends.base.base import BaseDatabaseWrapper

KEY = 0x626974666F6C696F  # PostgreSQL knows advisory locks by a number: "bitfolio" in ASCII


@contextmanager
def alone(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Hold the schema of this database; wait for as long as another process does. Not to be nested."""
    held = _advisory_lock if connection.vendor == "postgresql" else _file_lock
    with held(connection):
        yield


@contextmanager
def _advisory_lock(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """By a connection of its own: a migration that fails leaves the other one unfit to say anything."""
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [KEY])
        yield
    finally:
        own.close()


@contextmanager
def _file_lock(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """By an empty file beside the database; what lives in memory has nobody to share it with."""
    if connection.is_in_memory_db():  # type: ignore[attr-defined]
        yield
        return
    path = Path(f"{connection.settings_dict['NAME']}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
