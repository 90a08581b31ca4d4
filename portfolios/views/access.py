"""Whose row it is: an address names a portfolio or a transaction, and only its owner finds it."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404

from portfolios.models import Portfolio, Transaction

View = Callable[..., HttpResponse]


def about_portfolio(*methods: str) -> Callable[[View], View]:
    """Hand the view the user's portfolio of that number."""
    return _about(lambda request: Portfolio.objects.owned_by(request.user), methods)


def about_transaction(*methods: str, deleted: bool = False) -> Callable[[View], View]:
    """Hand the view the user's transaction of that number; those deleted are found only where asked for."""
    return _about(lambda request: _transactions(request, deleted), methods)


def _transactions(request: HttpRequest, deleted: bool) -> object:
    rows = Transaction.objects.owned_by(request.user).select_related("asset", "portfolio", "booking")
    return rows if deleted else rows.kept()


def _about(rows: Callable[[HttpRequest], object], methods: tuple[str, ...]) -> Callable[[View], View]:
    """404 comes before 405: a stranger does not learn which numbers are taken."""
    allowed = (*methods, "HEAD") if "GET" in methods else methods

    def decorate(view: View) -> View:
        @wraps(view)
        def door(request: HttpRequest, pk: int) -> HttpResponse:
            row = get_object_or_404(rows(request), pk=pk)
            return view(request, row) if request.method in allowed else HttpResponseNotAllowed(allowed)

        return door

    return decorate
