"""Transactions as a file: the filtered set of the list, in the words that the API takes them in again."""

from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_safe

from portfolios.views.csv_files import csv_file
from portfolios.views.transactions import asked_for

# A price that the market filled in names where it came from; what the user stated does not.
COLUMNS = {
    "id": "pk",
    "portfolio": "portfolio__name",
    "kind": "kind",
    "asset": "asset__symbol",
    "quantity": "quantity",
    "occurred_at": "occurred_at",
    "unit_price": "unit_price",
    "total": "total",
    "currency": "currency",
    "fee": "fee",
    "fee_asset": "fee_asset__symbol",
    "to_asset": "to_asset__symbol",
    "to_quantity": "to_quantity",
    "to_portfolio": "to_portfolio__name",
    "cost": "cost",
    "note": "note",
    "external_id": "external_id",
    "price_source": "price_source",
    "price_at": "price_at",
    "price_grade": "price_grade",
}
CHUNK = 1_000  # rows read at a time


@require_safe
def transaction_export(request: HttpRequest) -> StreamingHttpResponse:
    """In booking order, so that what shares an instant can be entered again as it was."""
    _, rows = asked_for(request)
    found = rows.in_booking_order().values_list(*COLUMNS.values()).iterator(chunk_size=CHUNK)
    return csv_file("transactions.csv", tuple(COLUMNS), found)
