"""Where somebody is signed in with a browser. The session names its row; without the row it is signed out."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F


class SignInQuerySet(models.QuerySet["SignIn"]):
    def good(self, now: datetime) -> "SignInQuerySet":
        """Those seen within the life of a session, under the password of today."""
        return self.filter(last_seen_at__gt=now - LIFE, stamp=F("owner__stamp"))

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


LIFE = timedelta(seconds=settings.SESSION_COOKIE_AGE, hours=1)  # a sign-in is noted as seen now and then
