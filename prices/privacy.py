"""Hide-amounts mode: the server leaves personal amounts out of the page.

The cookie says so for this device, `private=1` or `0`; where it says nothing, the account does.

The money filters cannot see the request, so the middleware leaves them word in a context variable.
"""

from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

COOKIE = "private"
DOTS = "•••••"  # what stands in place of an amount
amounts_hidden: ContextVar[bool] = ContextVar("amounts_hidden", default=False)


class PrivacyMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = amounts_hidden.set(_wanted(request))
        try:
            return self.get_response(request)
        finally:
            amounts_hidden.reset(token)


def _wanted(request: HttpRequest) -> bool:
    """The API hides nothing, and asks for nobody here."""
    if request.path_info.startswith("/api/"):
        return False
    said = request.COOKIES.get(COOKIE)
    return said == "1" if said in {"0", "1"} else getattr(request.user, "hides_amounts", False)
