"""Whose row it is: an address names a portfolio or a transaction, and only its owner finds it."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404

from portfolios.context import desk
from portfolios.models import Portfolio, Transaction

View = Callable[..., HttpResponse]
NAMED = ("asset", "portfolio", "to_asset", "to_portfolio", "fee_asset")


def about_portfolio(*methods: str) -> Callable[[View], View]:
    """Hand the view the user's portfolio of that number."""
    return _about(_own_portfolio, methods)


def about_transaction(*methods: str, deleted: bool = False) -> Callable[[View], View]:
    """Hand the view the user's transaction of that number; those deleted are found only where asked for."""
    return _about(lambda request, pk: _own_transaction(request, pk, deleted), methods)


def _own_portfolio(request: HttpRequest, pk: int) -> Portfolio:
    """From the list that the sidebar shows anyway."""
    found = next((each for each in desk(request).portfolios if each.pk == pk), None)
    if found is None:
        raise Http404("No such portfolio")
    return found


def _own_transaction(request: HttpRequest, pk: int, deleted: bool) -> Transaction:
    rows = Transaction.objects.owned_by(request.user).select_related(*NAMED)
    return get_object_or_404(rows if deleted else rows.kept(), pk=pk)


def _about(find: Callable[[HttpRequest, int], object], methods: tuple[str, ...]) -> Callable[[View], View]:
    """404 comes before 405: a stranger does not learn which numbers are taken."""
    allowed = (*methods, "HEAD") if "GET" in methods else methods

    def decorate(view: View) -> View:
        @wraps(view)
        def door(request: HttpRequest, pk: int, **named: str) -> HttpResponse:
            row = find(request, pk)
            if request.method not in allowed:
                return HttpResponseNotAllowed(allowed)
            return view(request, row, **named)

        return door

    return decorate
