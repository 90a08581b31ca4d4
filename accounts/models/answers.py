"""What the API has answered to requests that carry a key, so that a repetition hears the same."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models

ANSWERS_KEPT = timedelta(hours=48)


class AnswerQuerySet(models.QuerySet["Answer"]):
    def spent(self, now: datetime) -> "AnswerQuerySet":
        """Those kept for long enough."""
        return self.filter(at__lt=now - ANSWERS_KEPT)


class Answer(models.Model):
    """The first answer to a request that creates something, under the key that its client gave it.

    It is written in the database transaction of what it tells, so there is one where that was done, and none
    where it was not.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="answers")
    key = models.CharField(max_length=255)
    request = models.CharField(max_length=64, help_text="SHA-256 of method, address and body.")
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(default="")
    headers = models.JSONField(default=dict)
    at = models.DateTimeField(db_index=True)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="one_answer_per_key")]

    def __str__(self) -> str:
        return f"Answer {self.status} to {self.key}"
