"""The administrator's door to assets, and to what the worker writes, to read."""

# ruff: noqa: ARG002 (Django's admin hands every method more than it needs)

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django_q import admin as django_q_admin
from django_q.models import Failure, OrmQ, Schedule, Success

from prices.admin.base import ReadOnlyAdmin, SoundAdmin
from prices.forms import ProviderIdsFormField
from prices.models import SYMBOL, Asset, Backfill, PriceChange, RefusedPrice, SourcePause
from prices.sources import SOURCES


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
        """An asset with prices stays. What is kept about it goes along, and asks for no permission itself."""
        priced = [f"The prices of {each}" for each in objs if each.snapshots.exists()]
        if priced:
            return [], {}, set(), priced
        listed, counts, needed, protected = super().get_deleted_objects(objs, request)
        of_its_own = {model._meta.verbose_name for model in (Backfill, PriceChange, RefusedPrice)}
        return listed, counts, needed - of_its_own, protected

    def save_model(self, request: HttpRequest, obj: Asset, form: Any, change: bool) -> None:
        """Only what was typed: a worker may have raised the version of its history meanwhile."""
        if change:
            obj.save(update_fields=form.changed_data)
        else:
            super().save_model(request, obj, form, change)


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
