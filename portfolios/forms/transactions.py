"""The transaction form: it reads what was typed into a Draft. What is allowed, the drafts decide."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html

from accounts.models import User
from portfolios.drafts import LABELS, STATEMENTS, Draft, amount_of, draft_of
from portfolios.forms.amounts import AmountFormField, QuantityFormField, says_sats
from portfolios.forms.moments import MomentFormField
from portfolios.ledger import HoldingWouldBeNegative
from portfolios.models import Kind, Portfolio, Transaction
from portfolios.services import ChangedMeanwhile
from prices.models import Asset

KINDS = [(kind, Kind(kind).label) for kind in STATEMENTS]
MARKET_HINT = "Leave it empty for the last known market price before that time."
SECOND_PORTFOLIO = 'A transfer needs a second portfolio. <a href="{}">Make one</a>'
COINS = {"asset", "to_asset", "fee_asset"}
HIDDEN_IN_ROW = {"kind", "asset", "currency", "note", "fee_asset", "to_asset", "to_portfolio"}
OUT_OF_DATE = "This form is out of date. Reload the page and enter your change again."
CHANGED = (
    "This transaction was changed elsewhere since you opened it, so nothing was saved. "
    "Reload the page to see how it stands now."
)
Refusal = ValidationError | HoldingWouldBeNegative | ChangedMeanwhile


class TransactionForm(forms.Form):
    """What a user states about a transaction, new or stored (`amending`), in their own time zone."""

    kind = forms.ChoiceField(label="Type", choices=KINDS, widget=forms.RadioSelect)
    portfolio = forms.ModelChoiceField(Portfolio.objects.none(), empty_label=None)
    asset = forms.ModelChoiceField(Asset.objects.none(), empty_label=None)
    occurred_at = MomentFormField(label="Date and time")
    quantity = QuantityFormField(
        help_text="Bitcoin also in sats: 150000 sats, 150k sats.",
        error_messages={"required": "Enter a quantity, for example 0.015."},
    )
    unit_price = AmountFormField(label="Price per unit", required=False, help_text=MARKET_HINT)
    total = AmountFormField(
        label="Total",
        required=False,
        help_text="Instead of a price: what was really paid or received, with the fee.",
    )
    cost = AmountFormField(
        label="What the coins cost",
        required=False,
        help_text="Leave it empty for their market value at that time, marked as assumed.",
    )
    fee = AmountFormField(required=False)
    fee_asset = forms.ModelChoiceField(
        Asset.objects.none(),
        label="Fee paid in",
        required=False,
        empty_label="Money",
        help_text="Choose the coin if the fee was taken in coins.",
    )
    to_asset = forms.ModelChoiceField(
        Asset.objects.none(), label="You receive", required=False, empty_label="Choose a coin"
    )
    to_quantity = QuantityFormField(label="Quantity received", required=False)
    to_portfolio = forms.ModelChoiceField(
        Portfolio.objects.none(), label="To portfolio", required=False, empty_label="Choose a portfolio"
    )
    currency = forms.ChoiceField(required=False)
    note = forms.CharField(
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "Exchange, reason…"}),
    )
    idempotency_key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, amending: Transaction | None = None, **kwargs: Any) -> None:
        self.amending = amending
        self.saved: Transaction | None = None  # what the services made of it
        kwargs["initial"] = {"idempotency_key": uuid4(), **_stated(amending), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        portfolios = Portfolio.objects.owned_by(user)
        coins = Asset.objects.crypto()
        if amending:  # coins that are no longer offered stay
            kept = [amending.asset_id, amending.to_asset_id, amending.fee_asset_id]
            coins = coins | Asset.objects.filter(pk__in=[pk for pk in kept if pk])
        for name in COINS:
            _offer(self.fields[name], coins)
        for name in ("portfolio", "to_portfolio"):
            _offer(self.fields[name], portfolios)
        if len(portfolios) < 2:
            self.fields["to_portfolio"].help_text = format_html(SECOND_PORTFOLIO, reverse("portfolio-new"))
        self.fields["currency"].choices = _currencies(portfolios, amending)
        self.fields["occurred_at"].zone = user.zone
        self._dress()
        if amending:
            self._show(amending)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if any(name in self.errors for name in ("idempotency_key", "version")):
            raise ValidationError(OUT_OF_DATE)
        for coin, name in (("asset", "quantity"), ("to_asset", "to_quantity")):
            asset, typed = found.get(coin), str(self[name].data or "") if name in self.fields else ""
            if asset and asset.symbol != "BTC" and says_sats(typed):
                self.add_error(name, f"Only bitcoin is counted in sats. Enter a number of {asset.symbol}.")
        return found

    @property
    def into(self) -> Portfolio:
        """The portfolio that a valid form is about."""
        return self.amending.portfolio if self.amending else self.cleaned_data["portfolio"]

    @property
    def draft(self) -> Draft:
        """What a valid form states."""
        external_id = self.amending.external_id if self.amending else ""
        return draft_of(self.cleaned_data | {"external_id": external_id}, self.into)

    def refuse(self, error: Refusal) -> None:
        """Say on the form what the services refused."""
        tell(self, error)

    def point(self) -> None:
        """Put the cursor where the first thing is wrong; on a new form, where typing begins."""
        if not self.is_bound:
            self.fields["quantity"].widget.attrs["autofocus"] = True
            return
        wrong = (self.fields[name] for name in self.fields if name in self.errors)
        first = next((field for field in wrong if not field.widget.is_hidden), None)
        if first and not isinstance(first.widget, forms.RadioSelect):
            first.widget.attrs["autofocus"] = True

    def _dress(self) -> None:
        for field in self.fields.values():
            if not isinstance(field.widget, forms.RadioSelect | forms.HiddenInput):
                field.widget.attrs["class"] = "input"
        self.use_required_attribute = False

    def _show(self, stored: Transaction) -> None:
        """A stored transaction stays in its portfolio, and its moment what it was if left as shown."""
        del self.fields["portfolio"], self.fields["idempotency_key"]
        self.fields["occurred_at"].shown = stored.occurred_at


class RowForm(TransactionForm):
    """The same form in one row of a table: its controls stand outside of the form element they belong to."""

    def __init__(self, *args: Any, amending: Transaction, **kwargs: Any) -> None:
        self.element = f"tx-{amending.pk}-form"
        super().__init__(*args, amending=amending, auto_id=f"tx-{amending.pk}-%s", **kwargs)

    def _dress(self) -> None:
        super()._dress()
        for name in LABELS.keys() - STATEMENTS[self.amending.kind]:
            del self.fields[name]
        for name in HIDDEN_IN_ROW & self.fields.keys():
            self.fields[name].widget = forms.HiddenInput()
        for field in self.fields.values():
            field.help_text = ""
            field.widget.attrs["form"] = self.element
            if not field.widget.is_hidden:
                field.widget.attrs["class"] = "input sm"
        self._fit()

    def _fit(self) -> None:
        """There is no room for seconds that are 0, nor for hints: what the market gave shows in its place."""
        moment, row = self.fields["occurred_at"].widget, self.amending
        if not row.occurred_at.second:
            del moment.attrs["step"]
        if not self.is_bound:
            moment.attrs["autofocus"] = True
        if row.price_source:
            priced = "cost" if row.kind == Kind.DEPOSIT else "unit_price"
            stands = amount_of(row) if row.kind == Kind.DEPOSIT else row.unit_price
            self.fields[priced].widget.attrs["placeholder"] = self.fields[priced].prepare_value(stands)


def tell(form: forms.BaseForm, error: Refusal) -> None:
    """Say on a form what the services refused, at the field it is about."""
    if isinstance(error, HoldingWouldBeNegative):
        form.add_error(_lacking(form, error.asset), str(error))
    elif isinstance(error, ChangedMeanwhile):
        form.add_error(None, CHANGED)
    elif not hasattr(error, "error_dict"):
        form.add_error(None, error)
    else:
        for name, errors in error.error_dict.items():
            form.add_error(name if name in form.fields and name != NON_FIELD_ERRORS else None, errors)


def _offer(field: forms.ModelChoiceField, rows: QuerySet[Any]) -> None:
    """Fields that offer the same rows read them once."""
    empty = [] if field.empty_label is None else [("", field.empty_label)]
    field.queryset = rows
    field.choices = lambda: [*empty, *((row.pk, str(row)) for row in rows)]


def _lacking(form: forms.BaseForm, symbol: str) -> str:
    """The field whose coin would go below zero."""
    fee, asset = form.cleaned_data.get("fee_asset"), form.cleaned_data.get("asset")
    is_the_fee = fee and fee.symbol == symbol and "fee" in form.fields and fee != asset
    return "fee" if is_the_fee else "quantity"


def _stated(stored: Transaction | None) -> dict[str, Any]:
    """What the user stated about a stored transaction: a price that the market gave is not theirs."""
    if stored is None:
        return {}
    return {
        "kind": stored.kind,
        "asset": stored.asset_id,
        "occurred_at": stored.occurred_at,
        "quantity": stored.quantity,
        "unit_price": None if stored.price_source else stored.unit_price,
        "total": stored.total,
        "cost": stored.cost,
        "fee": stored.fee or None,
        "fee_asset": stored.fee_asset_id,
        "to_asset": stored.to_asset_id,
        "to_quantity": stored.to_quantity,
        "to_portfolio": stored.to_portfolio_id,
        "currency": stored.currency,
        "note": stored.note,
        "version": stored.version,
    }


def _currencies(portfolios: Iterable[Portfolio], amending: Transaction | None) -> list[tuple[str, str]]:
    listed = [(code, code) for code in settings.CURRENCIES]
    if amending:
        return listed
    own = {each.currency for each in portfolios}
    return [("", f"The portfolio’s, {own.pop()}" if len(own) == 1 else "The portfolio’s"), *listed]
