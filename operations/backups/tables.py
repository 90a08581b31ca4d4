"""Which tables a backup holds and what stands in their columns, by the migrations that a database has seen.

Not by today's models: a backup may be older than the code that reads it, and a database older than the code
that is about to upgrade it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader

# What ends with the processes that wrote it, or is secret: who is signed in and what was tried, tasks that
# wait and their results, schedules (the worker writes them when it starts), the worker's sign of life.
LEFT_OUT = frozenset({
    "django_session", "accounts_signin", "accounts_tokenfamily", "accounts_answer", "accounts_tally",
    "django_q_ormq", "django_q_task", "django_q_schedule", "prices_heartbeat",
})  # fmt: skip
# What `migrate` itself fills: rows there do not make a place a used one.
BUILT_IN = frozenset(["django_content_type", "auth_permission"])

KINDS = {
    "AutoField": "int", "BigAutoField": "int", "SmallAutoField": "int", "IntegerField": "int",
    "BigIntegerField": "int", "SmallIntegerField": "int", "PositiveIntegerField": "int",
    "PositiveBigIntegerField": "int", "PositiveSmallIntegerField": "int", "BooleanField": "bool",
    "AmountField": "amount", "DateTimeField": "time", "DateField": "date", "JSONField": "json",
    "UUIDField": "uuid", "GenericIPAddressField": "address", "CharField": "text", "TextField": "text",
    "SlugField": "text", "FileField": "text",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A column and the kind of its values, a word of KINDS."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table, its columns and the order of its rows. `number`: the column that the database counts up."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    number: str | None


def applied_migrations(connection: BaseDatabaseWrapper) -> dict[str, list[str]]:
    """By app, the migrations that this database has seen and this code knows."""
    loader = MigrationLoader(connection)
    found: dict[str, list[str]] = {}
    for app, name in sorted(set(loader.applied_migrations or ()) & set(loader.graph.nodes)):
        found.setdefault(app, []).append(name)
    return found


def is_up_to_date(connection: BaseDatabaseWrapper) -> bool:
    """Whether this database has seen every migration that this code knows, and no other one."""
    loader = MigrationLoader(connection)
    return set(loader.applied_migrations or ()) == set(loader.graph.nodes)


def tables(connection: BaseDatabaseWrapper) -> list[Table]:
    """Every table that the database's migrations made, by name; those of LEFT_OUT too."""
    loader = MigrationLoader(connection)
    seen = [key for key in loader.applied_migrations or () if key in loader.graph.nodes]
    if not seen:
        return []
    state = loader.project_state(seen).apps
    found = {
        _table(model) for model in state.get_models(include_auto_created=True) if _is_stored(model, seen)
    }
    return sorted(found, key=lambda table: table.name)


def kept(found: list[Table]) -> list[Table]:
    """Those that belong into a backup."""
    return [table for table in found if table.name not in LEFT_OUT]


def _is_stored(model: type[models.Model], seen: list[tuple[str, str]]) -> bool:
    options = model._meta
    return options.managed and not options.proxy and options.app_label in {app for app, _ in seen}


def _table(model: type[models.Model]) -> Table:
    fields = model._meta.concrete_fields
    columns = tuple(Column(field.column or "", _kind(field)) for field in fields)
    counted = next((field.column for field in fields if isinstance(field, models.AutoField)), None)
    return Table(model._meta.db_table, columns, tuple(_key(model)), counted)


def _key(model: type[models.Model]) -> Iterator[str]:
    for field in getattr(model._meta, "pk_fields", [model._meta.pk]):
        yield field.column


def _kind(field: "models.Field[object, object]") -> str:
    """Raises LookupError for a type of field that nobody taught the backup: better none than a wrong one."""
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    try:
        return KINDS[field.get_internal_type()]
    except KeyError:
        raise LookupError(f"{field}: a backup does not know how to keep a {type(field).__name__}") from None
