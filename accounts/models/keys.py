"""What programs show to get in: families of access and refresh tokens, and personal API tokens.

No row holds a secret: a family knows the number of its current refresh token, which is signed; a personal
token is known by its SHA-256. What is revoked or used twice has no row any more.
"""

from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class KeyQuerySet(models.QuerySet):
    """Rows of `owner` with the `stamp` of the password under which they were made, and `expires_at`."""

    def good(self, now: datetime) -> "KeyQuerySet":
        """Those that have not run out and were made under the password of today."""
        unexpired = Q(expires_at=None) | Q(expires_at__gt=now)
        return self.filter(unexpired, stamp=F("owner__stamp"))

    def spent(self, now: datetime) -> "KeyQuerySet":
        """The others, which let nobody in for good."""
        return self.filter(Q(expires_at__lte=now) | ~Q(stamp=F("owner__stamp")))


class TokenFamily(models.Model):
    """One sign-in of a program: its refresh token makes the next when used, and ends them all used twice."""

    key = models.UUIDField(default=uuid4, unique=True, editable=False, help_text="Its name in the tokens.")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="token_families"
    )
    current = models.CharField(max_length=32, help_text="The number of the refresh token that is good.")
    stamp = models.CharField(max_length=22, help_text="The owner's stamp when it began.")
    device = models.CharField(max_length=200, blank=True, help_text="What the program called itself.")
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    objects = KeyQuerySet.as_manager()

    class Meta:
        ordering = ["-last_used_at", "-pk"]
        verbose_name_plural = "token families"

    def __str__(self) -> str:
        return f"Sign-in of {self.owner} since {self.created_at:%Y-%m-%d}"


class ApiToken(models.Model):
    """A personal token for a script: named by its owner, to read or to write, shown once when it is made."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=60)
    prefix = models.CharField(max_length=8, help_text="How it begins, to tell one from another.")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token.")
    may_write = models.BooleanField(default=False)
    stamp = models.CharField(max_length=22, help_text="The owner's stamp when it was made.")
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = KeyQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = "API token"
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                name="one_api_token_per_name",
                violation_error_message="You already have a token with this name.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
