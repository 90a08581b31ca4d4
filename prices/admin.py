"""The administrator's door to prices: assets and snapshots through the gate; what the worker does, to read.

Nothing here selects a whole table: lists are paged by primary key and choices are looked up.
"""

# ruff: noqa: ARG002 (Django's admin hands every method more than it needs)

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django_q import admin as django_q_admin
from django_q.models import Failure, OrmQ, Schedule, Success

from prices import services
from prices.fields import canonical
from prices.models import Asset, Backfill, PriceSnapshot, SourcePause
from prices.services import PriceRefusedError
from prices.sources import SOURCES


class AssetForm(forms.ModelForm):
    """Provider ids are a dictionary of texts by the name of a price source."""

    class Meta:
        model = Asset
        fields = ["symbol", "name", "kind", "provider_ids", "is_tracked"]

    def clean_symbol(self) -> str:
        return str(self.cleaned_data["symbol"]).upper()

    def clean_provider_ids(self) -> dict[str, str]:
        ids = self.cleaned_data["provider_ids"] or {}
        if not isinstance(ids, dict) or not all(isinstance(name, str) for name in ids.values()):
            raise ValidationError('Enter the ids as {"coingecko": "bitcoin"}.')
        if strange := sorted(set(ids) - set(SOURCES)):
            raise ValidationError(
                f"No such price source: {', '.join(strange)}. There are {', '.join(SOURCES)}."
            )
        return ids


@admin.register(Asset)
class AssetAdmin(admin.ModelAdmin):
    form = AssetForm
    list_display = ["symbol", "name", "kind", "is_tracked"]
    list_editable = ["is_tracked"]
    list_filter = ["kind", "is_tracked"]
    search_fields = ["symbol", "name"]


class SnapshotForm(forms.ModelForm):
    """The gate's refusals appear as errors of the form; a person may vouch for a jump."""

    checked = forms.BooleanField(
        required=False,
        label="I have checked this price",
        help_text="Lets a price in that lies more than five times off its neighbours.",
    )

    class Meta:
        model = PriceSnapshot
        fields = ["asset", "at", "price"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        asset, at = data.get("asset") or self.instance.asset_id, data.get("at") or self.instance.at
        if asset and at and data.get("price") is not None:
            self._ask_the_gate(data.get("asset") or self.instance.asset, at, data)
        return data

    def _ask_the_gate(self, asset: Asset, at: datetime, data: dict[str, Any]) -> None:
        try:
            services.check_price(
                asset=asset,
                at=at,
                price=data["price"],
                now=timezone.now(),
                checked=data.get("checked", False),
            )
        except PriceRefusedError as error:
            self.add_error("price", str(error))


@admin.register(PriceSnapshot)
class PriceSnapshotAdmin(admin.ModelAdmin):
    form = SnapshotForm
    list_display = ["asset", "at", "exact_price", "source"]
    list_filter = ["asset", "source"]
    list_select_related = ["asset"]
    date_hierarchy = "at"
    ordering = ["-pk"]
    sortable_by = ()
    show_full_result_count = False
    autocomplete_fields = ["asset"]

    @admin.display(description="price in US dollars")
    def exact_price(self, snapshot: PriceSnapshot) -> str:
        return canonical(snapshot.price)

    def get_readonly_fields(self, request: HttpRequest, obj: PriceSnapshot | None = None) -> list[str]:
        return ["asset", "at", "source"] if obj else []

    def save_model(self, request: HttpRequest, obj: PriceSnapshot, form: SnapshotForm, change: bool) -> None:
        said = {"price": obj.price, "now": timezone.now(), "checked": form.cleaned_data["checked"]}
        if not change:
            obj.pk = services.add_snapshot(asset=obj.asset, at=obj.at, **said).pk
        elif "price" in form.changed_data:
            services.correct_snapshot(snapshot=obj, **said)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What was sound when the form was checked may not be any more when it is stored."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except PriceRefusedError as error:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def construct_change_message(
        self, request: HttpRequest, form: SnapshotForm, formsets: list[Any], add: bool = False
    ) -> list[dict[str, Any]]:
        """The history names the price before and after, not only the field."""
        if add or "price" not in form.changed_data:
            return super().construct_change_message(request, form, formsets, add)
        before, after = canonical(form.initial["price"]), canonical(form.cleaned_data["price"])
        return [{"changed": {"fields": [f"price from {before} to {after}"]}}]

    def delete_model(self, request: HttpRequest, obj: PriceSnapshot) -> None:
        services.delete_snapshots(snapshots=PriceSnapshot.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[PriceSnapshot]) -> None:
        services.delete_snapshots(snapshots=queryset)


class ReadOnlyAdmin(admin.ModelAdmin):
    """What the worker writes, to look at. No actions: nothing can be changed, resubmitted or removed."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Backfill)
class BackfillAdmin(ReadOnlyAdmin):
    list_display = ["asset", "since", "until", "cursor", "state", "attempts", "retry_at", "error"]
    list_filter = ["state"]
    list_select_related = ["asset"]
    search_fields = ["asset__symbol"]


@admin.register(SourcePause)
class SourcePauseAdmin(ReadOnlyAdmin):
    list_display = ["source", "until", "reason"]


class ReadOnlyScheduleAdmin(ReadOnlyAdmin, django_q_admin.ScheduleAdmin):
    """Schedules come from settings.SCHEDULES: one mistyped by hand would stop all of them."""


class ReadOnlySuccessAdmin(ReadOnlyAdmin, django_q_admin.TaskAdmin):
    """Tasks that ended well."""


class ReadOnlyFailureAdmin(ReadOnlyAdmin, django_q_admin.FailAdmin):
    """Tasks that failed."""


class ReadOnlyQueueAdmin(ReadOnlyAdmin, django_q_admin.QueueAdmin):
    """Tasks that wait."""


# Importing django_q's admin has registered its own; a queue in Redis has none to show.
for model, read_only in (
    (Schedule, ReadOnlyScheduleAdmin),
    (Success, ReadOnlySuccessAdmin),
    (Failure, ReadOnlyFailureAdmin),
    (OrmQ, ReadOnlyQueueAdmin),
):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
        admin.site.register(model, read_only)
