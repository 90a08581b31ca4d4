"""Whose row it is: an address names it, and only its owner finds it."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from portfolios.models import Portfolio, Transaction

NAMED = ("asset", "portfolio", "to_asset", "to_portfolio", "fee_asset")


def own_portfolio(request: HttpRequest, pk: int) -> Portfolio:
    """Raises Http404."""
    return get_object_or_404(Portfolio.objects.owned_by(request.user), pk=pk)


def own_transaction(request: HttpRequest, portfolio: int, pk: int) -> Transaction:
    """One that counts, of a portfolio or into it. Raises Http404."""
    rows = Transaction.objects.kept().touching(own_portfolio(request, portfolio))
    return get_object_or_404(rows.select_related(*NAMED), pk=pk)
