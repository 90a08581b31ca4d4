"""The administrator's door to assets, and to what the worker writes, to read."""

# ruff: noqa: ARG002 (Django's admin hands every method more than it needs)

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django_q import admin as django_q_admin
from django_q.models import Failure, OrmQ, Schedule, Success

from prices import services
from prices.admin.base import ReadOnlyAdmin, SoundAdmin
from prices.forms import ProviderIdsFormField
from prices.models import Asset, Backfill, PriceChange, RefusedPrice, SourceState
from prices.services import CoinRefusedError
from prices.sources import SOURCES


class AssetForm(forms.ModelForm):
    """Provider ids are a dictionary of texts by the name of a price source."""

    provider_ids = ProviderIdsFormField(
        required=False,
        widget=forms.Textarea,
        help_text=Asset._meta.get_field("provider_ids").help_text,
    )

    new_symbol = forms.CharField(
        required=False,
        max_length=20,
        help_text="Gives it another symbol. Its history stays, and the old symbol still finds it.",
    )

    class Meta:
        model = Asset
        fields = ["symbol", "new_symbol", "name", "kind", "provider_ids", "is_tracked", "delisted_on"]

    def clean_symbol(self) -> str:
        return self._symbol("symbol")

    def clean_new_symbol(self) -> str:
        if not self.cleaned_data["new_symbol"]:
            return ""
        if self.instance.kind == Asset.Kind.FIAT:
            raise ValidationError("A currency keeps its code.")
        return self._symbol("new_symbol")

    def _symbol(self, field: str) -> str:
        try:
            return services.checked_symbol(self.cleaned_data[field], but=self.instance)
        except CoinRefusedError as error:
            raise ValidationError(str(error)) from None

    def clean_delisted_on(self) -> date | None:
        on: date | None = self.cleaned_data["delisted_on"]
        if on and on > timezone.now().date():
            raise ValidationError("That day is still to come.")
        return on

    def clean_provider_ids(self) -> dict[str, str]:
        ids: dict[str, str] = self.cleaned_data["provider_ids"] or {}
        if strange := sorted(set(ids) - set(SOURCES)):
            raise ValidationError(
                f"No such price source: {', '.join(strange)}. There are {', '.join(SOURCES)}."
            )
        for source, name in ids.items():
            others = Asset.objects.named_at(source, name).exclude(pk=self.instance.pk) if name else []
            for other in others:
                raise ValidationError(f"{name} at {source} is another asset: {other}.")
        return ids


@admin.register(Asset)
class AssetAdmin(SoundAdmin):
    form = AssetForm
    list_display = ["symbol", "name", "kind", "is_tracked", "delisted_on", "former_symbols"]
    list_editable = ["is_tracked"]
    list_filter = ["kind", "is_tracked"]
    search_fields = ["symbol", "name", "former_symbols", "provider_ids"]

    def get_readonly_fields(self, request: HttpRequest, obj: Asset | None = None) -> list[str]:
        """What was booked and fetched for an asset would lose its meaning if it became another one."""
        return ["symbol", "kind", "former_symbols"] if obj else ["former_symbols"]

    def get_fields(self, request: HttpRequest, obj: Asset | None = None) -> list[str]:
        told = ["former_symbols", "new_symbol"] if obj else []
        return ["symbol", *told, "name", "kind", "provider_ids", "is_tracked", "delisted_on"]

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
        if not change:
            super().save_model(request, obj, form, change)
            return
        obj.save(update_fields=[field for field in form.changed_data if field != "new_symbol"])
        if form.cleaned_data.get("new_symbol"):
            services.rename_coin(asset=obj, symbol=form.cleaned_data["new_symbol"])


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


@admin.register(SourceState)
class SourceStateAdmin(ReadOnlyAdmin):
    """How the price sources stand. Whoever has mended something need not wait until a pause is over."""

    list_display = ["source", "cause", "until", "failures", "reason", "answered_at", "failed_at"]
    actions = ["ask_again"]

    def has_ask_again_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("prices.change_sourcestate")

    @admin.action(description="Ask the selected sources again at once", permissions=["ask_again"])
    def ask_again(self, request: HttpRequest, queryset: QuerySet[SourceState]) -> None:
        count = services.ask_again(sources=list(queryset.values_list("source", flat=True)))
        self.message_user(request, f"Sources that are asked again: {count}.", messages.SUCCESS)


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
