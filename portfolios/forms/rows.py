"""The transaction form in one row of a table: what can be changed there, and what goes along unseen."""

from typing import Any

from django import forms

from portfolios.drafts import IN_COINS, LABELS, STATEMENTS, amount_of
from portfolios.forms.transactions import TransactionForm
from portfolios.models import Kind, Transaction
from prices.models import Asset

HIDDEN_IN_ROW = {"kind", "asset", "currency", "note", "fee_asset", "to_asset", "to_portfolio"}


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
        if "fee" in self.fields and (coin := self._fee_coin()):
            self.fields["fee"].label = f"Fee in {coin.symbol}"
        self._fit()

    def _fee_coin(self) -> Asset | None:
        """The coin that a fee typed here is in; None for money. It can't be chosen in a row."""
        row = self.amending
        return row.fee_asset or (row.asset if row.kind in IN_COINS else None)

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
