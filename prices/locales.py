"""How the reader writes numbers and dates: by a locale of the CLDR, as Babel knows them.

The filters cannot see the request, so the middleware leaves them word in a context variable. The site's own
way, "en", is what programs, mails and visitors get: 1,234.56 and 5 Nov 2025 and 14:30.
"""

from collections.abc import Callable
from contextvars import ContextVar
from functools import cache

from babel import Locale, UnknownLocaleError
from django.http import HttpRequest, HttpResponse

OWN = "en"
_chosen: ContextVar[str] = ContextVar("locale", default=OWN)


class LocaleMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _chosen.set(_wanted(request))
        try:
            return self.get_response(request)
        finally:
            _chosen.reset(token)


def _wanted(request: HttpRequest) -> str:
    """The API writes one way for all, and asks for nobody here."""
    return OWN if request.path_info.startswith("/api/") else getattr(request.user, "locale", OWN)


def locale() -> Locale:
    """The locale of whoever reads."""
    return parsed(_chosen.get())


def is_own() -> bool:
    """Whether dates are written the site's own way."""
    return _chosen.get() == OWN


@cache
def parsed(name: str) -> Locale:
    """The locale of that name; the site's own for one that Babel no longer knows."""
    try:
        return Locale.parse(name, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(OWN)


def decimal_sign() -> str:
    """ "." or ",": what stands before decimals."""
    return str(locale().number_symbols["latn"]["decimal"])
