"""The audit trail: with every change to a row goes a line that says who, when, and how the row stands now.

django-simple-history writes the line as the row is saved; what is deleted together with its owner takes its
lines along.
"""

from datetime import datetime
from typing import Any

from django.db import connection, models
from django.db.models import Value
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords


class Act(models.TextChoices):
    """What somebody did to a transaction or a portfolio."""

    RECORDED = "recorded", "Recorded"
    CHANGED = "changed", "Changed"
    DELETED = "deleted", "Deleted"
    RESTORED = "restored", "Restored"
    ERASED = "erased", "Deleted for good"
    KEPT = "kept", "Price kept"


class TrailManager(HistoryManager):
    """The lines of a model; many rows at once are copied where they are, in the database."""

    def copy_new(self, rows: "models.QuerySet[Any]", at: datetime) -> None:
        """Write the line of each row that was just recorded: no line passes through Python."""
        said = {
            "history_date": at,
            "history_type": "+",
            "history_change_reason": Act.RECORDED.value,
            "history_user_id": getattr(self.model.get_default_history_user(None), "pk", None),
        }
        names = [field.attname for field in self.model.tracked_fields]
        fields = [self.model._meta.get_field(name) for name in said]
        values = [Value(said[field.name], output_field=field) for field in fields]
        select, parameters = rows.order_by("pk").values_list(*names, *values).query.sql_with_params()
        quoted = ", ".join(connection.ops.quote_name(name) for name in [*names, *said])
        table = connection.ops.quote_name(self.model._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {table} ({quoted}) {select}", parameters)


class AuditTrail(HistoricalRecords):
    """The lines of a model. They belong to the row that `belongs_to` names, and go when it goes.

    Who did it is kept as a bare number, None for a command or a task: so it stays true when that user is
    deleted, and nothing is looked up to write it.
    """

    def __init__(self, *, belongs_to: str, **options: Any) -> None:
        self.belongs_to = belongs_to
        super().__init__(
            history_id_field=models.BigAutoField(),
            history_user_id_field=models.BigIntegerField(null=True),
            history_manager=TrailManager,
            **options,
        )

    def copy_fields(self, model: type[models.Model]) -> dict[str, Any]:
        """Keys to other rows are numbers that may lead nowhere; the key to the owner alone is held true."""
        fields: dict[str, Any] = super().copy_fields(model)
        key = model._meta.get_field(self.belongs_to)
        assert isinstance(key, models.ForeignKey)
        owner = key.remote_field.model
        fields[self.belongs_to] = models.ForeignKey(owner, on_delete=models.CASCADE, related_name="+")
        return fields

    def post_delete(self, instance: models.Model, using: str | None = None, **sent: Any) -> None:
        """A row that was deleted itself leaves a line; one that goes with its owner leaves none behind."""
        origin = sent.get("origin")
        if getattr(origin, "model", type(origin)) is type(instance):
            super().post_delete(instance, using=using, **sent)
