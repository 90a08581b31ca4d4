"""The filter of the gains, read from the address: by calendar year and asset, and by which method."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet

from portfolios.models import Disposal, Portfolio
from prices.models import Asset

EVER = "all"


class GainsForm(forms.Form):
    """Offers what was disposed of; anything else is invalid, which the page answers with 404.

    Without a `year` the newest one with gains is meant.
    """

    year = forms.RegexField(r"\A(all|[0-9]{4})\Z", required=False, strip=False, widget=forms.HiddenInput)
    asset = forms.ModelChoiceField(
        Asset.objects.none(), required=False, empty_label="All assets", to_field_name="symbol"
    )
    method = forms.ChoiceField(label="Cost method", required=False)

    def __init__(self, *args: Any, portfolios: Sequence[Portfolio], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["asset"].queryset = _disposed(portfolios)
        kept_by = {each.cost_method: each.get_cost_method_display() for each in portfolios}
        told = f": {next(iter(kept_by.values())).lower()}" if len(kept_by) == 1 else ""
        self.fields["method"].choices = [
            ("", f"As your books{told}"),
            *((name, f"What if: {label.lower()}") for name, label in Portfolio.CostMethod.choices),
        ]
        for name in ("asset", "method"):
            self.fields[name].widget.attrs["class"] = "input sm"


def _disposed(portfolios: Sequence[Portfolio]) -> "QuerySet[Asset]":
    rows = Disposal.objects.filter(portfolio__in=portfolios, proceeds__isnull=False)
    return Asset.objects.filter(pk__in=rows.values("asset"))
