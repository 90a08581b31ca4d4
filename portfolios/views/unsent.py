"""What was typed into a transaction's form when its session had ended: kept until its author is back.

It lies in the session of whoever stands at the browser, never in the browser itself, and says whose it is by
the signed mark that the form carried: without that nothing is kept, and nobody else gets it. It is shown
once, on the page that it was typed on, within the hour.

So it is where the form's CSRF token is no longer that of the browser (its cookie went with the session, or
somebody signed in meanwhile in another tab), if the browser says that it was sent from a page of ours.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import Resolver404, resolve
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from portfolios.forms import TransactionForm, author_of

UNSENT = "unsent_form"  # its name in the session
LONGEST = 8_000  # characters of all that was typed; an honest form has less than half of that
KEPT_FOR = timedelta(hours=1)
FORMS = {"transaction-new", "transaction-edit"}
SAID = "You were signed out. Sign in, and the form comes back as you left it."
View = Callable[..., HttpResponse]


def keeps_what_was_typed(view: View) -> View:
    """To whoever is signed out answer with sign-in, and keep what they sent; to others as the view does."""

    @wraps(view)
    def door(request: HttpRequest, *args: object, **named: object) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **named)
        if request.method != "POST":
            return redirect_to_login(request.get_full_path())
        if _keep(request):
            messages.info(request, SAID)
        return _to_sign_in(request)

    return cast(View, login_not_required(door))


def kept_from_out_of_date(request: HttpRequest) -> HttpResponse | None:
    """The answer to a form whose CSRF token failed: the way back to it, once it is kept. None where it may
    not be kept: that it was sent by another site, or in another's name, can't be ruled out.
    """
    if request.method != "POST" or not _is_from_here(request):
        return None
    if not request.user.is_authenticated:
        if not _keep(request):
            return None
        messages.info(request, SAID)
        return _to_sign_in(request)
    is_their_own = author_of(request.POST.get("author", "")) == request.user.pk
    if not is_their_own or not _has_form(request.path) or not _keep(request):
        return None
    page = request.get_full_path()
    return HttpResponseClientRedirect(page) if request.htmx else redirect(page)


def _is_from_here(request: HttpRequest) -> bool:
    """A browser says in `Origin` which site's page sends a form, and lets no page say otherwise."""
    ours = f"{request.scheme}://{request.get_host()}"
    return request.headers.get("Origin") in {ours, *settings.CSRF_TRUSTED_ORIGINS}


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    page = _page_of(request)
    if request.htmx:
        login = resolve_url(settings.LOGIN_URL)
        return HttpResponseClientRedirect(f"{login}?{urlencode({'next': page})}")
    return redirect_to_login(page)


def typed_before(request: HttpRequest) -> dict[str, str] | None:
    """What the user had typed into the form of this page when their session ended; told once."""
    kept = request.session.get(UNSENT)
    if kept is None:
        return None
    age = timezone.now() - datetime.fromisoformat(kept["at"])
    is_theirs = kept["author"] == request.user.pk and age <= KEPT_FOR
    if is_theirs and kept["path"] != request.path:
        return None  # it waits for its own page
    del request.session[UNSENT]
    return dict(kept["typed"]) if is_theirs else None


def _keep(request: HttpRequest) -> bool:
    path = urlsplit(_page_of(request)).path
    author = author_of(request.POST.get("author", ""))
    names = [name for name in TransactionForm.base_fields if name in request.POST]
    typed = {name: request.POST[name] for name in names}
    if author is None or not _has_form(path) or sum(map(len, typed.values())) > LONGEST:
        return False
    at = timezone.now().isoformat()
    request.session[UNSENT] = {"author": author, "path": path, "at": at, "typed": typed}
    return True


def _page_of(request: HttpRequest) -> str:
    """The page of the form: where it is sent to, unless only its preview was asked for."""
    if _has_form(request.path):
        return request.get_full_path()
    try:
        return request.htmx.current_url_abs_path or "/"
    except ValueError:  # no address at all
        return "/"


def _has_form(path: str) -> bool:
    try:
        return resolve(path).url_name in FORMS
    except Resolver404:
        return False
