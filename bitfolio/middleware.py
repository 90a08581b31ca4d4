"""What stands around every view: headers on every answer, readable requests, answers in place of 500."""

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware

from bitfolio import errors

Answer = Callable[[HttpRequest], HttpResponse]
TEXT = {"utf-8", "utf8"}  # what a request may be written in
LENGTH = re.compile(r"[0-9]{0,20}")  # of a body; empty is how some servers say that there is none


class HeadersMiddleware:
    """The outermost, so that an answer which any other middleware refuses with has these too."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in settings.SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        return response


class SmallPagesMiddleware(GZipMiddleware):
    """Pages and their fragments travel compressed; the API and WhiteNoise see to their own.

    The length of a page tells nobody its secrets (BREACH): a token against forged requests is masked anew in
    each, the session's cookie does not come with requests that another site makes, and Django adds up to 100
    random bytes.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if not response.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)


class SoundRequestsMiddleware:
    """Text arrives as UTF-8. Other codecs can be no text at all (hex), or hide in plain letters what no
    database takes (utf-7): 415 before anything is read. A length that is no number is a 400: whoever reads
    the body would trip over it. A cookie with a NUL is none of ours.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        for name in [name for name, value in request.COOKIES.items() if "\x00" in value]:
            del request.COOKIES[name]
        if not LENGTH.fullmatch(request.META.get("CONTENT_LENGTH") or ""):
            return errors.page(request, 400)
        said = request.content_params.get("charset", "utf-8")
        if str(said).strip().lower() in TEXT:
            return self.get_response(request)
        return errors.page(request, 415)


class CalmAnswersMiddleware:
    """The innermost: what a view raises is answered here if its cause is known, else by `server_error`."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        request.was_answered = response.status_code < 500
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return errors.calm(request, exception)
