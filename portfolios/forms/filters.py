"""The filter of a list of transactions, read from the address: by words, portfolio, asset, kind and day; and
in which order, and how many on a page.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.http import urlencode

from accounts.models import User
from portfolios.drafts import STATEMENTS
from portfolios.models import Kind, Portfolio, TransactionQuerySet
from prices.models import Asset

COINS = ("asset", "to_asset")
LONGEST_SEARCH = 100  # characters; a database refuses patterns without end
FIRST_DAY, LAST_DAY = date(2009, 1, 1), date(2200, 1, 1)  # days outside bound nothing
NEWEST = ("-occurred_at", "-pk")
# Only what a database orders as people do: amounts are texts on SQLite.
ORDERS = {
    "-date": ("Newest first", NEWEST),
    "date": ("Oldest first", ("occurred_at", "pk")),
    "asset": ("Asset, A–Z", ("asset__symbol", *NEWEST)),
    "-asset": ("Asset, Z–A", ("-asset__symbol", *NEWEST)),
    "kind": ("Type, A–Z", ("kind", *NEWEST)),
    "-kind": ("Type, Z–A", ("-kind", *NEWEST)),
    "portfolio": ("Portfolio, A–Z", ("portfolio__name", "portfolio", *NEWEST)),
    "-portfolio": ("Portfolio, Z–A", ("-portfolio__name", "portfolio", *NEWEST)),
}
SIZES = (25, 50, 100)  # rows on a page


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
        label="Type",
        required=False,
        choices=[("", "All types"), *((kind, Kind(kind).label) for kind in STATEMENTS)],
    )
    sort = forms.ChoiceField(
        label="Order", required=False, choices=[(name, label) for name, (label, _) in ORDERS.items()]
    )
    since = forms.DateField(label="From", required=False, input_formats=["%Y-%m-%d"])
    until = forms.DateField(label="To", required=False, input_formats=["%Y-%m-%d"])
    size = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=SIZES[0],
        choices=[(each, each) for each in SIZES],
        widget=forms.HiddenInput,
    )

    def __init__(self, *args: Any, user: User, rows: TransactionQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = user.zone
        self.fields["portfolio"].queryset = Portfolio.objects.owned_by(user)
        places = (Q(pk__in=rows.order_by().values(name)) for name in ("asset", "to_asset", "fee_asset"))
        self.fields["asset"].queryset = Asset.objects.filter(Q(*places, _connector=Q.OR))
        for name in ("since", "until"):
            self.fields[name].widget = forms.TextInput(attrs={"type": "date"})
        for field in self.fields.values():
            field.widget.attrs["class"] = "input sm"

    @property
    def order(self) -> str:
        return self.cleaned_data["sort"] or next(iter(ORDERS))

    @property
    def is_narrowed(self) -> bool:
        return any(value for name, value in self.cleaned_data.items() if name not in {"sort", "size"})

    def query(self, **others: Any) -> str:
        """The address of what a valid form asks for, without what goes without saying: "?kind=buy"."""
        usual = {"sort": next(iter(ORDERS)), "size": str(SIZES[0]), "page": "1"}
        asked = {name: self[name].data for name in self.fields if self[name].data} | others
        said = {name: value for name, value in asked.items() if str(value) != usual.get(name, "")}
        return f"?{urlencode(said)}" if said else ""

    def narrow(self, rows: TransactionQuerySet) -> TransactionQuerySet:
        """Those of `rows` that a valid filter asks for, in the order that it asks for."""
        asked = self.cleaned_data
        if asked["portfolio"]:
            rows = rows.touching(asked["portfolio"])
        if asked["asset"]:
            rows = rows.about(asked["asset"].pk)
        if asked["kind"]:
            rows = rows.filter(kind=asked["kind"])
        if asked["q"]:
            coins = (f"{coin}__{by}" for coin in COINS for by in ("symbol", "name"))
            places = ("note", "external_id", *coins)
            rows = rows.filter(Q(*((f"{place}__icontains", asked["q"]) for place in places), _connector=Q.OR))
        return self._within(rows).order_by(*ORDERS[self.order][1])

    def _within(self, rows: TransactionQuerySet) -> TransactionQuerySet:
        """From the first day to the last, both included, as days are in the user's zone."""
        since, until = self.cleaned_data["since"], self.cleaned_data["until"]
        if since and FIRST_DAY <= since <= LAST_DAY:
            rows = rows.filter(occurred_at__gte=datetime.combine(since, time.min, self.zone))
        if until and FIRST_DAY <= until <= LAST_DAY:
            rows = rows.filter(
                occurred_at__lt=datetime.combine(until + timedelta(days=1), time.min, self.zone)
            )
        return rows
