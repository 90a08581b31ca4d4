"""The transaction form: it reads what was typed into a Draft. What is allowed, the drafts decide."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html

from accounts.models import User
from portfolios.drafts import IN_COINS, Draft, draft_of
from portfolios.forms.amounts import AmountFormField, QuantityFormField, says_sats
from portfolios.forms.authors import author_mark
from portfolios.forms.kinds import FEE_IN_MONEY, KINDS, FeeCoinSelect, KindSelect
from portfolios.forms.moments import MomentFormField
from portfolios.forms.stating import Refusal, stated, tell
from portfolios.models import Portfolio, Transaction
from prices.models import Asset

MARKET_HINT = "Leave it empty for the last known market price before that time."
SECOND_PORTFOLIO = 'A transfer needs a second portfolio. <a href="{}">Make one</a>'
COINS = {"asset", "to_asset", "fee_asset"}
QUANTITIES = (("asset", "quantity"), ("to_asset", "to_quantity"), ("fee_asset", "fee"))
ONLY_BITCOIN = "Only bitcoin is counted in sats."
OUT_OF_DATE = "This form is out of date. Reload the page and enter your change again."


def _chosen(said: str) -> dict[str, str]:
    """What a choice says when nothing, or nothing that is offered, was chosen."""
    return {"required": said, "invalid_choice": said}


class TransactionForm(forms.Form):
    """What a user states about a transaction, new or stored (`amending`), in their own time zone."""

    kind = forms.ChoiceField(
        label="Type",
        choices=KINDS,
        widget=KindSelect,
        error_messages=_chosen("Choose one of the listed types."),
    )
    portfolio = forms.ModelChoiceField(
        Portfolio.objects.none(), empty_label=None, error_messages=_chosen("Choose one of your portfolios.")
    )
    asset = forms.ModelChoiceField(
        Asset.objects.none(), empty_label=None, error_messages=_chosen("Choose one of the listed coins.")
    )
    occurred_at = MomentFormField(
        label="Date and time",
        help_text="When it happened, not when you enter it.",
        error_messages={"required": "Enter the date and time, for example 2024-01-31 14:30."},
    )
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
    fee = QuantityFormField(
        required=False,
        help_text="What the exchange or the network kept for it. Bitcoin also in sats: 5k sats.",
    )
    fee_asset = forms.ModelChoiceField(
        Asset.objects.none(),
        label="Fee paid in",
        required=False,
        empty_label=f"{FEE_IN_MONEY}, or the coin that moves",
        widget=FeeCoinSelect,
        help_text="Choose a coin only if the fee was taken in that one.",
        error_messages=_chosen("Choose one of the listed coins."),
    )
    to_asset = forms.ModelChoiceField(
        Asset.objects.none(),
        label="You receive",
        required=False,
        empty_label="Choose a coin",
        error_messages=_chosen("Choose one of the listed coins."),
    )
    to_quantity = QuantityFormField(label="Quantity received", required=False)
    to_portfolio = forms.ModelChoiceField(
        Portfolio.objects.none(),
        label="To portfolio",
        required=False,
        empty_label="Choose a portfolio",
        error_messages=_chosen("Choose one of your portfolios."),
    )
    currency = forms.ChoiceField(
        required=False,
        help_text="Of the price, the total and the fee.",
        error_messages=_chosen("Choose one of the listed currencies."),
    )
    note = forms.CharField(
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "Exchange, reason…"}),
    )
    idempotency_key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    author = forms.CharField(required=False, widget=forms.HiddenInput)  # see `authors`

    def __init__(self, *args: Any, user: User, amending: Transaction | None = None, **kwargs: Any) -> None:
        self.amending = amending
        self.saved: Transaction | None = None  # what the services made of it
        self.doubles: Sequence[Transaction] = ()  # what it perhaps repeats, for its sender to look at
        fresh = {"idempotency_key": uuid4(), "author": author_mark(user)}
        kwargs["initial"] = {**fresh, **stated(amending), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        portfolios = Portfolio.objects.owned_by(user)
        coins = Asset.objects.crypto()
        if amending:  # coins that are no longer offered stay
            kept = [amending.asset_id, amending.to_asset_id, amending.fee_asset_id]
            coins = coins | Asset.objects.filter(pk__in=[pk for pk in kept if pk])
        for name in COINS:
            _offer(self.fields[name], coins, by=_as_shown)
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
        found |= self._fee_in_the_coin_itself(found)
        for coin, name in QUANTITIES:
            asset = found.get(coin)
            if asset and asset.symbol != "BTC" and self._is_in_sats(name):
                self.add_error(name, f"{ONLY_BITCOIN} Enter a number of {asset.symbol}.")
        if not found.get("fee_asset") and "fee_asset" not in self.errors and self._is_in_sats("fee"):
            self.add_error(
                "fee", f"{ONLY_BITCOIN} Enter an amount of money, or the coin the fee was paid in."
            )
        return found

    def _fee_in_the_coin_itself(self, found: dict[str, Any]) -> dict[str, Any]:
        """Where coins move, nothing but coins can pay for it: those that move, unless others are named."""
        is_open = found.get("kind") in IN_COINS and found.get("fee") and not found.get("fee_asset")
        return {"fee_asset": found.get("asset")} if is_open and "fee_asset" not in self.errors else {}

    def _is_in_sats(self, name: str) -> bool:
        return name in self.fields and name not in self.errors and says_sats(str(self[name].data or ""))

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

    @property
    def wrong(self) -> list[forms.BoundField]:
        """The fields in sight that have errors."""
        return [self[name] for name in self.fields if name in self.errors and not self[name].is_hidden]

    def point(self) -> None:
        """Put the cursor where the first thing is wrong; on a new form, where typing begins.

        There a script puts it: a telephone would scroll past the type, and show its keyboard unasked.
        """
        if not self.is_bound:
            self.fields["quantity"].widget.attrs["data-begins"] = True
        elif self.wrong and not isinstance(self.wrong[0].field.widget, forms.RadioSelect):
            self.wrong[0].field.widget.attrs["autofocus"] = True

    def _dress(self) -> None:
        for field in self.fields.values():
            if not isinstance(field.widget, forms.RadioSelect | forms.HiddenInput):
                field.widget.attrs["class"] = "input"
        self.use_required_attribute = False

    def _show(self, stored: Transaction) -> None:
        """A stored transaction stays in its portfolio, and its moment what it was if left as shown."""
        del self.fields["portfolio"], self.fields["idempotency_key"]
        self.fields["occurred_at"].shown = stored.occurred_at


def _as_shown(row: Asset) -> str:
    return str(row).casefold()


def _offer(
    field: forms.ModelChoiceField, rows: QuerySet[Any], by: Callable[[Any], str] | None = None
) -> None:
    """Fields that offer the same rows read them once; `by`: in which order, if not in theirs."""
    empty = [] if field.empty_label is None else [("", field.empty_label)]
    field.queryset = rows
    field.choices = lambda: [*empty, *((row.pk, str(row)) for row in (sorted(rows, key=by) if by else rows))]


def _currencies(portfolios: Iterable[Portfolio], amending: Transaction | None) -> list[tuple[str, str]]:
    listed = [(code, code) for code in settings.CURRENCIES]
    if amending:
        return listed
    own = {each.currency for each in portfolios}
    return [("", f"The portfolio’s, {own.pop()}" if len(own) == 1 else "The portfolio’s"), *listed]
