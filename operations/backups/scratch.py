"""A database of its own for a backup to prove itself in: a SQLite file, whatever the real one is.

The neutral rows fit it, it needs no server and no rights, and what fails in it has touched nothing.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command
from django.core.management.commands.migrate import Command as Migrate
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from operations.backups.archive import BackupRefusedError, Reader, Tell
from operations.backups.sqlite import page_size, writing
from operations.backups.tables import Table, kept, tables
from portfolios.models import Portfolio
from portfolios.services import rebuild_books

INIT = "PRAGMA page_size={}; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON;"


@contextmanager
def scratch(near: Path) -> Iterator[Path]:
    """A name for a file in a folder of its own beside `near`, gone with the block."""
    near.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        dir=near.parent, prefix=".scratch-", ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder) / "database.sqlite3"


def restore_into(path: Path, backup: Reader, *, rebuild: bool, tell: Tell) -> None:
    """Make the database that a backup speaks of, bring it to the schema of this code and prove its books.

    `rebuild`: compute all books anew rather than believe those that were stored. Raises BackupRefusedError.
    """
    with standing_in(path):
        _migrate_to(backup)
        known = tables(connection)
    _load(path, backup, known, tell)
    with standing_in(path):
        migrate()
        _books(every=rebuild, tell=tell)
        prove(tell)
        known = kept(tables(connection))
    last = {part.table.name: part.last for part in backup.manifest.parts}
    with writing(path) as writer:
        for table in known:
            if table.number and table.name in last:
                writer.go_on_from(table, last[table.name])


def migrate() -> None:
    """Bring the database that stands in to the schema of this code; whoever calls holds the lock."""
    call_command(Migrate(), verbosity=0, interactive=False, skip_checks=True)


def prove(tell: Tell) -> None:
    """Raise BackupRefusedError with the first figure that its transactions contradict."""
    tell("Computing every figure again", 0, 1)
    differences = StringIO()
    try:
        call_command("verify_books", stdout=StringIO(), stderr=differences, skip_checks=True)
    except CommandError as error:
        first = differences.getvalue().partition("\n")[0]
        raise BackupRefusedError(f"Its books are not true: {first or error}") from error


@contextmanager
def standing_in(path: Path) -> Iterator[None]:
    """Within the block the default database of this thread is the file at `path`."""
    before = connections[DEFAULT_DB_ALIAS]
    options: dict[str, Any] = {
        "transaction_mode": "IMMEDIATE",
        "init_command": INIT.format(_page_size(before)),
    }
    settings = {**before.settings_dict, "ENGINE": "django.db.backends.sqlite3", "NAME": path}
    file = DatabaseWrapper({**settings, "OPTIONS": options, "CONN_MAX_AGE": 0}, DEFAULT_DB_ALIAS)
    connections[DEFAULT_DB_ALIAS] = file
    try:
        yield
    finally:
        file.close()
        connections[DEFAULT_DB_ALIAS] = before


def _page_size(before: Any) -> int:
    """That of the file which may be written over with this one: it can't be changed there."""
    path = Path(before.settings_dict["NAME"])
    return page_size(path) if before.vendor == "sqlite" and path.exists() else 4096


def _migrate_to(backup: Reader) -> None:
    executor = MigrationExecutor(connection)
    seen = {(app, name) for app, names in backup.manifest.migrations.items() for name in names}
    unknown = sorted(f"{app}.{name}" for app, name in seen - set(executor.loader.graph.nodes))
    if unknown:
        raise BackupRefusedError(
            f"It was made by a newer Bitfolio, {backup.manifest.version}, whose {unknown[0]} is unknown here:"
            " update this one first."
        )
    followed = {
        parent.key
        for node in seen
        for parent in executor.loader.graph.node_map[node].parents
        if parent.key[0] == node[0]
    }
    executor.migrate(sorted(seen - followed))  # the last of each app; what they follow comes before them


def _load(path: Path, backup: Reader, known: list[Table], tell: Tell) -> None:
    manifest = backup.manifest
    if [part.table for part in manifest.parts] != kept(known):
        raise BackupRefusedError("Its tables are not those that its migrations make.")
    done = 0
    with writing(path) as writer:
        writer.clear(known)
        for part in manifest.parts:
            tell("Restoring", done, manifest.rows)
            writer.fill(part.table, backup.rows(part))
            done += part.rows


def _books(*, every: bool, tell: Tell) -> None:
    """Book what an older Bitfolio kept no books of, or everything."""
    portfolios = list(Portfolio.objects.all() if every else Portfolio.objects.without_books())
    for number, portfolio in enumerate(portfolios):
        tell("Booking anew", number, len(portfolios))
        rebuild_books(portfolio=portfolio)
