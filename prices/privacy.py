"""Hide-amounts mode: the cookie `private=1` makes the server leave personal amounts out of the page.

The money filters cannot see the request, so the middleware leaves them word in a context variable.
"""

from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

COOKIE = "private"
amounts_hidden: ContextVar[bool] = ContextVar("amounts_hidden", default=False)


class PrivacyMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = amounts_hidden.set(request.COOKIES.get(COOKIE) == "1")
        try:
            return self.get_response(request)
        finally:
            amounts_hidden.reset(token)
