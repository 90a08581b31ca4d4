"""Forms about a portfolio itself: its name and currency, and the name typed again to delete it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.forms import currency_choices
from portfolios.models import Portfolio


class PortfolioForm(forms.Form):
    """Name and currency of a new portfolio; whether the name is free, the services say."""

    name = forms.CharField(max_length=80, help_text="For example: Savings, Cold storage.")
    currency = forms.ChoiceField(
        choices=currency_choices,
        help_text="Its books are kept in this currency. It can't be changed later.",
    )

    cost_method = forms.ChoiceField(
        choices=Portfolio.CostMethod.choices,
        required=False,
        help_text="Which coins a sale takes its cost from. It can be switched later.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"
        self.fields["name"].widget.attrs["autocomplete"] = "off"
        self.use_required_attribute = False

    def clean_cost_method(self) -> str:
        return self.cleaned_data["cost_method"] or Portfolio.CostMethod.AVERAGE

    def refuse(self, error: ValidationError) -> None:
        """Say on the form what the services refused."""
        for name, errors in error.error_dict.items():
            self.add_error(name if name in self.fields else "name", errors)


class RenameForm(PortfolioForm):
    """The name of a portfolio that exists: its currency stays."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["currency"], self.fields["cost_method"]


class MethodForm(forms.Form):
    """The cost method to switch to."""

    to = forms.ChoiceField(label="Cost method", choices=Portfolio.CostMethod.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].widget.attrs["class"] = "input"


class DeleteForm(forms.Form):
    """The portfolio's name, typed again: there is no way back."""

    name = forms.CharField(required=False)

    def __init__(self, *args: Any, portfolio: Portfolio, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.portfolio = portfolio
        self.fields["name"].label = f"Type “{portfolio.name}” to confirm"
        self.fields["name"].widget.attrs |= {"class": "input", "autocomplete": "off", "spellcheck": "false"}

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name != self.portfolio.name:
            raise ValidationError(f"Type the name exactly as it stands here: {self.portfolio.name}")
        return name
