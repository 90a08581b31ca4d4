"""What the books derive from transactions, in the admin: to look at, never to change."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.contrib import admin

from portfolios.models import Booking, DailyPosition, Disposal, Holding, Lot
from prices.admin import ReadOnlyAdmin
from prices.fields import canonical

DERIVED = (Holding, DailyPosition, Booking, Lot, Disposal)
FIGURES = ["quantity", "cost_basis", "realised", "income", "fees", "money_in", "money_out"]


def exactly(name: str) -> Callable[[Any], str]:
    """A column that shows an amount to its last digit."""

    @admin.display(description=name.replace("_", " "))
    def column(row: Any) -> str:
        value: Decimal | None = getattr(row, name)
        return "—" if value is None else canonical(value)

    return column


@admin.register(Holding)
class HoldingAdmin(ReadOnlyAdmin):
    list_display = ["asset", "portfolio", *map(exactly, FIGURES)]
    list_filter = [("asset", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["asset", "portfolio"]
    search_fields = ["portfolio__name", "portfolio__owner__username", "asset__symbol"]


@admin.register(Booking)
class BookingAdmin(ReadOnlyAdmin):
    list_display = [
        "transaction",
        "leg",
        "asset",
        "portfolio",
        *map(exactly, ["cost", "proceeds", "gain", "quantity", "cost_basis"]),
    ]
    list_filter = [("asset", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["transaction", "asset", "portfolio"]
    search_fields = ["portfolio__name", "portfolio__owner__username", "asset__symbol"]
    ordering = ["-occurred_at"]


@admin.register(DailyPosition)
class DailyPositionAdmin(ReadOnlyAdmin):
    list_display = ["day", "asset", "portfolio", *map(exactly, FIGURES)]
    list_filter = [("asset", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["asset", "portfolio"]
    search_fields = ["portfolio__name", "portfolio__owner__username", "asset__symbol"]
    ordering = ["-day", "-pk"]


@admin.register(Lot)
class LotAdmin(ReadOnlyAdmin):
    list_display = [
        "acquired_at",
        "number",
        "asset",
        "portfolio",
        *map(exactly, ["quantity", "cost", "open_quantity", "open_cost"]),
    ]
    list_filter = [("asset", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["asset", "portfolio"]
    search_fields = ["portfolio__name", "portfolio__owner__username", "asset__symbol"]
    ordering = ["-arrived_at", "-pk"]


@admin.register(Disposal)
class DisposalAdmin(ReadOnlyAdmin):
    list_display = [
        "disposed_at",
        "transaction",
        "lot",
        "asset",
        "portfolio",
        *map(exactly, ["quantity", "cost", "proceeds", "gain"]),
    ]
    list_filter = [("asset", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["transaction", "asset", "portfolio"]
    search_fields = ["portfolio__name", "portfolio__owner__username", "asset__symbol"]
    ordering = ["-disposed_at", "-pk"]
