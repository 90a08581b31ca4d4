"""What `manage.py check --database default`, and so `migrate`, says about the database that is used."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import connections

# What PostgreSQL must have switched on for an acknowledged write to survive its being killed, or a power cut.
DURABLE = ("synchronous_commit", "fsync", "full_page_writes")


@checks.register(checks.Tags.database)
def acknowledged_writes_survive(
    databases: Sequence[str] | None = None, **_: Any
) -> list[checks.CheckMessage]:
    """Warn of a PostgreSQL that acknowledges a write before it can't be lost any more."""
    return [
        checks.Warning(
            f"PostgreSQL has {name} switched off: what was saved may be lost when it is killed.",
            hint=f"Set {name} = on for this database.",
            id="operations.W001",
        )
        for alias in databases or ()
        if connections[alias].vendor == "postgresql"
        for name in DURABLE
        if _setting(alias, name) == "off"
    ]


def _setting(alias: str, name: str) -> str:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        return str(cursor.fetchone()[0])
