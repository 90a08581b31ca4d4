"""Rows of a PostgreSQL database, read and written by COPY in the form in which SQLite keeps them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from operations.backups.tables import Column, Table

Row = list[Any]

# How each kind is written into a backup: exact decimals without trailing zeros, times in UTC.
SPOKEN = {
    "int": "{}::int8",
    "bool": "{}::int::int8",
    "amount": "trim_scale({})::text",
    "time": "replace(to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), '.000000', '')",
    "date": "to_char({}, 'YYYY-MM-DD')",
    "json": "{}::text",
    "uuid": "replace({}::text, '-', '')",
    "address": "host({})",
    "text": "{}::text",
}
NUMBERS = {"int", "bool"}


class Reading:
    """All tables as they were when it began: one transaction that repeats its reads."""

    def __init__(self, database: "psycopg.Connection[Any]") -> None:
        self.database = database

    def rows(self, table: Table) -> Iterator[Row]:
        query = sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT").format(
            sql.SQL(", ").join(map(_spoken, table.columns)),
            sql.Identifier(table.name),
            sql.SQL(", ").join(_ordered(table, name) for name in table.key),
        )
        with self.database.cursor() as cursor, cursor.copy(query) as copy:
            copy.set_types(["int8" if column.kind in NUMBERS else "text" for column in table.columns])
            for row in copy.rows():
                yield list(row)

    def last_number(self, table: Table) -> int:
        """The highest number that was ever given out; 0 when none was."""
        sequence = self.database.execute(SEQUENCE, [f'"{table.name}"', table.number]).fetchone()
        if not sequence or not sequence[0]:
            return 0
        query = sql.SQL("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {}")
        name = sql.SQL(sequence[0])  # quoted by the server where it has to be
        found = self.database.execute(query.format(name)).fetchone()
        return found[0] if found else 0


SEQUENCE = "SELECT pg_get_serial_sequence(%s, %s)"


class Writing:
    """Fills tables inside the transaction that a connection of Django's is in."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection

    def drop(self, tables: Iterable[str]) -> None:
        for name in tables:
            self._do(sql.SQL("DROP TABLE IF EXISTS {} CASCADE").format(sql.Identifier(name)))

    def clear(self, tables: Iterable[Table]) -> None:
        self.check()  # or what `migrate` itself wrote is still to be checked, and its tables can't be cleared
        self._do("SET CONSTRAINTS ALL DEFERRED")
        everything = sql.SQL(", ").join(sql.Identifier(table.name) for table in tables)
        self._do(sql.SQL("TRUNCATE {}").format(everything))

    def fill(self, table: Table, rows: Iterable[Row]) -> None:
        query = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(table.name),
            sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns),
        )
        with self.connection.cursor() as cursor, cursor.cursor.copy(query) as copy:
            for row in rows:
                copy.write_row(row)

    def go_on_from(self, table: Table, last: int) -> None:
        """Let new rows be numbered from there on: a number of a row that is gone is not given out again."""
        query = "SELECT setval(pg_get_serial_sequence(%s, %s), %s, %s)"
        self._do(query, [f'"{table.name}"', table.number, max(last, 1), last > 0])

    def check(self) -> None:
        """Raise IntegrityError where a row refers to one that is not there."""
        self._do("SET CONSTRAINTS ALL IMMEDIATE")

    def _do(self, query: Any, parameters: list[Any] | None = None) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(query, parameters)


@contextmanager
def reading(connection: BaseDatabaseWrapper) -> Iterator[Reading]:
    with psycopg.connect(**connection.get_connection_params()) as database:
        database.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        database.read_only = True
        yield Reading(database)


def _spoken(column: Column) -> sql.Composed:
    return sql.SQL(SPOKEN[column.kind]).format(sql.Identifier(column.name))


def _ordered(table: Table, name: str) -> sql.Composed:
    kind = next(column.kind for column in table.columns if column.name == name)
    as_bytes = ' COLLATE "C"' if kind == "text" else ""
    return sql.SQL("{}" + as_bytes).format(sql.Identifier(name))
