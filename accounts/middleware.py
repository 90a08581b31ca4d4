"""Pages of a signed-in person: out of caches, in their time zone, and back to sign-in when that expired."""

from collections.abc import Callable
from datetime import UTC, tzinfo
from urllib.parse import urlencode
from zoneinfo import ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect


class PersonalPagesMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/api/"):  # UTC, and no word about a person before it is asked who
            return self.get_response(request)
        with timezone.override(_zone(request)):
            response = _whole_page_login(request, self.get_response(request))
        patch_vary_headers(response, ["HX-Request", "Cookie"])
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


def _zone(request: HttpRequest) -> tzinfo:
    """The user's zone; UTC for visitors, and for a zone that this server's tables no longer know."""
    try:
        return request.user.zone if request.user.is_authenticated else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def _whole_page_login(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Where htmx meets the login redirect, send the whole page there: its form does not fit a fragment."""
    login = resolve_url(settings.LOGIN_URL)
    if not request.htmx or response.status_code != 302 or not response.headers["Location"].startswith(login):
        return response
    return HttpResponseClientRedirect(f"{login}?{urlencode({'next': _page_of(request)})}")


def _page_of(request: HttpRequest) -> str:
    """Path of the page that htmx asked from; "/" if it is not of this site, or no address at all."""
    try:
        return request.htmx.current_url_abs_path or "/"
    except ValueError:
        return "/"
