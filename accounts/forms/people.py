"""What people type when they sign in and register, and about themselves and how they see figures."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, get_currency_name
from django import forms
from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import forms as auth_forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.urls import reverse_lazy

from accounts.forms.styled import PASSWORD_HINT, Styled
from accounts.models import User
from accounts.throttle import confirm


def currency_choices() -> list[tuple[str, str]]:
    """Codes with their names, the code first, since that is what people type to find one."""
    return [(code, f"{code} · {get_currency_name(code, locale='en')}") for code in settings.CURRENCIES]


def timezone_choices() -> list[tuple[str, str]]:
    """Every zone with a place in its name, and UTC before all."""
    places = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in places)]


class LoginForm(Styled, auth_forms.AuthenticationForm):
    error_messages = {
        "invalid_login": "That username and password do not belong together. Check both, then try again.",
        "inactive": "That username and password do not belong together. Check both, then try again.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget.attrs["autocapitalize"] = "none"


class AdminLoginForm(LoginForm, AdminAuthenticationForm):
    """The same rules at the admin's own door, which opens to staff alone."""

    error_messages = LoginForm.error_messages


class RegisterForm(Styled, forms.ModelForm):
    email = forms.EmailField(
        label="Email address", widget=forms.EmailInput(attrs={"autocomplete": "email"}), max_length=254
    )
    password = forms.CharField(
        strip=False,
        help_text=PASSWORD_HINT,
        widget=forms.PasswordInput(
            attrs={
                "autocomplete": "new-password",
                # Hear of a weak password when leaving the field, not after the rest is filled in.
                "hx-post": reverse_lazy("register"),
                "hx-trigger": "change",
                "hx-target": "#id_password_errors",
            }
        ),
    )
    currency = forms.ChoiceField(
        choices=currency_choices, initial="USD", help_text="You can change it later."
    )
    timezone = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-timezone": ""}))

    field_order = ["username", "email", "password", "currency"]

    class Meta:
        model = User
        fields = ["username", "email", "currency", "timezone"]
        help_texts = {"username": "Letters, digits and @ . + - _ only."}
        widgets = {
            "username": forms.TextInput(
                attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}
            )
        }

    def clean_timezone(self) -> str:
        """What the browser says of its zone; UTC if it says nothing we know."""
        name = self.cleaned_data["timezone"]
        return name if name in available_timezones() else "UTC"

    def _post_clean(self) -> None:
        """Hold the password against the validators once the instance knows the name and the address."""
        super()._post_clean()
        if taken := self.errors.pop(NON_FIELD_ERRORS, None):  # the one constraint there is
            self.add_error("username", taken.as_data())
        password = self.cleaned_data.get("password")
        if password:
            try:
                validate_password(password, self.instance)
            except ValidationError as error:
                self.add_error("password", error)


class ProfileForm(Styled, forms.Form):
    """Another address of mail is where the next reset of the password goes: it asks for the one of today."""

    name = forms.CharField(
        required=False, max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label="Email address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    password = forms.CharField(
        label="Your password",
        required=False,
        strip=False,
        help_text="Only for another email address.",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, user: User, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.now = user, now

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        password = cleaned.pop("password", None)
        if password is not None and cleaned.get("email", self.user.email) != self.user.email:
            confirm(self.user, password, now=self.now)
        return cleaned


def locale_choices() -> list[tuple[str, str]]:
    """Each with how it writes, since that is what people choose by."""
    return [(value, f"{label}: {_example(value)}") for value, label in User.Locale.choices]


def _example(locale: str) -> str:
    number = format_decimal(Decimal("1234.56"), locale=Locale.parse(locale, sep="-"))
    own = "d MMM y" if locale == User.Locale.OWN else "medium"
    return f"{number} · {format_date(date(2025, 11, 5), own, locale=Locale.parse(locale, sep='-'))}"


class WelcomeForm(Styled, forms.Form):
    """What a new user is asked once; the first half of the display settings."""

    currency = forms.ChoiceField(
        choices=currency_choices, help_text="What all portfolios together are shown in."
    )
    timezone = forms.ChoiceField(
        label="Time zone",
        choices=timezone_choices,
        help_text="For dates and times, and for when “today” begins.",
    )
    locale = forms.ChoiceField(
        label="Numbers and dates",
        choices=locale_choices,
        help_text="Amounts are read that way too. Files and the API keep 1234.56 and 2025-11-05.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A zone that is not offered (an old name) is still the user's: opening settings must not change it.
        zone = self.get_initial_for_field(self.fields["timezone"], "timezone")
        if zone and zone not in dict(timezone_choices()):
            self.fields["timezone"].choices = [(zone, zone), *timezone_choices()]


class DisplayForm(WelcomeForm):
    unit = forms.ChoiceField(choices=User.Unit.choices, widget=forms.RadioSelect)
    theme = forms.ChoiceField(choices=User.Theme.choices, widget=forms.RadioSelect)
    gain = forms.ChoiceField(
        label="Gain and loss",
        choices=User.Gain.choices,
        widget=forms.RadioSelect,
        help_text="Beside the colour there is always a sign and an arrow.",
    )
    hides_amounts = forms.BooleanField(
        label="Hide amounts",
        required=False,
        help_text=(
            "Here, and on every device that has not chosen. The eye at the top of each page shows them."
        ),
    )


class ApiTokenForm(Styled, forms.Form):
    LIVES = [("30", "30 days"), ("90", "90 days"), ("365", "A year"), ("", "Until revoked")]

    name = forms.CharField(
        max_length=60,
        help_text="What it is for: a script, a spreadsheet, a phone.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    may_write = forms.ChoiceField(
        label="It may",
        choices=[("", "Read"), ("on", "Read and write")],
        required=False,
        initial="",
        widget=forms.RadioSelect,
    )
    days = forms.ChoiceField(
        label="It is good for", choices=LIVES, required=False, initial="90", widget=forms.RadioSelect
    )

    def clean_may_write(self) -> bool:
        return self.cleaned_data["may_write"] == "on"

    def clean_days(self) -> int | None:
        return int(self.cleaned_data["days"]) if self.cleaned_data["days"] else None


class DeviceForm(forms.Form):
    """Choices kept in cookies, since they are about a keyboard and a screen, not about a person."""

    shortcuts = forms.BooleanField(
        label="Single-key shortcuts",
        required=False,
        help_text="Press ? for the list. Switch them off if you dictate or type by other means.",
    )
    live = forms.BooleanField(
        label="Live prices",
        required=False,
        help_text="Open pages look for newer prices every half minute.",
    )


class QuickDisplayForm(forms.Form):
    """The switches beside the page: any of them, alone or together."""

    unit = forms.ChoiceField(choices=User.Unit.choices, required=False)
    theme = forms.ChoiceField(choices=User.Theme.choices, required=False)
    private = forms.ChoiceField(choices=[("0", "Shown"), ("1", "Hidden")], required=False)
