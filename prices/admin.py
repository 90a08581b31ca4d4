"""The administrator's door to prices: assets and snapshots through the gate; what the worker does, to read.

Nothing here selects a whole table: lists are paged by primary key and choices are looked up.
"""

# ruff: noqa: ARG002 (Django's admin hands every method more than it needs)

import re
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django_q import admin as django_q_admin
from django_q.models import Failure, OrmQ, Schedule, Success

from prices import services
from prices.fields import canonical
from prices.forms import InstantFormField, PriceFormField, ProviderIdsFormField
from prices.models import Asset, Backfill, PriceSnapshot, SourcePause
from prices.services import PriceRefusedError
from prices.sources import SOURCES

SYMBOL = re.compile(r"[A-Za-z0-9$][A-Za-z0-9.$_-]*")
KEY = re.compile(r"[0-9]{1,18}")  # no longer than a database's whole number


class SoundAdmin(admin.ModelAdmin):
    """Takes times that exist and keys that can be ones: what a browser can't send, but anybody can."""

    formfield_overrides = {models.DateTimeField: {"form_class": InstantFormField}}

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", SoundAutocomplete(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        sound = request.POST.copy()
        sound.setlist(ACTION_CHECKBOX_NAME, [key for key in chosen if KEY.fullmatch(key)])
        request.POST = sound  # type: ignore[assignment]
        return super().response_action(request, queryset)


class SoundAutocomplete(AutocompleteSelect):
    def optgroups(self, name: str, value: list[str], attr: Any = None) -> Any:
        """What is no key chooses nothing; the database would fail over it."""
        return super().optgroups(name, [key for key in value if KEY.fullmatch(str(key))], attr)


class AssetForm(forms.ModelForm):
    """Provider ids are a dictionary of texts by the name of a price source."""

    provider_ids = ProviderIdsFormField(
        required=False,
        widget=forms.Textarea,
        help_text=Asset._meta.get_field("provider_ids").help_text,
    )

    class Meta:
        model = Asset
        fields = ["symbol", "name", "kind", "provider_ids", "is_tracked"]

    def clean_symbol(self) -> str:
        """It stands in addresses, so it keeps to what stands there as it is."""
        symbol = str(self.cleaned_data["symbol"])
        if not SYMBOL.fullmatch(symbol):
            raise ValidationError("Use letters, digits and . - _ $ alone, and a letter, digit or $ to begin.")
        return symbol.upper()

    def clean_provider_ids(self) -> dict[str, str]:
        ids: dict[str, str] = self.cleaned_data["provider_ids"] or {}
        if strange := sorted(set(ids) - set(SOURCES)):
            raise ValidationError(
                f"No such price source: {', '.join(strange)}. There are {', '.join(SOURCES)}."
            )
        return ids


@admin.register(Asset)
class AssetAdmin(SoundAdmin):
    form = AssetForm
    list_display = ["symbol", "name", "kind", "is_tracked"]
    list_editable = ["is_tracked"]
    list_filter = ["kind", "is_tracked"]
    search_fields = ["symbol", "name"]

    def get_readonly_fields(self, request: HttpRequest, obj: Asset | None = None) -> list[str]:
        """What was booked and fetched for an asset would lose its meaning if it became another one."""
        return ["symbol", "kind"] if obj else []

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """An asset with prices stays. Spans of history go along, and ask for no permission of their own."""
        priced = [f"The prices of {each}" for each in objs if each.snapshots.exists()]
        if priced:
            return [], {}, set(), priced
        listed, counts, needed, protected = super().get_deleted_objects(objs, request)
        return listed, counts, needed - {Backfill._meta.verbose_name}, protected


class SnapshotForm(forms.ModelForm):
    """The gate's refusals appear as errors of the form; a person may vouch for a jump."""

    price = PriceFormField(help_text=PriceSnapshot._meta.get_field("price").help_text)
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
class PriceSnapshotAdmin(SoundAdmin):
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
    list_display = [
        "asset",
        "resolution",
        "since",
        "until",
        "progress",
        "state",
        "attempts",
        "retry_at",
        "error",
    ]
    list_filter = ["state", "resolution"]
    list_select_related = ["asset"]
    search_fields = ["asset__symbol"]

    @admin.display(description="asked for")
    def progress(self, row: Backfill) -> str:
        return f"{row.asked:,} of {row.closes:,}"


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
