"""A number for each request: in every log line that belongs to it, in the answer, on the page of an error."""

import logging
import re
from collections.abc import Callable
from time import monotonic
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from structlog.contextvars import bound_contextvars

logger = logging.getLogger(__name__)

HEADER = "X-Request-ID"
GIVEN = re.compile(r"[A-Za-z0-9-]{8,64}")  # what a proxy may have called it; anything else is not repeated


class RequestLogMiddleware:
    """Stands first. LOG_REQUESTS: a line for each answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        number = given if GIVEN.fullmatch(given) else uuid4().hex
        started = monotonic()
        request.number = number  # for what is logged once this has ended
        with bound_contextvars(request_id=number):
            response = self.get_response(request)
            if settings.LOG_REQUESTS:
                _log(request, response, round((monotonic() - started) * 1000))
        response.headers[HEADER] = number
        return response


def _log(request: HttpRequest, response: HttpResponse, milliseconds: int) -> None:
    """The route in place of the address: no word that somebody typed, no number of a row."""
    route = request.resolver_match.route if request.resolver_match else ""
    fields = {
        "method": request.method,
        "route": f"/{route}",
        "status": response.status_code,
        "milliseconds": milliseconds,
    }
    logger.info("request", extra={"fields": fields})
