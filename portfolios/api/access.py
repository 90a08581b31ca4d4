"""Whose row it is: an address names it, and only its owner finds it, before anything else is looked at."""

from typing import Annotated, Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from pydantic import PlainValidator, WithJsonSchema
from pydantic_core.core_schema import ValidationInfo

from portfolios.models import Portfolio, Transaction

NAMED = ("asset", "portfolio", "to_asset", "to_portfolio", "fee_asset")
NUMBER = WithJsonSchema({"type": "integer", "minimum": 1})


def own_portfolio(request: HttpRequest, pk: int) -> Portfolio:
    """Raises Http404."""
    return get_object_or_404(Portfolio.objects.owned_by(request.user), pk=pk)


def _portfolio(pk: Any, info: ValidationInfo) -> Portfolio:
    assert info.context is not None, "ninja hands every value its request"
    return own_portfolio(info.context["request"], pk)


def _transaction(pk: Any, info: ValidationInfo) -> Transaction:
    """One that counts, of the address's portfolio or into it."""
    rows = Transaction.objects.kept().touching(info.data["portfolio"])
    return get_object_or_404(rows.select_related(*NAMED), pk=pk)


# What `{int:portfolio}` and, behind it, `{int:transaction}` in an address stand for. Both raise Http404.
OwnPortfolio = Annotated[Portfolio, PlainValidator(_portfolio), NUMBER]
OwnTransaction = Annotated[Transaction, PlainValidator(_transaction), NUMBER]
