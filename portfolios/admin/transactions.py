"""Portfolios and transactions in the admin: every write goes through the services; so the books stay true."""

# ruff: noqa: ARG002 (Django's admin hands every method more than it needs)

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction as database
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from portfolios import services
from portfolios.admin import audit, books
from portfolios.drafts import STATEMENTS, Draft, draft_of
from portfolios.forms import AmountFormField, tell
from portfolios.ledger import HoldingWouldBeNegative
from portfolios.models import Kind, Portfolio, Transaction
from portfolios.services import ChangedMeanwhile
from prices.admin import SoundAdmin
from prices.fields import canonical

REFUSALS = (ValidationError, HoldingWouldBeNegative, ChangedMeanwhile)
# What goes with the row that it is about, by its name.
FOLLOWING = {str(model._meta.verbose_name) for model in (*books.DERIVED, *audit.TRAILS)}


class Refusing(SoundAdmin):
    """What the services refuse is told at the top of the page, and nothing is done."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._or_told(request, lambda: super(Refusing, self).changeform_view(request, *args, **kwargs))

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._or_told(request, lambda: super(Refusing, self).delete_view(request, *args, **kwargs))

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Actions run here: all of one is done, its lines in the history with it, or nothing."""
        with_actions = super().changelist_view

        def view() -> HttpResponse:
            with database.atomic():
                return with_actions(request, *args, **kwargs)

        return self._or_told(request, view)

    def _or_told(self, request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
        try:
            return view()
        except REFUSALS as error:
            said = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
            self.message_user(request, said or "Somebody else changed this meanwhile.", messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Derived rows and the audit trail go with what they are about, and ask for no permission."""
        listed, counts, needed, protected = super().get_deleted_objects(objs, request)
        return listed, counts, needed - FOLLOWING, protected


@admin.register(Portfolio)
class PortfolioAdmin(Refusing):
    list_display = ["name", "owner", "currency", "cost_method", "created_at"]
    list_filter = ["currency", "cost_method", ("owner", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["owner"]
    search_fields = ["name", "owner__username"]
    autocomplete_fields = ["owner"]
    fields = ["owner", "name", "currency", "cost_method"]

    def get_readonly_fields(self, request: HttpRequest, obj: Portfolio | None = None) -> list[str]:
        return ["owner", "currency"] if obj else []

    def save_model(self, request: HttpRequest, obj: Portfolio, form: Any, change: bool) -> None:
        if change:
            if "name" in form.changed_data:
                services.rename_portfolio(portfolio=obj, name=obj.name)
            if "cost_method" in form.changed_data:
                services.change_cost_method(portfolio=obj, cost_method=obj.cost_method)
        else:
            stated = {name: getattr(obj, name) for name in self.fields}
            obj.pk = services.create_portfolio(**stated).pk

    def delete_model(self, request: HttpRequest, obj: Portfolio) -> None:
        services.delete_portfolio(portfolio=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Portfolio]) -> None:
        for portfolio in queryset:
            services.delete_portfolio(portfolio=portfolio)


class TransactionAdminForm(forms.ModelForm):
    """States a transaction as the site's own form does, and is tried out before it is called valid."""

    kind = forms.ChoiceField(choices=[(kind, Kind(kind).label) for kind in STATEMENTS])
    quantity = AmountFormField()
    unit_price = AmountFormField(required=False, help_text="Per unit. Empty: the last known market price.")
    total = AmountFormField(required=False, help_text="Instead of a price: paid or received, fee included.")
    cost = AmountFormField(required=False, help_text="Of a deposit.")
    fee = AmountFormField(required=False, help_text="In the currency, or in units of the fee asset.")
    to_quantity = AmountFormField(required=False, help_text="Received in a swap.")
    currency = forms.CharField(required=False, max_length=3, help_text="Empty: the portfolio's.")
    opened_version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    class Meta:
        model = Transaction
        fields = ["portfolio", "kind", "asset", "occurred_at", "quantity"]
        fields += [
            "unit_price",
            "total",
            "cost",
            "fee",
            "fee_asset",
            "to_asset",
            "to_quantity",
            "to_portfolio",
        ]
        fields += ["currency", "note", "external_id"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["opened_version"] = self.instance.version
        if self.instance.price_source:
            self.initial["unit_price"] = None  # the market's, not stated: left empty it stays
            self.fields["unit_price"].help_text = f"Empty: {canonical(self.instance.unit_price)}, as it is."

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if not self.errors:
            self._try_out(found)
        return found

    @property
    def into(self) -> Portfolio:
        return self.instance.portfolio if self.instance.pk else self.cleaned_data["portfolio"]

    @property
    def draft(self) -> Draft:
        return draft_of(self.cleaned_data, self.into)

    def keep(self) -> Transaction:
        """Save through the services. Raises what they raise."""
        now = timezone.now()
        if self.instance.pk:
            seen = self.cleaned_data["opened_version"]
            return services.amend_transaction(
                transaction=self.instance, draft=self.draft, now=now, version=seen
            )
        return services.record_transaction(portfolio=self.into, draft=self.draft, now=now)

    def _try_out(self, found: dict[str, Any]) -> None:
        asset = found["asset"]  # an error at its field takes it out of the cleaned data
        try:
            with database.atomic():
                self.keep()
                database.set_rollback(True)
        except REFUSALS as error:
            tell(self, error)
        asset.refresh_from_db()  # it may have been marked as tracked, which was undone

    def _post_clean(self) -> None:
        """The services check the row; filled into it, the form's values would pass for what was stored."""


class Deleted(admin.SimpleListFilter):
    """Deleted transactions are kept, and shown when asked for."""

    title, parameter_name = "state", "deleted"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Deleted")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Transaction]) -> QuerySet[Transaction]:
        return queryset.filter(deleted_at__isnull=self.value() != "yes")


@admin.register(Transaction)
class TransactionAdmin(Refusing):
    form = TransactionAdminForm
    list_display = ["occurred_at", "kind", "exact_quantity", "asset", "portfolio", "owner", "price_source"]
    list_filter = [
        "kind",
        ("asset", admin.RelatedOnlyFieldListFilter),
        ("portfolio__owner", admin.RelatedOnlyFieldListFilter),
        Deleted,
    ]
    list_select_related = ["asset", "portfolio__owner"]
    search_fields = ["note", "external_id", "portfolio__name", "portfolio__owner__username"]
    autocomplete_fields = ["portfolio", "asset", "fee_asset", "to_asset", "to_portfolio"]
    date_hierarchy = "occurred_at"
    sortable_by = ()
    actions = ["restore_selected"]

    @admin.display(description="quantity")
    def exact_quantity(self, transaction: Transaction) -> str:
        return canonical(transaction.quantity)

    @admin.display(description="owner")
    def owner(self, transaction: Transaction) -> str:
        return str(transaction.portfolio.owner)

    def get_readonly_fields(self, request: HttpRequest, obj: Transaction | None = None) -> list[str]:
        return ["portfolio"] if obj else []

    def has_change_permission(self, request: HttpRequest, obj: Transaction | None = None) -> bool:
        """A deleted transaction can be looked at and restored, not changed."""
        return super().has_change_permission(request, obj) and (obj is None or obj.deleted_at is None)

    def save_model(self, request: HttpRequest, obj: Transaction, form: Any, change: bool) -> None:
        vars(obj).update(vars(form.keep()))

    def delete_model(self, request: HttpRequest, obj: Transaction) -> None:
        services.delete_transaction(transaction=obj, now=timezone.now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Transaction]) -> None:
        """Disposals first: then no holding is lower on the way than it is in the end."""
        now = timezone.now()
        for row in sorted(queryset, key=lambda row: row.is_acquisition):
            services.delete_transaction(transaction=row, now=now)

    @admin.action(permissions=["change"], description="Restore selected transactions")
    def restore_selected(self, request: HttpRequest, queryset: QuerySet[Transaction]) -> None:
        now = timezone.now()
        for row in sorted(queryset, key=lambda row: not row.is_acquisition):
            services.restore_transaction(transaction=row, now=now)
