"""Who you are: the user and how figures are shown to them. Knows nothing of prices or portfolios."""

from typing import Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import get_random_string

LONGEST_NAME = 150  # as the field in AbstractUser


def validate_currency(code: str) -> None:
    """Refuse a currency that has no exchange rates here."""
    if code not in settings.CURRENCIES:
        raise ValidationError(f"{code} has no exchange rates here. Choose one of the listed currencies.")


def validate_timezone(name: str) -> None:
    """Refuse a name that the time zone database does not hold."""
    if name not in available_timezones():
        raise ValidationError("Enter a time zone such as Europe/Vienna.")


def new_stamp() -> str:
    """What tells the time before a new password from the time after it."""
    return get_random_string(22)


class Users(UserManager["User"]):
    use_in_migrations = False

    def get_by_natural_key(self, username: str | None) -> "User":
        """By username in any case: what sign-in asks for. DoesNotExist for what can be nobody's."""
        if len(username or "") > LONGEST_NAME or "\x00" in (username or ""):
            raise self.model.DoesNotExist  # databases fail on longer patterns, and on NUL
        return self.get(username__iexact=username)


DEMO_NAME = DEMO_PASSWORD = "demo"  # noqa: S105 - public on purpose; accounts.backends keeps it to demo mode


class User(AbstractUser):
    """A person who signs in, with the way they want to see figures."""

    class Unit(models.TextChoices):
        CURRENCY = "currency", "Currency"
        BTC = "btc", "BTC"
        SATS = "sats", "sats"

    class Theme(models.TextChoices):
        AUTO = "auto", "As the device"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    class Gain(models.TextChoices):
        GREEN = "green", "Green up, red down"
        BLUE = "blue", "Blue up, orange down"
        RED = "red", "Red up, green down"

    class Locale(models.TextChoices):
        """How numbers and dates are written; the first is the site's own way."""

        OWN = "en", "Bitfolio"
        US = "en-US", "English (United States)"
        UK = "en-GB", "English (United Kingdom)"
        INDIA = "en-IN", "English (India)"
        CZECH = "cs-CZ", "Čeština"
        DANISH = "da-DK", "Dansk"
        GERMAN = "de-DE", "Deutsch"
        SWISS = "de-CH", "Deutsch (Schweiz)"
        SPANISH = "es-ES", "Español"
        FRENCH = "fr-FR", "Français"
        ITALIAN = "it-IT", "Italiano"
        DUTCH = "nl-NL", "Nederlands"
        NORWEGIAN = "nb-NO", "Norsk"
        POLISH = "pl-PL", "Polski"
        PORTUGUESE = "pt-BR", "Português (Brasil)"
        FINNISH = "fi-FI", "Suomi"
        SWEDISH = "sv-SE", "Svenska"
        TURKISH = "tr-TR", "Türkçe"
        JAPANESE = "ja-JP", "日本語"

    currency = models.CharField(max_length=3, default="USD", validators=[validate_currency])
    unit = models.CharField(max_length=8, choices=Unit.choices, default=Unit.CURRENCY)
    timezone = models.CharField("time zone", max_length=64, default="UTC", validators=[validate_timezone])
    theme = models.CharField(max_length=5, choices=Theme.choices, default=Theme.AUTO)
    gain = models.CharField(
        "colours of gain and loss", max_length=5, choices=Gain.choices, default=Gain.GREEN
    )
    locale = models.CharField("numbers and dates", max_length=5, choices=Locale.choices, default=Locale.OWN)
    hides_amounts = models.BooleanField(default=False, help_text="On devices that have not chosen otherwise.")
    is_demo = models.BooleanField(
        "demo account", default=False, help_text="Its password is public: it signs in in demo mode alone."
    )

    stamp = models.CharField(
        max_length=22,
        default=new_stamp,
        editable=False,
        help_text="Another one with each password; tokens made under an older one are dead.",
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

    def save(self, **options: Any) -> None:
        """A new password is stored together with a new stamp. A stronger hash of the same one keeps it."""
        if getattr(self, "_password", None) is not None:  # Django's own mark of a password that was set
            self.stamp = new_stamp()
            if fields := options.get("update_fields"):
                options["update_fields"] = {*fields, "stamp"}
        super().save(**options)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)
