"""Answers for what goes wrong beneath a view, so that a person reads what happened and nothing is a 500."""

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import page_not_found

from portfolios.models import Portfolio, Transaction

RETRY_AFTER = 5  # seconds


class CalmAnswersMiddleware:
    """A row that somebody deleted in the meantime is not found; a database that is busy or away is a 503."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Portfolio.DoesNotExist | Transaction.DoesNotExist):
            return page_not_found(request, Http404("It was deleted meanwhile"))
        if isinstance(exception, OperationalError | InterfaceError):
            body = render_to_string("503.html")
            return HttpResponse(body, status=503, headers={"Retry-After": str(RETRY_AFTER)})
        return None
