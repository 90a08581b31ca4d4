"""What a user types into the form of a transaction, and where."""

from django.urls import reverse

from portfolios.models import Portfolio, Transaction
from tests.factories import AssetFactory


def form(into: Portfolio, **others: object) -> dict[str, object]:
    plain = {"kind": "buy", "portfolio": into.pk, "asset": AssetFactory().pk, "quantity": "0.5"}
    return plain | {"occurred_at": "2024-06-01T10:30", "unit_price": "150"} | others


def address(name: str, transaction: Transaction) -> str:
    return reverse(f"transaction-{name}", args=[transaction.pk])
