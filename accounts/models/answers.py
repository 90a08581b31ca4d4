"""What the API has answered to requests that carry a key, so that a repetition hears the same."""

from django.conf import settings
from django.db import models


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
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="one_answer_per_key")]
        indexes = [models.Index(fields=["owner", "at"], name="answers_by_age")]

    def __str__(self) -> str:
        return f"Answer {self.status} to {self.key}"
