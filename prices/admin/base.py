"""What every app's administration stands on: forms that take anything typed, lists that are only read."""

# ruff: noqa: ARG002 (Django's admin hands every method more than it needs)

import re
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.widgets import AutocompleteSelect
from django.db import models
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from prices.forms import InstantFormField

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


class ReadOnlyAdmin(admin.ModelAdmin):
    """What the worker writes, to look at. No actions: nothing can be changed, resubmitted or removed."""

    actions: Any = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
