"""Where somebody is signed in with a browser. The session names its row; without the row it is signed out."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F


class SignInQuerySet(models.QuerySet["SignIn"]):
    def good(self, now: datetime) -> "SignInQuerySet":
        """Those not left alone for too long, under the password of today."""
        return self.not_idle(now).filter(stamp=F("owner__stamp"))

    def not_idle(self, now: datetime) -> "SignInQuerySet":
        return self.filter(last_seen_at__gt=now - IDLE)

    def spent(self, now: datetime) -> "SignInQuerySet":
        """The others, whose sessions have run out or ended with the password."""
        return self.exclude(pk__in=self.good(now).values("pk"))


class SignIn(models.Model):
    """One browser that is signed in, as its owner sees it in the settings."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sign_ins")
    stamp = models.CharField(max_length=22, help_text="The owner's stamp when it was last seen.")
    device = models.CharField(max_length=200, blank=True, help_text="What the browser called itself.")
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(db_index=True)

    objects = SignInQuerySet.as_manager()

    class Meta:
        ordering = ["-last_seen_at", "-pk"]

    def __str__(self) -> str:
        return f"Sign-in of {self.owner} since {self.created_at:%Y-%m-%d}"


# How long a browser may be left alone and is still signed in: half of the life that a session has in all.
IDLE = timedelta(days=7)
