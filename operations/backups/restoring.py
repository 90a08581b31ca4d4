"""The way back: a backup is restored and proved in a scratch database, then put in the place of this one."""

import shutil
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from operations.backups import archive, postgresql, sqlite
from operations.backups.archive import BackupRefusedError, Manifest, Tell
from operations.backups.scratch import migrate, prove, restore_into, scratch
from operations.backups.tables import BUILT_IN, Table, is_up_to_date, kept, tables
from operations.locks import alone

LOCK_TIMEOUT = "60s"  # for whoever still reads or writes what is replaced


def check_backup(path: Path, *, rebuild: bool = False, tell: Tell) -> Manifest:
    """Restore a backup into a scratch database and prove it there; nothing else is touched.

    Raises BackupRefusedError, OSError.
    """
    with scratch(settings.VAR_DIR / "restore") as place:
        return _proved(path, place, rebuild, tell)


def restore_backup(path: Path, *, replace: bool, rebuild: bool = False, tell: Tell) -> Manifest:
    """Put a backup in the place of this database, all of it or nothing.

    `replace`: also where rows would be lost by it. `rebuild`: compute all books anew instead of believing
    the stored ones. Raises BackupRefusedError, DatabaseError, sqlite3.Error, OSError: nothing was touched.
    """
    with alone(connection):
        _refuse_used_place(replace)
        with scratch(settings.VAR_DIR / "restore") as place:
            manifest = _proved(path, place, rebuild, tell)
            tell("Putting it in place", 0, 1)
            _put(place, replace, tell)
    return manifest


def _proved(path: Path, place: Path, rebuild: bool, tell: Tell) -> Manifest:
    with archive.reading(path) as backup:
        _refuse_without_room(place, backup.manifest)
        restore_into(place, backup, rebuild=rebuild, tell=tell)
        return backup.manifest


def _put(place: Path, replace: bool, tell: Tell) -> None:
    if connection.vendor == "sqlite":
        _refuse_used_place(replace)  # proving took its time
        connection.close()
        sqlite.write_over(Path(connection.settings_dict["NAME"]), place)
    else:
        _put_into_postgresql(place, replace, tell)


def _put_into_postgresql(place: Path, replace: bool, tell: Tell) -> None:
    """One transaction: tables cleared, or made anew where their schema is another one, then filled from the
    scratch database and proved once more.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
        _refuse_used_place(replace)
        writer = postgresql.Writing(connection)
        if not is_up_to_date(connection):
            writer.drop([*(table.name for table in tables(connection)), "django_migrations"])
            migrate()
        known = tables(connection)
        writer.clear(known)
        with sqlite.reading(place) as reader:
            for number, table in enumerate(kept(known)):
                tell("Putting it in place", number, len(known))
                writer.fill(table, reader.rows(table))
                if table.number:
                    writer.go_on_from(table, reader.last_number(table))
        writer.check()
        prove(tell)


def _refuse_used_place(replace: bool) -> None:
    used = [table.name for table in kept(tables(connection)) if _has_rows(table)]
    if used and not replace:
        raise BackupRefusedError(
            f"This database holds data already ({', '.join(used[:3])}{', …' if used[3:] else ''});"
            " --replace puts the backup in its place, and all of that is lost."
        )


def _has_rows(table: Table) -> bool:
    if table.name in BUILT_IN:
        return False
    with connection.cursor() as cursor:
        cursor.execute(" ".join(["SELECT 1 FROM", connection.ops.quote_name(table.name), "LIMIT 1"]))
        return cursor.fetchone() is not None


def _refuse_without_room(place: Path, manifest: Manifest) -> None:
    """Rows and their indexes take about twice the room that they take in a backup before it is packed."""
    needed, free = manifest.bytes * 2, shutil.disk_usage(place.parent).free
    if needed > free:
        raise BackupRefusedError(
            f"It needs {needed >> 20:,} MB in {place.parent.parent}; {free >> 20:,} are free."
        )
