"""The audit trail in the admin: who changed what and when, by name, to look at and never to change."""

# ruff: noqa: ARG002 (Django's admin hands every method more than it needs)

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest

from accounts.models import User
from portfolios.admin.books import exactly
from portfolios.models import Act, Portfolio, Transaction
from prices.admin import ReadOnlyAdmin

TransactionChange, PortfolioChange = Transaction.history.model, Portfolio.history.model
TRAILS = (TransactionChange, PortfolioChange)
NAMED = User.objects.filter(pk=OuterRef("history_user_id")).values("username")


class ByAct(admin.SimpleListFilter):
    """What was done; to delete a transaction is to change it, so the type of a line doesn't tell."""

    title = parameter_name = "act"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(Act.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(history_change_reason=self.value()) if self.value() else queryset


class TrailAdmin(ReadOnlyAdmin):
    """Lines of the audit trail, newest first."""

    ordering = ["-history_id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(username=Subquery(NAMED))

    @admin.display(description="who")
    def who(self, line: Any) -> str:
        if line.history_user_id is None:
            return "the system"
        return line.username or f"user {line.history_user_id}, deleted since"

    @admin.display(description="act")
    def act(self, line: Any) -> str:
        return line.history_change_reason or line.get_history_type_display().lower()


@admin.register(TransactionChange)
class TransactionChangeAdmin(TrailAdmin):
    list_display = ["history_date", "act", "who", "id", "kind", exactly("quantity"), "asset", "portfolio"]
    list_filter = [ByAct]
    list_select_related = ["asset", "portfolio"]
    search_fields = ["=id", "portfolio__name", "portfolio__owner__username"]
    readonly_fields = ["who"]


@admin.register(PortfolioChange)
class PortfolioChangeAdmin(TrailAdmin):
    list_display = ["history_date", "act", "who", "id", "name", "currency", "cost_method", "owner"]
    list_filter = ["history_type"]
    list_select_related = ["owner"]
    search_fields = ["=id", "name", "owner__username"]
    readonly_fields = ["who"]
