"""Who you are: the user and how figures are shown to them. Knows nothing of prices or portfolios."""

from typing import ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower

LONGEST_NAME = 150  # as the field in AbstractUser


def validate_currency(code: str) -> None:
    """Refuse a currency that has no exchange rates here."""
    if code not in settings.CURRENCIES:
        raise ValidationError(f"{code} has no exchange rates here. Choose one of the listed currencies.")


def validate_timezone(name: str) -> None:
    """Refuse a name that the time zone database does not hold."""
    if name not in available_timezones():
        raise ValidationError("Enter a time zone such as Europe/Vienna.")


class Users(UserManager["User"]):
    use_in_migrations = False

    def get_by_natural_key(self, username: str | None) -> "User":
        """By username in any case: what sign-in asks for. DoesNotExist for what can be nobody's."""
        if len(username or "") > LONGEST_NAME or "\x00" in (username or ""):
            raise self.model.DoesNotExist  # databases fail on longer patterns, and on NUL
        return self.get(username__iexact=username)


class User(AbstractUser):
    """A person who signs in, with the currency, unit, time zone and theme they want to see."""

    class Unit(models.TextChoices):
        CURRENCY = "currency", "Currency"
        BTC = "btc", "BTC"
        SATS = "sats", "sats"

    class Theme(models.TextChoices):
        AUTO = "auto", "As the device"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    currency = models.CharField(max_length=3, default="USD", validators=[validate_currency])
    unit = models.CharField(max_length=8, choices=Unit.choices, default=Unit.CURRENCY)
    timezone = models.CharField("time zone", max_length=64, default="UTC", validators=[validate_timezone])
    theme = models.CharField(max_length=5, choices=Theme.choices, default=Theme.AUTO)
    is_demo = models.BooleanField(
        "demo account", default=False, help_text="Its password is public: it signs in in demo mode alone."
    )

    objects: ClassVar[Users] = Users()

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="one_user_per_username_in_any_case",
                violation_error_message="A user with that username already exists.",
            ),
        ]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Tally(models.Model):
    """How often something was tried within an hour, and when that hour began; whose it is, as a hash."""

    key = models.CharField(max_length=64, unique=True)
    tries = models.PositiveIntegerField(default=0)
    since = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "tallies"

    def __str__(self) -> str:
        return f"{self.tries} since {self.since:%Y-%m-%d %H:%M}"
