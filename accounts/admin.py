"""Users in the admin: Django's own pages with the fields of display, stored through the services.

What lets them in is listed to look at: no row holds a secret, and neither numbers nor digests are shown.
"""

import re
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth import get_permission_codename
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from accounts import services
from accounts.forms import AdminLoginForm
from accounts.models import ApiToken, SignIn, TokenFamily, User

LETS_IN = (SignIn, TokenFamily, ApiToken)  # what belongs to a user without being anybody's work
KEY = re.compile(r"[0-9]{1,18}")  # no longer than a database's whole number

admin.site.login_form = AdminLoginForm


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    list_display = ["username", "email", "currency", "timezone", "is_staff", "is_demo", "date_joined"]
    fieldsets = [
        *DjangoUserAdmin.fieldsets,
        ("Display", {"fields": ["currency", "unit", "timezone", "theme", "is_demo"]}),
    ]

    readonly_fields = ["last_login", "date_joined"]  # facts, not choices

    def response_action(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        """Rows are chosen by keys: what is none chooses nothing, and never reaches the database."""
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        sound = request.POST.copy()
        sound.setlist(ACTION_CHECKBOX_NAME, [key for key in chosen if KEY.fullmatch(key)])
        request.POST = sound  # type: ignore[assignment]
        return super().response_action(request, queryset)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: ARG002
        services.keep_user(user=obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What is shown read-only goes with its owner, if this person has Django's own right to delete it."""
        listed, counts, needed, protected = super().get_deleted_objects(objs, request)
        allowed = _deletable(request, self.admin_site) | {str(model._meta.verbose_name) for model in LETS_IN}
        return listed, counts, needed - allowed, protected


def _deletable(request: HttpRequest, site: admin.AdminSite) -> set[str]:
    """Names of the models that the signed-in person may delete, whatever their pages offer."""
    return {
        str(model._meta.verbose_name)
        for model in site._registry
        if request.user.has_perm(f"{model._meta.app_label}.{get_permission_codename('delete', model._meta)}")
    }


class ReadOnlyAdmin(admin.ModelAdmin):
    """To look at. No actions: the user ends what is theirs, and disabling the user ends everything."""

    actions: Any = None
    list_select_related = ["owner"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        return self.list_display  # the rest is for the machine alone

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


@admin.register(SignIn)
class SignInAdmin(ReadOnlyAdmin):
    list_display = ["owner", "device", "created_at", "last_seen_at"]


@admin.register(TokenFamily)
class TokenFamilyAdmin(ReadOnlyAdmin):
    list_display = ["owner", "device", "created_at", "last_used_at", "expires_at"]


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    list_display = ["owner", "name", "prefix", "may_write", "created_at", "last_used_at", "expires_at"]
