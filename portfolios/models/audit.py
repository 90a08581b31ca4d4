"""The audit trail: with every change to a row goes a line that says who, when, and how the row stands now.

django-simple-history writes the line as the row is saved; what is deleted together with its owner takes its
lines along.
"""

from typing import Any

from django.db import models
from simple_history.models import HistoricalRecords


class Act(models.TextChoices):
    """What somebody did to a transaction or a portfolio."""

    RECORDED = "recorded", "Recorded"
    CHANGED = "changed", "Changed"
    DELETED = "deleted", "Deleted"
    RESTORED = "restored", "Restored"


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
