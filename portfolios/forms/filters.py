"""The filter of a list of transactions, read from the address: by words, portfolio, asset and kind."""

from typing import Any

from django import forms
from django.db.models import Q

from accounts.models import User
from portfolios.drafts import STATEMENTS
from portfolios.models import Kind, Portfolio, TransactionQuerySet
from prices.models import Asset

COINS = ("asset", "to_asset")
LONGEST_SEARCH = 100  # characters; a database refuses patterns without end


class FilterForm(forms.Form):
    """Offers what the user has; anything else is invalid, which the page answers with 404."""

    q = forms.CharField(
        label="Search notes, external ids and assets",
        required=False,
        max_length=LONGEST_SEARCH,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Search", "data-key": "/"}),
    )
    portfolio = forms.ModelChoiceField(Portfolio.objects.none(), required=False, empty_label="All portfolios")
    asset = forms.ModelChoiceField(
        Asset.objects.none(), required=False, empty_label="All assets", to_field_name="symbol"
    )
    kind = forms.ChoiceField(
        required=False, choices=[("", "All types"), *((kind, Kind(kind).label) for kind in STATEMENTS)]
    )

    def __init__(self, *args: Any, user: User, rows: TransactionQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["portfolio"].queryset = Portfolio.objects.owned_by(user)
        places = (Q(pk__in=rows.order_by().values(name)) for name in ("asset", "to_asset", "fee_asset"))
        self.fields["asset"].queryset = Asset.objects.filter(Q(*places, _connector=Q.OR))
        for field in self.fields.values():
            field.widget.attrs["class"] = "input sm"

    def narrow(self, rows: TransactionQuerySet) -> TransactionQuerySet:
        """Those of `rows` that a valid filter asks for."""
        asked = {name: value for name, value in self.cleaned_data.items() if value}
        words, portfolio, asset = asked.pop("q", ""), asked.pop("portfolio", None), asked.pop("asset", None)
        if portfolio:
            rows = rows.touching(portfolio)
        if asset:
            rows = rows.about(asset.pk)
        if words:
            places = (
                "note",
                "external_id",
                *(f"{coin}__{by}" for coin in COINS for by in ("symbol", "name")),
            )
            rows = rows.filter(Q(*((f"{place}__icontains", words) for place in places), _connector=Q.OR))
        return rows.filter(**asked)
