"""Making a backup: every table at one moment, into one file that is there whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from operations.backups import archive, postgresql, sqlite
from operations.backups.archive import BackupRefusedError, Manifest, Tell
from operations.backups.scratch import restore_into, scratch
from operations.backups.tables import Table, applied_migrations, kept, tables
from operations.locks import alone


def make_backup(path: Path, *, now: datetime, verify: bool, tell: Tell) -> Manifest:
    """Write the backup of this database to `path`, which must not exist yet. 0600: it holds password hashes.

    `verify`: restore it into a scratch database first and compute every figure there again; a backup that
    fails is not kept. Raises BackupRefusedError, DatabaseError, OSError.
    """
    if path.exists():
        raise BackupRefusedError(f"{path} is there already.")
    path.parent.mkdir(parents=True, exist_ok=True)
    with _draft(path) as draft:
        manifest = _write(draft, now, tell)
        if verify:
            with scratch(path) as place, archive.reading(draft) as backup:
                restore_into(place, backup, rebuild=False, tell=tell)
        _keep(draft, path)
    return manifest


def read_database() -> AbstractContextManager[sqlite.Reading | postgresql.Reading]:
    """The rows of this database as of one moment."""
    if connection.vendor == "sqlite":
        return sqlite.reading(Path(connection.settings_dict["NAME"]))
    return postgresql.reading(connection)


def _write(draft: Path, now: datetime, tell: Tell) -> Manifest:
    """No migration runs meanwhile: what the tables are is looked up first."""
    with alone(connection):
        found = kept(tables(connection))
        if not found:
            raise BackupRefusedError("There is nothing to back up: the database has no tables of Bitfolio's.")
        migrations = applied_migrations(connection)
        with archive.writing(draft) as writer, read_database() as reader:
            parts = tuple(_part(writer, reader, table, tell) for table in found)
            created_at = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
            manifest = Manifest(settings.VERSION, connection.vendor, created_at, migrations, parts)
            writer.manifest(manifest)
    return manifest


def _part(
    writer: archive.Writer, reader: sqlite.Reading | postgresql.Reading, table: Table, tell: Tell
) -> archive.Part:
    def counted() -> Iterator[archive.Row]:
        for number, row in enumerate(reader.rows(table)):
            if not number % 1000:
                tell(f"Backing up {table.name}", number, 0)
            yield row

    return writer.part(table, counted(), reader.last_number(table) if table.number else 0)


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    """A file beside `path` that only its owner reads; gone with the block unless it took its place."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name)


def _keep(draft: Path, path: Path) -> None:
    """Move it to its place once the disk has all of it."""
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
