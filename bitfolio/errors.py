"""The pages for what goes wrong: each stands alone, asks no database, and offers one way on. Only the 404 of
who is signed in has the frame of every page.

Programs that ask below /api/ read the same in the API's own form.
"""

import logging
import sys

from django.conf import settings
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from bitfolio.api.errors import MAY_BE_DONE, SAID, refusal
from bitfolio.away import AWAY, is_full, may_be_saved, note, retry_after
from operations.logs import request_id
from portfolios.models import Portfolio, Transaction
from portfolios.views.unsent import kept_from_out_of_date

logger = logging.getLogger(__name__)
BEYOND = (OverflowError, ValueError, DataError)  # years past 9999, numbers past 64 bits
NO_PATTERN = "user-defined function raised exception"  # by what SQLite compares with a regular expression


def page(request: HttpRequest, status: int, *, template: str = "", **context: object) -> HttpResponse:
    """The answer of that status: a page, or JSON for programs."""
    if request.path_info.startswith("/api/"):
        reference = f" Reference: {context['reference']}." if "reference" in context else ""
        said = MAY_BE_DONE if context.get("is_open") else SAID[status]
        return refusal(status, said + reference)
    try:
        text = render_to_string(template or f"{status}.html", {"DEMO": settings.DEMO, **context})
    except ValueError:  # no static files were collected: an error still has an answer, in plain words
        return HttpResponse(SAID[status], status=status, content_type="text/plain; charset=utf-8")
    return HttpResponse(text, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django calls it a bad request, too, when the database goes away while the session is saved."""
    beneath: BaseException | None = exception if isinstance(exception, SessionInterrupted) else None
    while beneath is not None and not isinstance(beneath, AWAY):
        beneath = beneath.__context__
    return calm(request, beneath) or page(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    return page(request, 403)


def not_from_our_page(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """A change without a valid CSRF token is not made; what was typed into a form of ours is kept."""
    return kept_from_out_of_date(request) or page(request, 403, template="403_csrf.html")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Who is signed in stays within the frame of their pages, unless the database can't tell it."""
    user = getattr(request, "user", None)  # middleware may have refused before anybody was known
    try:
        if user and user.is_authenticated and not request.path_info.startswith("/api/"):
            return render(request, "not_found.html", status=404)
    except (*AWAY, ValueError):  # no database, or no static files: what stands alone is left
        logger.warning("a page that was not found stands alone", exc_info=True)
    return page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """The last resort, for what middleware raises too: calm where the cause is known, else with a reference
    by which the log tells what happened: the number of the request.
    """
    exception = sys.exception() if sys.version_info >= (3, 12) else sys.exc_info()[1]
    known = calm(request, exception)
    if known is not None:
        return known
    reference = request_id()
    logger.error("reference %s: %s %r", reference, request.method, request.path[:200], exc_info=exception)
    return page(request, 500, reference=reference)


def calm(request: HttpRequest, exception: BaseException | None) -> HttpResponse | None:
    """A row that somebody deleted meanwhile is not found; a database that is busy, full or away is a 503.
    What a list of the administration is asked for, and no calendar or database can say, is a bad request.
    """
    is_beyond = isinstance(exception, BEYOND) or NO_PATTERN in str(exception)
    if is_beyond and _is_a_filtered_list(request):
        return page(request, 400)
    if isinstance(exception, Portfolio.DoesNotExist | Transaction.DoesNotExist):
        return not_found(request)
    if isinstance(exception, AWAY):
        return _away(request, exception)
    return None


def _is_a_filtered_list(request: HttpRequest) -> bool:
    """Django hands every lookup of an address there to the database, and finds out late what it asks for."""
    match = request.resolver_match
    is_list = match and match.namespace == "admin" and str(match.url_name).endswith("_changelist")
    return bool(is_list and request.GET and request.method in {"GET", "HEAD"})


def _away(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Whether a change was saved is not known once the view has answered, or where the connection broke."""
    note(exception)
    is_open = request.method == "POST" and getattr(request, "was_answered", False)
    is_open = is_open or may_be_saved(request, exception)
    response = page(request, 503, is_full=is_full(exception), is_open=is_open, reference=request_id())
    response["Retry-After"] = retry_after(exception)
    return response
