"""Users in the admin: Django's own pages with the fields of display, stored through the services."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.http import HttpRequest

from accounts import services
from accounts.models import User


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    list_display = ["username", "email", "currency", "timezone", "is_staff", "is_demo", "date_joined"]
    fieldsets = [
        *DjangoUserAdmin.fieldsets,
        ("Display", {"fields": ["currency", "unit", "timezone", "theme", "is_demo"]}),
    ]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: ARG002
        services.keep_user(user=obj)
