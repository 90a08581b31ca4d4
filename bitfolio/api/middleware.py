"""What stands around the API, outside of Django's own middleware."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

from bitfolio.api.errors import refusal

API = "/api/"
HEALTH = f"{API}health"
METRICS = "/metrics"
PLAIN = "Ask by https: nothing is answered to plain requests. Revoke a token that was sent by one."
CAUSES = ["Accept-Encoding", "Authorization", "Cookie"]  # what an answer of the API depends on


class ApiMiddleware:
    """Whatever refuses under /api/, be it Django itself, answers in JSON. Nothing there is kept by a cache.

    Answers to access tokens are compressed: no foreign page can make a browser ask with one, so their length
    tells nobody anything (BREACH). Answers to sessions are not.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.gzip = GZipMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not _is_of_api(request):
            return response
        is_json = response.get("Content-Type", "").startswith("application/json")
        if response.status_code >= 400 and not is_json:
            response = _in_json(response)
        patch_vary_headers(response, CAUSES)
        response.headers.setdefault("Cache-Control", "private, no-store")
        if "Authorization" not in request.headers:
            return response
        return self.gzip.process_response(request, response)


class PlainRequestsMiddleware:
    """Where HTTPS is asked for, a plain request to the API, or for metrics, is refused and not redirected: a
    program that is led on in silence goes on sending its token in the clear.

    The health check is let pass: who looks after a server asks it beside the proxy, and it is no secret.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info.rstrip("/")
        shows_a_token = (_is_of_api(request) and path != HEALTH) or path == METRICS
        if settings.SECURE_SSL_REDIRECT and shows_a_token and not request.is_secure():
            return refusal(403, PLAIN)
        return self.get_response(request)


def _is_of_api(request: HttpRequest) -> bool:
    return f"{request.path_info}/".startswith(API)


def _in_json(response: HttpResponse) -> HttpResponse:
    """The same refusal without its page."""
    kept = {name: response[name] for name in ("Allow", "Retry-After") if name in response}
    return refusal(response.status_code, headers=kept)
