"""The days of a period, read from the address: `from` and `to`, both included."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from prices.selectors import GENESIS
from prices.templatetags.dates import day as written

EXAMPLE = "Enter a day, for example 2024-01-31."


class PeriodForm(forms.Form):
    """Either day may be left out: from the beginning, until now. `today` is the UTC day of now."""

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        for name in ("from", "to"):
            widget = forms.DateInput(attrs={"type": "date", "class": "input sm"}, format="%Y-%m-%d")
            self.fields[name] = forms.DateField(
                label=name.capitalize(),
                required=False,
                widget=widget,
                input_formats=["%Y-%m-%d"],
                error_messages={"invalid": EXAMPLE},
                validators=[self._has_been],
            )

    def _has_been(self, day: date) -> None:
        if not GENESIS.date() <= day <= self.today:
            raise ValidationError(f"Enter a day between {written(GENESIS, 'long')} and today.")

    def clean(self) -> dict[str, Any]:
        days = self.cleaned_data
        if days.get("from") and days.get("to") and days["from"] > days["to"]:
            self.add_error("to", "Enter a day that is not before the first one.")
        return days
