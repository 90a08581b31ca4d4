"""The administrator's door to the gate: setting and removing prices, and deciding about what was refused.

Stored prices have no list of their own here, they are too many: an asset's page shows them, and this shows
every one that a person or a better source has changed.
"""

# ruff: noqa: ARG002 (Django's admin hands every method more than it needs)

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from prices import services
from prices.admin.base import SoundAdmin
from prices.fields import canonical
from prices.forms import PriceFormField
from prices.models import PriceChange, PriceSnapshot, RefusedPrice
from prices.services import PriceRefusedError


class PriceChangeForm(forms.ModelForm):
    """The gate's refusals appear as errors of the form; a person may vouch for a jump."""

    after = PriceFormField(
        label="Price", required=False, help_text="US dollars per unit. Empty removes the stored price."
    )
    why = forms.CharField(label="Reason", max_length=300, required=False)
    checked = forms.BooleanField(
        required=False,
        label="I have checked this price",
        help_text="Lets a price in that lies more than five times off its neighbours.",
    )

    class Meta:
        model = PriceChange
        fields = ["asset", "at", "after", "why"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("asset") and data.get("at") and "after" in data:
            self._ask_the_gate(data)
        return data

    def _ask_the_gate(self, data: dict[str, Any]) -> None:
        asset, at, price, checked = (data[name] for name in ("asset", "at", "after", "checked"))
        stored = PriceSnapshot.objects.filter(asset=asset, at=at)
        if price is None and not stored.exists():
            self.add_error("after", "Enter a price: none is stored for this instant.")
        elif price is not None and stored.filter(price=price, source="manual").exists():
            self.add_error("after", "That is the stored price already.")
        elif price is not None:
            try:
                services.check_price(asset=asset, at=at, price=price, now=timezone.now(), checked=checked)
            except PriceRefusedError as error:
                self.add_error("after", str(error))


@admin.register(PriceChange)
class PriceChangeAdmin(SoundAdmin):
    """To set or remove a price is to add its change; what has been changed stays as it is written."""

    form = PriceChangeForm
    list_display = ["asset", "at", "price_before", "price_after", "source", "who", "why", "changed_at"]
    list_filter = [("asset", admin.RelatedOnlyFieldListFilter), ("by", admin.EmptyFieldListFilter)]
    list_select_related = ["asset"]
    date_hierarchy = "at"
    ordering = ["-pk"]
    sortable_by = ()
    show_full_result_count = False
    autocomplete_fields = ["asset"]
    actions = None

    @admin.display(description="before")
    def price_before(self, change: PriceChange) -> str:
        return "—" if change.before is None else canonical(change.before)

    @admin.display(description="after")
    def price_after(self, change: PriceChange) -> str:
        return "—" if change.after is None else canonical(change.after)

    @admin.display(description="by")
    def who(self, change: PriceChange) -> str:
        return change.by or "the gate"

    def has_change_permission(self, request: HttpRequest, obj: PriceChange | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PriceChange | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: PriceChange, form: PriceChangeForm, change: bool) -> None:
        said = {"now": timezone.now(), "by": request.user.get_username(), "why": obj.why}
        if obj.after is None:
            services.delete_snapshots(
                snapshots=PriceSnapshot.objects.filter(asset=obj.asset, at=obj.at), **said
            )
        else:
            checked = form.cleaned_data["checked"]
            services.set_price(asset=obj.asset, at=obj.at, price=obj.after, checked=checked, **said)
        written = PriceChange.objects.filter(asset=obj.asset, at=obj.at).first()
        if written is None:  # somebody else has just stored or removed it
            raise PriceRefusedError("There is nothing to change any more.")
        obj.__dict__.update(written.__dict__)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What was sound when the form was checked may not be any more when it is stored."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except PriceRefusedError as error:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


@admin.register(RefusedPrice)
class RefusedPriceAdmin(SoundAdmin):
    """The quarantine: looked through, accepted or rejected; what waits is shown first."""

    list_display = ["asset", "said_at", "value", "source", "reason", "place", "offered_at", "decision"]
    list_filter = ["state", "is_jump", "source"]
    list_select_related = ["asset"]
    search_fields = ["asset__symbol"]
    ordering = ["-pk"]
    sortable_by = ()
    show_full_result_count = False
    actions = ["accept", "reject"]

    @admin.display(description="state")
    def decision(self, row: RefusedPrice) -> str:
        return f"{row.get_state_display()} ({row.decided_by})" if row.decided_by else row.get_state_display()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: RefusedPrice | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: RefusedPrice | None = None) -> bool:
        return False

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("prices.change_refusedprice")

    @admin.action(description="Accept the chosen as prices that I have checked", permissions=["decide"])
    def accept(self, request: HttpRequest, queryset: QuerySet[RefusedPrice]) -> None:
        by, accepted = request.user.get_username(), 0
        for row in queryset.select_related("asset").order_by("pk"):
            try:
                services.accept_refused(row=row, now=timezone.now(), by=by)
            except PriceRefusedError as error:
                self.message_user(request, f"{row}: {error}", messages.ERROR)
            else:
                self.log_change(request, row, "Accepted.")
                accepted += 1
        if accepted:
            self.message_user(request, f"Accepted: {accepted}.", messages.SUCCESS)

    @admin.action(description="Reject the chosen", permissions=["decide"])
    def reject(self, request: HttpRequest, queryset: QuerySet[RefusedPrice]) -> None:
        waiting = list(queryset.waiting().select_related("asset"))
        try:
            rejected = services.reject_refused(
                rows=waiting, now=timezone.now(), by=request.user.get_username()
            )
        except PriceRefusedError as error:
            self.message_user(request, str(error), messages.ERROR)
            return
        for row in waiting:
            self.log_change(request, row, "Rejected.")
        self.message_user(request, f"Rejected: {rejected}.", messages.SUCCESS)
