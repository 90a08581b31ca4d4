"""Who is signed in, and where; their pages out of caches, in their zone, and back to sign-in at its end."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, tzinfo
from urllib.parse import urlencode
from zoneinfo import ZoneInfoNotFoundError

from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject
from django_htmx.http import HttpResponseClientRedirect

from accounts import services
from accounts.devices import told_by
from accounts.models import SignIn

SIGN_IN = "sign_in"  # in the session: the number of its row


class SignInMiddleware:
    """Each signed-in session has a row that its owner sees and can end: without the row it is signed out.

    It stands here and not in the sign-in page, so that no door (the admin's, registration) can forget it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.sign_in = None
        request.user = SimpleLazyObject(lambda: _user(request))  # type: ignore[assignment]
        response = self.get_response(request)
        if request.session.accessed and response.status_code < 500:  # or the session is not stored either
            with suppress(OperationalError):  # what can't be noted now is noted with the next page
                _keep_sign_in(request)
        return response


def _user(request: HttpRequest) -> AbstractBaseUser | AnonymousUser:
    """Asked for when somebody wants to know, so that who doesn't (the health check) needs no database."""
    try:
        if number := request.session.get(SIGN_IN):
            request.sign_in = SignIn.objects.not_idle(timezone.now()).filter(pk=number).first()
            if request.sign_in is None:  # ended from elsewhere, or left alone for too long
                return _signed_out(request)
        return get_user(request)
    except (TypeError, ValueError, OverflowError, ValidationError):  # no session of ours says that
        return _signed_out(request)


def _signed_out(request: HttpRequest) -> AnonymousUser:
    request.sign_in = None
    request.session.flush()
    return AnonymousUser()


def _keep_sign_in(request: HttpRequest) -> None:
    """After the view: a new sign-in gets its row, one that goes on is seen, one that ended loses it."""
    user, session, now = str(request.user.pk), request.session, timezone.now()
    known, number = request.sign_in, session.get(SIGN_IN)
    if known and number != known.pk:  # signed out, or as somebody else
        services.note_sign_out(sign_in=known)
        known = None
    if session.get(SESSION_KEY) != user:  # nobody, or a token speaks for somebody
        return
    if known:
        services.note_seen(sign_in=known, stamp=request.user.stamp, now=now)
    elif number is None:
        made = services.note_sign_in(user=request.user, device=told_by(request.headers), now=now)
        session[SIGN_IN] = made.pk


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
