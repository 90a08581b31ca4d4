"""Rows of a SQLite file, read and written as they are stored: a backup's rows are what SQLite keeps.

By connections of Python's own, which convert nothing.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from operations.backups.tables import Table

BUSY = 20  # seconds to wait for a lock
PATIENCE = 60  # seconds to wait for the last writer before everything is replaced
Row = list[Any]


class Reading:
    """All tables as they were when it began, however much is written meanwhile: a read of the WAL."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database

    def rows(self, table: Table) -> Iterator[Row]:
        columns, order = names(column.name for column in table.columns), names(table.key)
        query = ["SELECT", columns, "FROM", quoted(table.name), "ORDER BY", order]
        for row in self.database.execute(" ".join(query)):
            yield list(row)

    def last_number(self, table: Table) -> int:
        """The highest number that was ever given out; 0 when none was."""
        query = "SELECT seq FROM sqlite_sequence WHERE name = ?"
        found = self.database.execute(query, [table.name]).fetchone()
        return found[0] if found else 0


class Writing:
    """One transaction that fills a file; constraints between rows are checked as it ends."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database

    def clear(self, tables: Iterable[Table]) -> None:
        for table in tables:
            self.database.execute(" ".join(["DELETE FROM", quoted(table.name)]))

    def fill(self, table: Table, rows: Iterable[Row]) -> None:
        places = ", ".join("?" * len(table.columns))
        columns = names(column.name for column in table.columns)
        query = ["INSERT INTO", quoted(table.name), f"({columns}) VALUES ({places})"]
        self.database.executemany(" ".join(query), rows)

    def go_on_from(self, table: Table, last: int) -> None:
        """Let new rows be numbered from there on: a number of a row that is gone is not given out again."""
        changed = self.database.execute(
            "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", [last, table.name]
        )
        if not changed.rowcount:
            self.database.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", [table.name, last])

    def check(self) -> None:
        """Raise IntegrityError where a row refers to one that is not there."""
        dangling = self.database.execute("PRAGMA foreign_key_check").fetchone()
        if dangling:
            raise sqlite3.IntegrityError(
                f"a row of {dangling[0]} refers to one of {dangling[2]} that is not there"
            )


@contextmanager
def reading(path: Path) -> Iterator[Reading]:
    with _open(path) as database:
        database.execute("BEGIN")
        database.execute("SELECT count(*) FROM sqlite_master").fetchone()  # the moment begins with a read
        yield Reading(database)


@contextmanager
def writing(path: Path) -> Iterator[Writing]:
    with _open(path) as database:
        database.execute("BEGIN IMMEDIATE")
        writer = Writing(database)
        yield writer
        writer.check()
        database.execute("COMMIT")


def page_size(path: Path) -> int:
    """Bytes; a file that is written over keeps its own."""
    with _open(path) as database:
        return int(database.execute("PRAGMA page_size").fetchone()[0])


def write_over(target: Path, source: Path) -> None:
    """Make the target equal to the source in one transaction of the target's: other processes see all of it
    or nothing, and so does who comes after a power cut. Raises sqlite3.OperationalError when it stays locked.
    """
    with _open(source) as new, _open(target) as old:
        old.execute("PRAGMA journal_mode = WAL")
        old.execute("PRAGMA synchronous = FULL")
        new.backup(old, progress=_impatient(monotonic() + PATIENCE), sleep=0.1)


def _impatient(until: float) -> Callable[[int, int, int], None]:
    def look(status: int, _left: int, _of: int) -> None:
        if status in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED} and monotonic() > until:
            raise sqlite3.OperationalError("database is locked")

    return look


@contextmanager
def _open(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, timeout=BUSY, isolation_level=None)) as database:
        yield database


def names(columns: Iterable[str]) -> str:
    return ", ".join(map(quoted, columns))


def quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
