"""Answers for what goes wrong beneath a view, so that a person reads what happened and nothing is a 500."""

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.gzip import GZipMiddleware
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.views.defaults import page_not_found

from portfolios.models import Portfolio, Transaction

RETRY_AFTER = 5  # seconds
API = "/api/"
CAUSES = ["Accept-Encoding", "Authorization", "Cookie"]  # what an answer of the API depends on


class ApiMiddleware:
    """Whatever refuses under /api/, be it Django itself, answers in JSON. Nothing there is kept by a cache.

    Answers to access tokens are compressed: no foreign page can make a browser ask with one, so their length
    tells nobody anything (BREACH). Answers to sessions are not.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self.gzip = GZipMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not f"{request.path_info}/".startswith(API):
            return response
        if response.status_code >= 400 and not response.headers["Content-Type"].startswith(
            "application/json"
        ):
            response = _in_json(response)
        patch_vary_headers(response, CAUSES)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return (
            self.gzip.process_response(request, response) if "Authorization" in request.headers else response
        )


def _in_json(response: HttpResponse) -> HttpResponse:
    """The same refusal without its page."""
    said = {"detail": f"{response.reason_phrase}.", "errors": {}}
    kept = {name: response[name] for name in ("Allow", "Retry-After") if name in response}
    return JsonResponse(said, status=response.status_code, headers=kept)


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
